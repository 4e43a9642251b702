"""Records of payments a terminal approved alone: who bears what, and what cannot be true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.card import Part
from backend.domain.payment import Amounts, Outcome, OutcomeWord
from backend.tables.card import CardRow
from backend.tables.cardholder import TallyRow
from backend.tables.terminal import TerminalRow
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from campus_code import CardState, CredentialKind, Refusal
from tests.rig.campus import NOON, STAFF, Campus
from tests.rig.listening import RememberingBus
from tests.rig.raw_books import RISK, SUSPENSE, RawBooks, read_books

DAY = 86_400
OFFICE = Actor(Audience.STAFF, 3, "office", role=Role.CARD_OFFICE)


async def _frozen(holder: int, state: CardState, at: int) -> None:
    await CardRow.filter(holder_id=holder).update(state=state, frozen_at=at)


def _borne(books: RawBooks) -> list[tuple[int, int, str]]:
    """(account, fen, reason) of every open item."""
    return [(row[1], row[2], row[3]) for row in books.items if not row[4]]


def _said(outcome: Outcome) -> tuple[OutcomeWord, Refusal | None]:
    return outcome.word, outcome.reason


async def _set_aside(campus: Campus, url: str, outcome: Outcome, reason: str) -> None:
    """Nothing was posted; the record lies in quarantine for this reason."""
    assert outcome.word is OutcomeWord.CONFLICT
    assert outcome.evidence == {"quarantine": reason}
    books = read_books(url)
    assert (books.payments, [row[2] for row in books.quarantine]) == ([], [reason])


async def test_a_right_record_is_paid_by_the_holder(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    (outcome,) = await audited.post(audited.record(till, holder, 1250))
    assert _said(outcome) == (OutcomeWord.POSTED, None)
    assert await audited.balance(holder) == 8750
    assert _borne(read_books(migrated_url)) == []


@pytest.mark.parametrize("fault", [Refusal.WRONG_CODE, Refusal.EXPIRED, Refusal.UNREADABLE])
async def test_a_forged_credential_is_borne_by_the_school(
    audited: Campus, migrated_url: str, fault: Refusal
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    (outcome,) = await audited.post(audited.record(till, holder, 1250, fault=fault))
    assert _said(outcome) == (OutcomeWord.SUSPENSE, fault)
    books = read_books(migrated_url)
    assert _borne(books) == [(RISK, 1250, fault.value)]
    assert books.payments[0][3] is None  # a forged code does not use up the true one
    assert await audited.balance(holder) == 10_000


async def test_a_forgery_leaves_the_true_code_to_its_holder(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    outcomes = await audited.post(
        audited.record(till, holder, 1250, fault=Refusal.WRONG_CODE),
        audited.record(till, holder, 700),
    )
    assert [one.word for one in outcomes] == [OutcomeWord.SUSPENSE, OutcomeWord.POSTED]
    assert await audited.balance(holder) == 9300


@pytest.mark.parametrize("is_one_set", [True, False])
async def test_a_code_used_twice_is_charged_once(
    audited: Campus, migrated_url: str, *, is_one_set: bool
) -> None:
    one, other = await audited.terminal(), await audited.terminal("Rice")
    holder = await audited.holder()
    first, second = audited.record(one, holder, 800), audited.record(other, holder, 900)
    if is_one_set:
        paid, twice = await audited.post(first, second)
    else:
        (paid,) = await audited.post(first)
        (twice,) = await audited.post(second)
    assert _said(paid) == (OutcomeWord.POSTED, None)
    assert _said(twice) == (OutcomeWord.DISPUTED, Refusal.ALREADY_USED)
    books = read_books(migrated_url)
    assert _borne(books) == [(RISK, 900, "already_used")]
    assert books.disputes == [(twice.payment_id, paid.payment_id, "already_used")]
    assert await audited.balance(holder) == 9200


async def test_a_code_paid_online_is_not_charged_again_offline(audited: Campus) -> None:
    one, other, holder = await audited.terminal(), await audited.terminal(), await audited.holder()
    await audited.post(audited.tap(one, holder, 800))
    (twice,) = await audited.post(audited.record(other, holder, 900))
    (online,) = await audited.post(audited.tap(one, holder, 100))
    assert _said(twice) == (OutcomeWord.DISPUTED, Refusal.ALREADY_USED)
    assert _said(online) == (OutcomeWord.DECLINED, Refusal.ALREADY_USED)
    assert await audited.balance(holder) == 9200


async def test_an_emergency_code_pays_once_a_day(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()

    def emergency(step: int, fen: int) -> tuple[object, ...]:
        return (
            audited.tap(till, holder, fen, credential=CredentialKind.EMERGENCY, step=step),
            audited.record(till, holder, fen, credential=CredentialKind.EMERGENCY, step=step),
        )

    online, late = emergency(20260101, 500)
    tomorrow, _ = emergency(20260102, 500)
    outcomes = await audited.post(online, late, tomorrow)  # type: ignore[arg-type]
    again, _ = emergency(20260101, 500)
    outcomes += await audited.post(again)  # type: ignore[arg-type]
    assert [_said(one) for one in outcomes] == [
        (OutcomeWord.POSTED, None),
        (OutcomeWord.DISPUTED, Refusal.EMERGENCY_USED),
        (OutcomeWord.POSTED, None),
        (OutcomeWord.DECLINED, Refusal.EMERGENCY_USED),
    ]
    assert await audited.balance(holder) == 9000


async def test_an_emergency_payment_has_a_limit_of_its_own(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    kind = CredentialKind.EMERGENCY
    outcomes = await audited.post(
        audited.tap(till, holder, 1501, credential=kind, step=20260101),
        audited.tap(till, holder, 1500, credential=kind, step=20260101),
    )
    assert [one.reason for one in outcomes] == [Refusal.SINGLE_LIMIT, None]


async def test_a_closed_card_waits_in_suspense(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await _frozen(holder, CardState.CLOSED, NOON + 100)
    (outcome,) = await audited.post(audited.record(till, holder, 1250))
    assert _said(outcome) == (OutcomeWord.SUSPENSE, Refusal.CLOSED)
    assert _borne(read_books(migrated_url)) == [(SUSPENSE, 1250, "closed")]
    assert await audited.balance(holder) == 10_000


@pytest.mark.parametrize("state", [CardState.FROZEN, CardState.LOST])
@pytest.mark.parametrize("seconds, is_holders", [(-1, True), (0, False), (1, False)])
async def test_after_the_freeze_the_loss_is_the_schools(
    audited: Campus, migrated_url: str, state: CardState, seconds: int, *, is_holders: bool
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await _frozen(holder, state, NOON - 60)
    (outcome,) = await audited.post(audited.record(till, holder, 1250, at=NOON - 60 + seconds))
    reason = Refusal.LOST if state is CardState.LOST else Refusal.FROZEN
    if is_holders:
        assert _said(outcome) == (OutcomeWord.POSTED, None)
    else:
        assert _said(outcome) == (OutcomeWord.SUSPENSE, reason)
        assert _borne(read_books(migrated_url)) == [(RISK, 1250, reason.value)]
    assert await audited.balance(holder) == (8750 if is_holders else 10_000)


@pytest.mark.parametrize(
    "seconds, is_holders", [(-1, True), (0, False), (99, False), (100, True), (150, True)]
)
async def test_a_loss_while_it_was_frozen_stays_the_schools(
    audited: Campus, migrated_url: str, seconds: int, *, is_holders: bool
) -> None:
    """The card was found and lifted before the terminal told of the thief's lunch."""
    till, holder = await audited.terminal(), await audited.holder()
    card, bus = await CardRow.get(holder_id=holder), RememberingBus()
    for begins, ends in ((NOON - 900, NOON - 800), (NOON - 500, NOON - 400)):
        await freeze_card(card.id, frozenset(Part), actor=OFFICE, at=begins, bus=bus)
        await lift_freeze(card.id, actor=OFFICE, at=ends, bus=bus)
    (outcome,) = await audited.post(audited.record(till, holder, 1250, at=NOON - 900 + seconds))
    if not is_holders:
        assert _said(outcome) == (OutcomeWord.SUSPENSE, Refusal.FROZEN)
        assert _borne(read_books(migrated_url)) == [(RISK, 1250, "frozen")]
    assert await audited.balance(holder) == (8750 if is_holders else 10_000)


@pytest.mark.parametrize("seconds, is_holders", [(-1, True), (0, False)])
async def test_the_old_phone_pays_up_to_the_new_one(
    audited: Campus, migrated_url: str, seconds: int, *, is_holders: bool
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await CardRow.filter(holder_id=holder).update(issue=2, issue_raised_at=NOON - 60)
    old = audited.record(till, holder, 1250, issue=1, at=NOON - 60 + seconds)
    (outcome,) = await audited.post(old)
    if is_holders:
        assert _said(outcome) == (OutcomeWord.POSTED, None)
    else:
        assert _said(outcome) == (OutcomeWord.SUSPENSE, Refusal.REPLACED_CREDENTIAL)
        assert _borne(read_books(migrated_url)) == [(RISK, 1250, "replaced_credential")]
    (new,) = await audited.post(audited.record(till, holder, 100, issue=2))
    assert new.word is OutcomeWord.POSTED


async def test_an_old_issue_is_refused_online(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await CardRow.filter(holder_id=holder).update(issue=2, issue_raised_at=NOON + 60)
    (outcome,) = await audited.post(audited.tap(till, holder, 100))
    assert _said(outcome) == (OutcomeWord.DECLINED, Refusal.REPLACED_CREDENTIAL)


async def test_an_unknown_card_is_borne_by_the_school(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    record = audited.record(till, holder, 1250, card_number="00000150")
    online = audited.tap(till, holder, 1250, card_number="00000150")
    outcomes = await audited.post(record, online)
    assert [_said(one) for one in outcomes] == [
        (OutcomeWord.SUSPENSE, Refusal.UNKNOWN_CARD),
        (OutcomeWord.DECLINED, Refusal.UNKNOWN_CARD),
    ]
    assert _borne(read_books(migrated_url)) == [(RISK, 1250, "unknown_card")]


async def test_what_the_purses_cannot_cover_waits_in_suspense(
    audited: Campus, migrated_url: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder(500, benefit_fen=300)
    (outcome,) = await audited.post(audited.record(till, holder, 1250))
    assert _said(outcome) == (OutcomeWord.SUSPENSE, Refusal.INSUFFICIENT_FUNDS)
    books = read_books(migrated_url)
    assert _borne(books) == [(SUSPENSE, 450, "insufficient_funds")]
    assert [fen for _, _, fen in books.legs(outcome.payment_id)] == [300, 500, 450]
    assert books.payments[0][3] is not None  # the code has paid
    assert (await audited.balance(holder), await audited.balance(holder, "benefit")) == (0, 0)


async def test_a_staff_fee_goes_to_the_school(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder(class_id=STAFF)
    record = audited.record(till, holder, 0, amounts=Amounts(1000, 0, 100, 1100), class_id=99)
    (outcome,) = await audited.post(record)
    legs = read_books(migrated_url).legs(outcome.payment_id)
    assert [(target, fen) for _, target, fen in legs[-1:]] == [(7, 100)]


@pytest.mark.parametrize(
    "at, reason",
    [
        (NOON + 301, "from_the_future"),
        (NOON + 300, ""),
        (NOON - 60 * DAY, ""),
        (NOON - 60 * DAY - 1, "too_old"),
    ],
)
async def test_a_record_from_another_time_is_set_aside(
    audited: Campus, migrated_url: str, at: int, reason: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    on = int(datetime.fromtimestamp(at + 8 * 3600, UTC).strftime("%Y%m%d"))
    (outcome,) = await audited.post(audited.record(till, holder, 1250, at=at, business_on=on))
    if reason:
        await _set_aside(audited, migrated_url, outcome, reason)
    else:
        assert outcome.word is OutcomeWord.POSTED


@pytest.mark.parametrize("business_on", [20251230, 20260103, 0, 99991231, 20261301])
async def test_a_record_of_another_day_is_set_aside(
    audited: Campus, migrated_url: str, business_on: int
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    (outcome,) = await audited.post(audited.record(till, holder, 100, business_on=business_on))
    await _set_aside(audited, migrated_url, outcome, "wrong_day")


async def test_a_day_may_begin_elsewhere_under_other_rules(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    records = [
        audited.record(till, holder, 100, business_on=on, step=on)
        for on in (20251231, 20260101, 20260102)
    ]
    assert {one.word for one in await audited.post(*records)} == {OutcomeWord.POSTED}


@pytest.mark.parametrize("period", ["x'); DROP TABLE payment; --", "午餐", "a" * 17, "a,b", "a;b"])
async def test_a_period_that_is_no_word_is_set_aside(
    audited: Campus, migrated_url: str, period: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    (outcome,) = await audited.post(audited.record(till, holder, 100, period_id=period))
    await _set_aside(audited, migrated_url, outcome, "unknown_period")


@pytest.mark.parametrize(
    "amounts, reason",
    [
        (Amounts(10_001, 0, 0, 10_001), "amount_out_of_range"),
        (Amounts(1, -1_000_000, 0, 1_000_001), "amount_out_of_range"),
        (Amounts(10_000, -30_001, 0, 40_001), "amount_out_of_range"),
        (Amounts(100, 150, 100, 50), "fee_out_of_range"),
    ],
)
async def test_an_amount_no_window_takes_is_set_aside(
    audited: Campus, migrated_url: str, amounts: Amounts, reason: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder(cash_fen=5_000_000)
    (outcome,) = await audited.post(audited.record(till, holder, 0, amounts=amounts))
    await _set_aside(audited, migrated_url, outcome, reason)


@pytest.mark.parametrize("fen", [0, 10_000])
async def test_the_bounds_of_an_amount_are_inside(audited: Campus, fen: int) -> None:
    till, holder = await audited.terminal(), await audited.holder(20_000)
    (outcome,) = await audited.post(audited.record(till, holder, fen))
    assert (outcome.word, outcome.amounts.charged_fen) == (OutcomeWord.POSTED, fen)
    assert await audited.balance(holder) == 20_000 - fen


async def test_a_revoked_terminal_posts_nothing(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 100, sequence=99)
    await audited.post(tap)
    await TerminalRow.filter(id=till).update(revoked_at=datetime.fromtimestamp(NOON, UTC))
    upload = {"previous_hash": bytes(32), "body": b"x", "sequence": 1}
    undo = audited.undo(till, tap.sequence)
    outcomes = await audited.post(
        audited.tap(till, holder, 100), audited.record(till, holder, 100), undo
    )
    assert {_said(one) for one in outcomes} == {(OutcomeWord.DECLINED, Refusal.TERMINAL_REVOKED)}
    (late,) = await audited.post(audited.record(till, holder, 100, step=5, **upload))
    assert (late.word, late.evidence) == (OutcomeWord.CONFLICT, {"quarantine": "terminal_revoked"})
    assert len(read_books(migrated_url).payments) == 1
    assert await audited.balance(holder) == 9900


async def test_a_repeated_record_gets_the_first_answer(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    record = audited.record(till, holder, 1250)
    first, again = await audited.post(record, record)
    (later,) = await audited.post(record)
    assert [one.word for one in (again, later)] == [OutcomeWord.REPEATED] * 2
    assert {one.payment_id for one in (first, again, later)} == {first.payment_id}
    assert (await TallyRow.get(holder_id=holder)).meal_count == 1
    assert read_books(migrated_url).quarantine == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amounts": Amounts(1251, 0, 0, 1251)},
        {"amounts": Amounts(1250, 10, 10, 1250)},
        {"step": 7},
        {"issue": 2},
        {"card_number": "00000150"},
    ],
)
async def test_same_sequence_other_content_is_a_conflict(
    audited: Campus, migrated_url: str, changes: dict[str, object]
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    record = audited.record(till, holder, 1250)
    (first,) = await audited.post(record)
    other = audited.record(till, holder, 1250, **{"sequence": record.sequence, **changes})
    (outcome,) = await audited.post(other)
    assert outcome.word is OutcomeWord.CONFLICT
    books = read_books(migrated_url)
    assert [row[2] for row in books.quarantine] == ["same_sequence"]
    assert books.payment(till, record.sequence)[0] == first.payment_id
    assert await audited.balance(holder) == 8750


async def test_same_sequence_other_code_is_a_conflict_online(audited: Campus) -> None:
    till, holder, other = await audited.terminal(), await audited.holder(), await audited.holder()
    tap = audited.tap(till, holder, 1250)
    (first,) = await audited.post(tap)
    for whose in (other, holder):
        theirs = audited.tap(till, whose, 1250, sequence=tap.sequence, step=tap.step + 1)
        (outcome,) = await audited.post(theirs)
        assert _said(outcome) == (OutcomeWord.CONFLICT, Refusal.JOURNAL_FAULT)
    (again,) = await audited.post(tap)
    assert (again.word, again.payment_id) == (OutcomeWord.REPEATED, first.payment_id)
    assert (await audited.balance(holder), await audited.balance(other)) == (8750, 10_000)


async def test_same_sequence_other_price_is_a_conflict_online(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 1250)
    (first,) = await audited.post(tap)
    (outcome,) = await audited.post(tap._replace(asked_fen=1350))
    assert _said(outcome) == (OutcomeWord.CONFLICT, Refusal.JOURNAL_FAULT)
    (again,) = await audited.post(tap)
    assert (again.word, again.payment_id) == (OutcomeWord.REPEATED, first.payment_id)
    assert await audited.balance(holder) == 8750


async def test_an_approval_and_its_own_record_are_one_payment(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 1250)
    (online,) = await audited.post(tap)
    record = audited.record(till, holder, 1250, sequence=tap.sequence, was_offline=False)
    (told,) = await audited.post(record)
    assert (told.word, told.payment_id) == (OutcomeWord.REPEATED, online.payment_id)
    assert await audited.balance(holder) == 8750
