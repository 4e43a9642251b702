"""Meals on the school in the books: who pays, what counts, what comes back, who is told."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.accounts import SchoolAccount, merchant_account
from backend.domain.correction import CorrectionKind
from backend.domain.dispute import DisputeReason, Remedy, remedy_for
from backend.domain.errors import ConflictError
from backend.domain.guardian import Sees
from backend.domain.message import Channel
from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.tables.card import CardRow
from backend.tables.cardholder import TallyRow
from backend.tables.database import DatabaseUrl
from backend.tables.disputes import read_dispute
from backend.tables.ledger import Ledger
from backend.tables.message import OutboxRow
from backend.tables.payment import CorrectionRequestRow, PaymentRow, SuspenseRow
from backend.tables.payment_reads import NATURAL_READS
from backend.tables.rollup import balance_of
from backend.tables.store import make_store
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cardholders.read_spending import read_spending
from backend.usecases.disputes.open_dispute import open_dispute
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.messages.note_entries import note_entries
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from backend.usecases.payments.post_payments import post_payments
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.settlements.settle_day import settle_day
from campus_code import CourtesyRules, CredentialKind, Refusal
from tests.rig.campus import GUEST, NOON, STUDENT, Campus, rules_with
from tests.rig.raw_books import COURTESY, read_books
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.usecases.test_notes import guardian, wants_letters

MAKER, CHECKER = Actor(Audience.STAFF, 1, "maker"), Actor(Audience.STAFF, 2, "checker")
DAY = 86_400
LUNCH_FEN = 1200
TODAY = 20260101


ONCE = rules_with(CourtesyRules(1500, 1, 2))


@pytest.fixture
def giving(audited: Campus) -> Campus:
    """A school that gives a meal of up to 15 yuan, once a day and twice in seven."""
    audited.rules = ONCE
    return audited


def word_of(told: Outcome) -> str:
    return told.word.value if told.reason is None else told.reason.value


class Table:
    """One poor holder at one till; each tap shows a fresh code."""

    def __init__(self, campus: Campus, till: int, holder: int) -> None:
        self.campus, self.till, self.holder = campus, till, holder
        self._step = 1000

    def tap(self, fen: int = LUNCH_FEN, **changes: Any) -> Attempt:
        self._step += 1
        return self.campus.tap(self.till, self.holder, fen, **{"step": self._step, **changes})

    async def pay(self, fen: int = LUNCH_FEN, **changes: Any) -> str:
        (told,) = await self.campus.post(self.tap(fen, **changes))
        return word_of(told)


async def table(campus: Campus, cash_fen: int = 0, class_id: int = STUDENT) -> Table:
    holder = await campus.holder(cash_fen, class_id=class_id)
    return Table(campus, await campus.terminal(), holder)


async def owed(campus: Campus) -> int:
    """What the one merchant has earned, in fen."""
    return await balance_of(merchant_account(1))


async def test_the_merchant_is_owed_in_full_and_the_purse_keeps_what_it_has(
    giving: Campus, migrated_url: str
) -> None:
    at = await table(giving, cash_fen=300)
    tap = at.tap()
    (told,) = await giving.post(tap)
    ordinary = await giving.holder()
    (usual,) = await giving.post(giving.tap(at.till, ordinary, LUNCH_FEN))
    told_usually = usual._replace(sequence=told.sequence, payment_id=told.payment_id)
    assert told == told_usually, "the terminal is told nothing of its own"
    assert await giving.balance(at.holder) == 300
    assert await owed(giving) == 2 * LUNCH_FEN
    assert await balance_of(int(SchoolAccount.COURTESY)) == -LUNCH_FEN
    row = await PaymentRow.get(id=told.payment_id)
    assert (row.borne_fen, row.outcome, row.reason) == (LUNCH_FEN, "posted", "courtesy")
    item = await SuspenseRow.get(id=told.payment_id)
    assert (item.account_id, item.holder_id, item.amount_fen) == (COURTESY, at.holder, LUNCH_FEN)
    tally = await TallyRow.get(holder_id=at.holder)
    assert (tally.meal_count, tally.day_fen) == (1, LUNCH_FEN)
    (again,) = await giving.post(tap)
    assert again == told._replace(word=OutcomeWord.REPEATED)
    assert read_books(migrated_url).legs(told.payment_id) == [
        (COURTESY, merchant_account(1), LUNCH_FEN)
    ]


async def test_the_schools_fee_is_borne_too(audited: Campus, migrated_url: str) -> None:
    audited.rules = rules_with(CourtesyRules(1500), GUEST)
    at = await table(audited, class_id=GUEST)
    (told,) = await audited.post(at.tap(1000))
    assert (told.amounts.charged_fen, await owed(audited)) == (1100, 1000)
    assert read_books(migrated_url).legs(told.payment_id) == [
        (COURTESY, merchant_account(1), 1000),
        (COURTESY, int(SchoolAccount.FEE_INCOME), 100),
    ]


async def test_once_a_day_and_twice_in_seven(giving: Campus) -> None:
    at = await table(giving)
    words = []
    for day in (0, 0, 1, 2, 6, 7, 7, 8):
        giving.now = NOON + day * DAY
        words.append(await at.pay())
    poor = Refusal.INSUFFICIENT_FUNDS.value
    assert words == ["posted", poor, "posted", poor, poor, "posted", poor, "posted"]


async def test_by_default_nobody_is_given_anything(audited: Campus) -> None:
    at = await table(audited)
    assert await at.pay() == Refusal.INSUFFICIENT_FUNDS.value
    assert await PaymentRow.all().count() == 0


async def test_by_default_no_read_is_added(
    audited: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, post = await table(audited), audited.ledger.post
    reads: list[str] = []

    async def counted(first: Any, decide: Any) -> Any:
        def told(rows: Any, ids: Any) -> Any:
            answer = decide(rows, ids)
            reads.extend(getattr(answer, "reads", ()))
            return answer

        return await post(first, told)

    monkeypatch.setattr(audited.ledger, "post", counted)
    assert await at.pay() == Refusal.INSUFFICIENT_FUNDS.value
    assert len(reads) == NATURAL_READS
    audited.rules = ONCE
    assert await at.pay() == "posted"
    assert len(reads) == 2 * NATURAL_READS + 1


async def test_a_paid_lunch_counts_for_nothing(giving: Campus) -> None:
    at = await table(giving, cash_fen=LUNCH_FEN)
    assert [await at.pay() for _ in range(3)] == ["posted", "posted", "insufficient_funds"]
    assert await giving.balance(at.holder) == 0


async def test_in_one_set_the_second_tap_sees_the_first(giving: Campus) -> None:
    at, other = await table(giving), await table(giving, cash_fen=2000)
    told = await giving.post(at.tap(), other.tap(), at.tap(), other.tap())
    poor = Refusal.INSUFFICIENT_FUNDS.value
    assert [word_of(one) for one in told] == ["posted", "posted", poor, "posted"]
    assert await giving.balance(other.holder) == 800


async def test_fifty_taps_at_once_in_two_processes_get_one_meal(
    giving: Campus, db: DatabaseUrl
) -> None:
    at = await table(giving)
    other = Ledger(make_store(db), giving.clock, "other")
    await other.open()
    try:
        taps = [at.tap() for _ in range(50)]
        giving.sent += taps
        ledgers = (giving.ledger, other)
        told = await asyncio.gather(
            *(
                post_payments(ledgers[place % 2], giving.rules, giving.clock, [one])
                for place, one in enumerate(taps)
            )
        )
    finally:
        await other.close()
    assert [word_of(one) for (one,) in told].count("posted") == 1
    assert await owed(giving) == LUNCH_FEN


async def test_neither_chip_nor_emergency_code_nor_what_a_terminal_approved_alone(
    giving: Campus,
) -> None:
    at = await table(giving)
    emergency = at.tap(500, credential=CredentialKind.EMERGENCY, step=TODAY)
    chip = at.tap(credential=CredentialKind.CARD)
    told = await giving.post(emergency, chip)
    assert [word_of(one) for one in told] == ["insufficient_funds", "chip_not_taken"]
    record = giving.record(at.till, at.holder, LUNCH_FEN, step=7)
    (told_late,) = await giving.post(record)
    assert (told_late.word, told_late.reason) == (
        OutcomeWord.SUSPENSE, Refusal.INSUFFICIENT_FUNDS,
    )  # fmt: skip
    assert await balance_of(int(SchoolAccount.COURTESY)) == 0
    assert await balance_of(int(SchoolAccount.OFFLINE_SUSPENSE)) == -LUNCH_FEN


async def test_the_record_of_a_meal_on_the_school_is_that_payment(giving: Campus) -> None:
    at = await table(giving)
    tap = at.tap()
    (told,) = await giving.post(tap)
    record = giving.record(
        at.till, at.holder, LUNCH_FEN, sequence=tap.sequence, step=tap.step, was_offline=False
    )
    (again,) = await giving.post(record)
    assert (again.word, again.payment_id) == (OutcomeWord.REPEATED, told.payment_id)


async def test_a_code_that_got_one_pays_nowhere_else(giving: Campus) -> None:
    at, elsewhere = await table(giving), await giving.terminal("Rice")
    tap = at.tap()
    again = giving.tap(elsewhere, at.holder, LUNCH_FEN, step=tap.step)
    told = [(await giving.post(one))[0] for one in (tap, again)]
    assert [word_of(one) for one in told] == ["posted", "already_used"]


async def test_a_freeze_and_a_limit_come_first(giving: Campus) -> None:
    at = await table(giving)
    student = dataclasses.replace(ONCE.classes[STUDENT], day_limit_fen=1199, over_limit="refuse")
    giving.rules = dataclasses.replace(ONCE, classes={**ONCE.classes, STUDENT: student})
    assert await at.pay() == "day_limit"
    giving.rules = ONCE
    await CardRow.filter(holder_id=at.holder).update(state=1)
    assert await at.pay() == "frozen"


async def test_undone_at_the_till_it_is_there_again(giving: Campus) -> None:
    at = await table(giving)
    first = at.tap()
    told = await giving.post(first, at.tap(), giving.undo(at.till, first.sequence), at.tap())
    assert [word_of(one) for one in told] == [
        "posted", "insufficient_funds", "reversed", "posted",
    ]  # fmt: skip
    assert await giving.balance(at.holder) == 0
    assert await owed(giving) == LUNCH_FEN
    items = await SuspenseRow.all().order_by("id")
    assert [bool(one.settled_by_id) for one in items] == [True, False]


async def void(campus: Campus, payment_id: int, fen: int = LUNCH_FEN, key: str = "v") -> None:
    asked = CorrectionAsked(key, payment_id, CorrectionKind.VOID, fen, "按错了")
    request = await ask_correction(asked, MAKER, NOON)
    await approve_correction(campus.ledger, campus.clock, request, CHECKER)


async def test_voided_whole_it_goes_back_to_the_school_and_is_there_again(giving: Campus) -> None:
    at = await table(giving, cash_fen=300)
    (told,) = await giving.post(at.tap())
    await void(giving, told.payment_id)
    assert (await giving.balance(at.holder), await owed(giving)) == (300, 0)
    assert await balance_of(int(SchoolAccount.COURTESY)) == 0
    assert (await SuspenseRow.get(id=told.payment_id)).settled_by_id > told.payment_id
    assert (await TallyRow.get(holder_id=at.holder)).meal_count == 0
    assert await at.pay() == "posted"
    with pytest.raises(ConflictError, match="refunded_already"):
        await void(giving, told.payment_id, key="again")


async def test_no_part_of_it_and_no_refund_into_a_purse(giving: Campus) -> None:
    at = await table(giving)
    (told,) = await giving.post(at.tap())
    for fen in (LUNCH_FEN, 100):
        asked = CorrectionAsked(f"r{fen}", told.payment_id, CorrectionKind.REFUND, fen, "凉了")
        with pytest.raises(ConflictError, match="courtesy_void_only"):
            await ask_correction(asked, MAKER, NOON)
    for kind, fen in ((CorrectionKind.REFUND, LUNCH_FEN), (CorrectionKind.VOID, 100)):
        request = await CorrectionRequestRow.create(
            request_key=f"{kind}{fen}", payment_id=told.payment_id, kind=kind.value,
            amount_fen=fen, reason="x", made_by=MAKER.label, made_at=NOON,
        )  # fmt: skip
        with pytest.raises(ConflictError, match="courtesy_void_only"):
            await approve_correction(giving.ledger, giving.clock, request.id, CHECKER)
    assert await owed(giving) == LUNCH_FEN


CORRECTION = (
    "INSERT INTO correction (id, payment_id, request_key, kind, amount_fen, made_by, approved_by,"
    " reason, posted_at) VALUES (1, {}, 'k', '{}', {}, 'a', 'b', '', 0)"
)


@pytest.mark.parametrize("kind, fen", [("refund", LUNCH_FEN), ("void", LUNCH_FEN - 1)])
async def test_the_database_refuses_to_give_it_back_otherwise(
    giving: Campus, migrated_url: str, kind: str, fen: int
) -> None:
    at = await table(giving)
    (told,) = await giving.post(at.tap())
    with pytest.raises(RefusedSqlError, match="courtesy_voided_whole"):
        execute(migrated_url, CORRECTION.format(told.payment_id, kind, fen))


async def test_the_database_refuses_a_second_void_and_a_purse_that_pays_a_part(
    giving: Campus, migrated_url: str
) -> None:
    at = await table(giving)
    (told,) = await giving.post(at.tap())
    await void(giving, told.payment_id)
    with pytest.raises(RefusedSqlError, match="courtesy_voided_whole"):
        execute(migrated_url, CORRECTION.format(told.payment_id, "void", LUNCH_FEN))
    row = await PaymentRow.get(id=told.payment_id).values()
    row |= {"id": 1, "sequence": 99, "code_key": 1, "borne_fen": LUNCH_FEN - 1}
    values = ",".join(f"'{int(v) if isinstance(v, bool) else v}'" for v in row.values())
    with pytest.raises(RefusedSqlError, match="courtesy_borne_whole"):
        execute(migrated_url, f"INSERT INTO payment ({','.join(row)}) VALUES ({values})")


async def test_its_settlement_pays_the_merchant_like_any_other(giving: Campus) -> None:
    at = await table(giving)
    (told,) = await giving.post(at.tap())
    other = await giving.holder()
    await giving.post(giving.tap(at.till, other, 800))
    giving.now = NOON + DAY
    (second,) = await giving.post(at.tap())
    await void(giving, second.payment_id)
    assert told.word is OutcomeWord.POSTED
    await roll_up()
    await settle_day(giving.ledger, giving.clock, 1, TODAY)
    await settle_day(giving.ledger, giving.clock, 1, TODAY + 1)
    assert await balance_of(int(SchoolAccount.MERCHANT_SETTLEMENT)) == LUNCH_FEN + 800
    report = await verify_ledger(giving.ledger)
    assert report.balances[COURTESY] == -LUNCH_FEN
    await SuspenseRow.filter(id=told.payment_id).delete()
    report = await verify_ledger(giving.ledger)
    assert any("courtesy is at" in one for one in report.findings), "itemised, or it is found"
    await SuspenseRow.create(
        id=told.payment_id, account_id=COURTESY, holder_id=at.holder, amount_fen=LUNCH_FEN,
        reason="courtesy", opened_at=NOON,
    )  # fmt: skip


async def test_a_statement_says_so_and_nothing_was_spent(giving: Campus) -> None:
    at = await table(giving, cash_fen=2000)
    told = []
    for fen in (1000, LUNCH_FEN):
        told += await giving.post(at.tap(fen))
        giving.now += 15
    card = await CardRow.get(holder_id=at.holder)
    gift, _ = await read_payments(card.id, before_id=0, lines_max=9)
    assert (gift.borne_fen, gift.reason, dict(gift.split)) == (LUNCH_FEN, "courtesy", {})
    assert (gift.returned_fen, gift.is_undone) == (0, False)
    await void(giving, told[1].payment_id)
    gift, paid = await read_payments(card.id, before_id=0, lines_max=9)
    assert (gift.returned_fen, gift.is_undone, paid.is_undone) == (0, True, False)
    spending = await read_spending(card.id, month=202601, rules=giving.rules, at=int(giving.now))
    assert [(one.charged_fen, one.returned_fen, one.payments) for one in spending.spent] == [
        (1000, 0, 1)
    ]


async def test_only_the_holder_is_told(giving: Campus) -> None:
    at = await table(giving)
    await wants_letters(at.holder)
    await guardian(giving, at.holder, Sees.ALL.value, 11)
    (told,) = await giving.post(at.tap())
    await note_entries(int(giving.now))
    (row,) = await OutboxRow.all()
    assert (row.template, row.holder_id, row.channel) == ("payment", at.holder, Channel.MAIL.value)
    assert row.body == {
        "merchant": "Noodles", "charged_fen": "0", "occurred_at": str(NOON), "courtesy": "1",
    }  # fmt: skip
    await void(giving, told.payment_id)
    assert await note_entries(int(giving.now)) == 0, "no purse has got anything back"


async def test_who_was_robbed_of_it_gets_the_count_back(giving: Campus) -> None:
    at = await table(giving)
    remedies = []
    for day, reason in enumerate((DisputeReason.NOT_ME, DisputeReason.WRONG_AMOUNT)):
        giving.now = NOON + day * DAY
        (told,) = await giving.post(at.tap())
        card = await CardRow.get(holder_id=at.holder)
        me = Actor(Audience.STUDENT, card.id, "holder", card_id=card.id)
        await open_dispute(told.payment_id, reason, "", actor=me, at=NOON)
        remedies.append((told.payment_id, remedy_for(await read_dispute(told.payment_id))))
    (robbed, remedy), (_, nothing) = remedies
    assert remedy == Remedy(CorrectionKind.VOID, robbed, LUNCH_FEN)
    assert nothing is None
    await void(giving, robbed)
    assert remedy_for(await read_dispute(robbed)) is None
