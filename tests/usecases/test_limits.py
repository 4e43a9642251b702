"""Guardians' limits where the money is: what they refuse, what counts, and when they end."""

from __future__ import annotations

import asyncio
import os

import pytest
import pytest_asyncio

from backend.domain.access import Actor, Audience, Role
from backend.domain.correction import CorrectionKind
from backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.domain.roster import class_ids_of, read_roster
from backend.tables import holder_limits
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import GuardianshipRow
from backend.tables.holder_limit import HolderLimitRow
from backend.tables.holder_limits import limits_after, limits_of
from backend.tables.staff import AuditRow
from backend.tables.terminal import TerminalRow
from backend.tables.versions import read_versions
from backend.usecases.cardholders.import_roster import ImportOptions, import_roster
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.open_card import open_card
from backend.usecases.cards.replace_card import replace_card
from backend.usecases.cards.report_loss import report_loss
from backend.usecases.guardians.end_guardianship import end_guardianship
from backend.usecases.limits.set_limits import set_limits
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from campus_code import CredentialKind, GroupRules, HolderLimits, Refusal
from tests.rig.campus import NOON, Campus, make_rules
from tests.rig.guardians import Guardian, make_minor, new_guardian
from tests.rig.listening import RememberingBus

OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
ASKER = Actor(Audience.STAFF, 1, "李老师", role=Role.FINANCE)
CHECKER = Actor(Audience.STAFF, 2, "赵老师", role=Role.FINANCE)
DAY = 86_400
SHOPS = {
    group_id: GroupRules(group_id, group_id, group_id, kind=kind, accepts_outside_periods=True)
    for group_id, kind in {
        "canteen": "canteen",
        "shop": "shop",
        "kiosk": "shop",
        "gate": "",
    }.items()
}


class Family:
    """A child, a guardian, and tills of every kind; each tap shows a fresh code."""

    def __init__(self, campus: Campus, child: int, mother: Guardian, tills: dict[str, int]) -> None:
        self.campus, self.child, self.mother, self.tills = campus, child, mother, tills
        self.bus = RememberingBus()
        self._step = 1000

    @property
    def actor(self) -> Actor:
        return guardian_actor(self.mother)

    async def limit(self, limits: HolderLimits) -> None:
        await set_limits(self.child, limits, actor=self.actor, at=NOON, bus=self.bus)

    def tap(self, group_id: str, fen: int, **changes: object) -> Attempt:
        self._step += 1
        return self.campus.tap(self.tills[group_id], self.child, fen, step=self._step, **changes)

    def record(self, group_id: str, fen: int, **changes: object) -> Attempt:
        self._step += 1
        return self.campus.record(self.tills[group_id], self.child, fen, step=self._step, **changes)

    async def pay(self, group_id: str, fen: int, **changes: object) -> str:
        """The word of one tap: posted, or why not."""
        (told,) = await self.campus.post(self.tap(group_id, fen, **changes))
        return word_of(told)


def word_of(told: Outcome) -> str:
    return told.word.value if told.reason is None else told.reason.value


def guardian_actor(guardian: Guardian) -> Actor:
    return Actor(Audience.GUARDIAN, guardian.id, "妈妈")


@pytest_asyncio.fixture
async def family(audited: Campus) -> Family:
    campus = audited
    campus.rules = make_rules(groups=SHOPS)
    tills = {}
    for group_id in SHOPS:
        tills[group_id] = await campus.terminal(f"merchant of {group_id}")
        await TerminalRow.filter(id=tills[group_id]).update(group_id=group_id)
    child = await campus.holder(cash_fen=100_000)
    await make_minor(child)
    return Family(campus, child, await new_guardian("oMother", NOON, child), tills)


async def test_a_day_limit_holds_to_the_fen(family: Family) -> None:
    await family.limit(HolderLimits(day_fen=1000))
    words = [await family.pay("canteen", fen) for fen in (400, 601, 600, 1)]
    assert words == ["posted", "guardian_day_limit", "posted", "guardian_day_limit"]
    assert await family.campus.balance(family.child) == 99_000


async def test_a_kind_is_all_its_groups_and_no_other(family: Family) -> None:
    await family.limit(HolderLimits(kinds={"shop": 500, "canteen": 5000}))
    words = [
        await family.pay(group_id, fen)
        for group_id, fen in (
            ("canteen", 3000), ("shop", 300), ("kiosk", 201), ("kiosk", 200), ("shop", 1),
            ("gate", 5000), ("canteen", 2000), ("canteen", 1),
        )
    ]  # fmt: skip
    over = "guardian_kind_limit"
    assert words == ["posted", "posted", over, "posted", over, "posted", "posted", over]


async def test_what_was_spent_before_the_limit_was_set_counts(family: Family) -> None:
    assert await family.pay("kiosk", 400) == "posted"
    await family.limit(HolderLimits(kinds={"shop": 500}))
    assert await family.pay("shop", 101) == "guardian_kind_limit"
    assert await family.pay("shop", 100) == "posted"


async def test_a_new_day_begins_at_nothing_and_has_a_limit_of_its_own(family: Family) -> None:
    thursday, friday = 3, 4  # NOON is a Thursday
    weekdays = tuple({thursday: 100, friday: 200}.get(place) for place in range(7))
    await family.limit(HolderLimits(1000, weekdays, {"shop": 150}))
    words = [await family.pay("shop", fen) for fen in (101, 100, 1)]
    family.campus.now = NOON + DAY
    words += [await family.pay(*asked) for asked in (("shop", 150), ("shop", 1), ("gate", 51))]
    family.campus.now = NOON + 2 * DAY
    words += [await family.pay("gate", fen) for fen in (1001, 1000)]
    day, kind = "guardian_day_limit", "guardian_kind_limit"
    assert words == [day, "posted", day, "posted", kind, day, day, "posted"]


async def test_in_one_set_the_second_tap_sees_the_first(family: Family) -> None:
    await family.limit(HolderLimits(kinds={"shop": 500}))
    told = await family.campus.post(
        family.tap("shop", 300), family.tap("kiosk", 300), family.tap("shop", 200)
    )
    assert [word_of(one) for one in told] == ["posted", "guardian_kind_limit", "posted"]


async def test_reversed_and_voided_payments_give_the_day_back(family: Family) -> None:
    await family.limit(HolderLimits(kinds={"shop": 500}))
    campus = family.campus
    first = family.tap("shop", 500)
    (paid,) = await campus.post(first)
    assert paid.word is OutcomeWord.POSTED
    told = await campus.post(
        family.tap("kiosk", 1), campus.undo(family.tills["shop"], first.sequence),
        family.tap("kiosk", 500), family.tap("kiosk", 1),
    )  # fmt: skip
    assert [word_of(one) for one in told] == [
        "guardian_kind_limit", "reversed", "posted", "guardian_kind_limit",
    ]  # fmt: skip
    asked = CorrectionAsked("void", told[2].payment_id, CorrectionKind.VOID, 500, "按错了")
    request_id = await ask_correction(asked, ASKER, NOON)
    await approve_correction(campus.ledger, campus.clock, request_id, CHECKER)
    assert [await family.pay("shop", fen) for fen in (501, 500)] == [
        "guardian_kind_limit", "posted",
    ]  # fmt: skip


async def test_what_was_handed_out_is_posted_and_counts(family: Family) -> None:
    await family.limit(HolderLimits(day_fen=500, kinds={"shop": 0}))
    record = family.record("shop", 400)
    (told,) = await family.campus.post(record)
    assert (told.word, told.reason) == (OutcomeWord.POSTED, None)
    assert await family.campus.balance(family.child) == 99_600
    assert await family.pay("canteen", 101) == "guardian_day_limit"
    # the same in one set, and a second look at it changes nothing
    told_again, over, fits = await family.campus.post(
        record, family.tap("canteen", 101), family.tap("canteen", 100)
    )
    assert told_again.word is OutcomeWord.REPEATED
    assert [word_of(one) for one in (over, fits)] == ["guardian_day_limit", "posted"]


async def test_a_record_counts_for_the_taps_after_it_in_its_set(family: Family) -> None:
    await family.limit(HolderLimits(kinds={"shop": 500}))
    told = await family.campus.post(
        family.record("kiosk", 400), family.tap("shop", 101), family.tap("shop", 100)
    )
    assert [word_of(one) for one in told] == ["posted", "guardian_kind_limit", "posted"]


async def test_neither_pin_nor_emergency_code_lifts_it(family: Family) -> None:
    await family.limit(HolderLimits(day_fen=500))
    assert await family.pay("shop", 501, has_pin=True) == "guardian_day_limit"
    emergency = family.tap("shop", 501, credential=CredentialKind.EMERGENCY)
    (told,) = await family.campus.post(emergency._replace(step=20260101))
    assert told.reason is Refusal.GUARDIAN_DAY_LIMIT
    handed_out = family.record("shop", 501, credential=CredentialKind.EMERGENCY)
    (told,) = await family.campus.post(handed_out._replace(step=20260101))
    assert told.word is OutcomeWord.POSTED


async def test_others_are_as_before_and_a_repeat_gets_its_first_answer(family: Family) -> None:
    campus = family.campus
    other = await campus.holder()
    tap = family.tap("shop", 400)
    (first,) = await campus.post(tap)
    await family.limit(HolderLimits(day_fen=0))
    theirs = campus.tap(family.tills["canteen"], other, 700, step=9)
    again, poor, fine = await campus.post(tap, family.tap("canteen", 1), theirs)
    assert (again.word, again.payment_id) == (OutcomeWord.REPEATED, first.payment_id)
    assert poor.reason is Refusal.GUARDIAN_DAY_LIMIT
    assert fine.word is OutcomeWord.POSTED
    frozen = CardRow.filter(holder_id=family.child)
    await frozen.update(state=1)
    assert await family.pay("canteen", 1) == "frozen"


@pytest.mark.parametrize("limits", [HolderLimits(1000), HolderLimits(kinds={"shop": 1000})])
async def test_fifty_taps_at_once_spend_what_is_allowed(
    family: Family, limits: HolderLimits
) -> None:
    await family.limit(limits)
    taps = [family.tap(("shop", "kiosk")[number % 2], 300) for number in range(50)]
    told = await asyncio.gather(*(family.campus.post(tap) for tap in taps))
    words = [word_of(one) for (one,) in told]
    assert words.count("posted") == 3
    assert await family.campus.balance(family.child) == 99_100


async def test_after_it_was_set_nothing_over_it_is_taken(family: Family) -> None:
    is_set = asyncio.Event()
    late: list[str] = []

    async def pay() -> None:
        for _ in range(12):
            was_set = is_set.is_set()
            word = await family.pay("shop", 100)
            if was_set:
                late.append(word)
            await asyncio.sleep(0)

    async def limit() -> None:
        await asyncio.sleep(0.005)
        await family.limit(HolderLimits(kinds={"shop": 0}))
        is_set.set()

    await asyncio.gather(pay(), limit())
    late.append(await family.pay("kiosk", 1))
    assert set(late) == {"guardian_kind_limit"}


async def test_the_last_guardian_counts_and_the_trail_knows_both(family: Family) -> None:
    father = await new_guardian("oFather", NOON, family.child)
    await GuardianshipRow.filter(guardian_id=father.id).update(name="爸爸")
    before = (await read_versions()).limits
    await family.limit(HolderLimits(day_fen=1000))
    await family.limit(HolderLimits(day_fen=1000))  # the same again changes nothing
    view = await set_limits(
        family.child, HolderLimits(day_fen=2000), actor=guardian_actor(father), at=NOON + 5,
        bus=family.bus,
    )  # fmt: skip
    assert (view.limits.day_fen, view.set_by, view.set_at) == (2000, "爸爸", NOON + 5)
    assert (await read_versions()).limits == before + 2
    assert family.bus.heard == [("limits", {"version": before + n}) for n in (1, 2)]
    trail = await AuditRow.filter(verb="guardians.limit").order_by("id")
    assert [(row.actor, row.detail["day_fen"]) for row in trail] == [
        (f"guardian:{family.mother.id}", 1000), (f"guardian:{father.id}", 2000),
    ]  # fmt: skip


async def test_only_a_guardian_of_a_minor_limits(family: Family) -> None:
    stranger = await new_guardian("oStranger", NOON, await family.campus.holder())
    limits = HolderLimits(day_fen=0)
    with pytest.raises(NotFoundError):
        await set_limits(
            family.child, limits, actor=guardian_actor(stranger), at=NOON, bus=family.bus
        )
    await CardholderRow.filter(id=family.child).update(is_adult=True)
    with pytest.raises(ForbiddenError):
        await family.limit(limits)
    assert await HolderLimitRow.all().count() == 0
    assert await family.pay("shop", 1) == "posted"


async def test_limits_end_with_coming_of_age(family: Family) -> None:
    await family.limit(HolderLimits(day_fen=0))
    before = (await read_versions()).limits
    row = await CardholderRow.get(id=family.child)
    for is_adult, word in (("no", "guardian_day_limit"), ("yes", "posted"), ("no", "posted")):
        text = (
            f"number,name,department,class,state,adult\n{row.number},{row.name},,学生,,{is_adult}\n"
        )
        await import_roster(
            read_roster(text.encode(), class_ids_of(family.campus.rules.classes)),
            ImportOptions(), rules=family.campus.rules, actor=OFFICE, at=NOON,
            randomness=os.urandom, bus=family.bus,
        )  # fmt: skip
        assert await family.pay("shop", 1) == word
    assert not (await limits_of(family.child)).limits
    number = family.campus.cards[family.child]
    assert await limits_after(before) == [(number, None)]


async def test_limits_end_with_the_last_guardian(family: Family) -> None:
    father = await new_guardian("oFather", NOON, family.child)
    await family.limit(HolderLimits(day_fen=0))
    await end_guardianship(family.child, family.mother.id, actor=OFFICE, at=NOON)
    view = await limits_of(family.child)
    assert (view.limits.day_fen, view.set_by) == (0, "妈妈")
    assert await family.pay("shop", 1) == "guardian_day_limit"
    await end_guardianship(family.child, father.id, actor=OFFICE, at=NOON)
    assert await family.pay("shop", 1) == "posted"
    assert (await limits_of(family.child)).set_by == ""


async def test_a_new_card_is_limited_and_an_old_one_leaves_the_list(family: Family) -> None:
    limits, campus = HolderLimits(day_fen=100), family.campus
    await family.limit(limits)
    old = await CardRow.get(holder_id=family.child)

    seen = (await read_versions()).limits

    async def told() -> dict[str, HolderLimits | None]:
        nonlocal seen
        before, seen = seen, (await read_versions()).limits
        return dict(await limits_after(before))

    first = await open_card(
        family.child, rules=campus.rules, actor=OFFICE, at=NOON, randomness=os.urandom,
        bus=family.bus,
    )  # fmt: skip
    assert await told() == {old.number: limits, first.number: limits}
    await report_loss(old.id, actor=OFFICE, at=NOON, bus=family.bus)
    second = await replace_card(
        old.id, actor=OFFICE, at=NOON, randomness=os.urandom, bus=family.bus
    )
    assert (await told())[second.number] == limits
    poor = await campus.holder(cash_fen=0)
    await make_minor(poor)
    guardian = await new_guardian("oAunt", NOON, poor)
    await set_limits(poor, limits, actor=guardian_actor(guardian), at=NOON, bus=family.bus)
    card = await CardRow.get(holder_id=poor)
    assert await told() == {card.number: limits}
    await close_card(card.id, actor=OFFICE, at=NOON, bus=family.bus)
    assert await told() == {card.number: None}


async def test_terminals_are_never_given_more_than_they_can_hold(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holder_limits, "LIMITED_HOLDERS_MAX", 1)
    await family.limit(HolderLimits(day_fen=1))
    other = await family.campus.holder()
    await make_minor(other)
    aunt = guardian_actor(await new_guardian("oAunt", NOON, other))
    with pytest.raises(ConflictError):
        await set_limits(other, HolderLimits(day_fen=1), actor=aunt, at=NOON, bus=family.bus)
    await family.limit(HolderLimits(day_fen=2))
    await family.limit(HolderLimits())
    await set_limits(other, HolderLimits(day_fen=1), actor=aunt, at=NOON, bus=family.bus)
