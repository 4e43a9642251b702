"""The next morning: what the bill proves is booked once, what differs is found."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from backend.domain.bill_text import BillFault, BillRefusedError
from backend.domain.errors import ConflictError
from backend.domain.wechat_bill import digest_of
from backend.domain.wechat_pay import BillNotReadyError, WechatPayFaultError
from backend.tables.bill import BillDayRow, BillRow, DifferenceRow, ProofRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.tables.top_up import LotRow, TopUpRow
from backend.usecases.bills.fetch_bill import fetch_bill, upload_bill
from backend.usecases.ledger.verify_ledger import verify_ledger
from tests.rig.billing import BY, Billing, books_of_bills
from tests.rig.paying import open_paying
from tests.rig.raw_sql import execute

TRANSIT, MERCHANT, FEES, SUSPENSE = 3, 11, 12, 13


async def test_a_day_without_a_fault_is_proven_to_the_fen(billing: Billing) -> None:
    day_on = billing.today
    for fen in (5_000, 1, 99_999):
        await billing.paid(fen)
    assert billing.balances()[TRANSIT] == -105_000
    told = await billing.morning(day_on)
    fee_fen = told.figures.fee_fen
    assert fee_fen == 30 + 0 + 600
    balances = billing.balances()
    assert (balances[TRANSIT], balances[MERCHANT]) == (0, fee_fen - 105_000)
    assert balances[FEES] == -fee_fen
    assert (told.differences, told.figures.new_proofs, told.credited) == (0, 3, 0)
    assert await DifferenceRow.all().count() == 0
    day = await BillDayRow.get()
    assert (day.payments, day.refunds, day.proven_fen, day.fee_fen) == (3, 0, 105_000, fee_fen)


async def test_run_again_it_changes_nothing(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid()
    await billing.paid(700, hear=False)
    await billing.morning(day_on)
    before, balances = await books_of_bills(), billing.balances()
    again = await billing.reconcile(day_on)
    assert (again.figures.new_proofs, again.credited) == (0, 0)
    assert (await books_of_bills(), billing.balances()) == (before, balances)


async def test_a_credit_that_the_bill_proves_posts_itself_and_only_that(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(700, hear=False)
    told = await billing.morning(day_on)
    assert told.credited == 1
    order = await TopUpRow.get(out_trade_no=number)
    assert (order.state, order.proven_by) == ("paid", "bill")
    assert (await LotRow.get()).transaction_id == order.transaction_id
    # credited a day late, and that is all
    assert await billing.causes(day_on) == [("late_notice", number)]
    assert told.differences == 0
    assert billing.balances()[TRANSIT] == 0


async def test_a_late_notice_is_named_and_changes_no_amount(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(hear=False)
    await billing.paying.advance(14 * 3600)  # after midnight
    assert billing.today == day_on + timedelta(days=1)
    await billing.hear(number)
    told = await billing.morning(day_on)
    assert await billing.causes(day_on, "settled") == [("late_notice", number)]
    assert (told.differences, billing.balances()[TRANSIT]) == (0, 0)


async def test_what_comes_after_the_bill_is_booked_by_a_later_entry(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid(5_000)
    number = await billing.order(600)
    await billing.pay(number, hear=False)
    order = billing.paying.held(number)
    real, order.asked["payer"] = order.asked["payer"], {"openid": "o-nobody"}
    first = await billing.morning(day_on)  # the bill says that somebody else paid
    assert await billing.causes(day_on, "open") == [("held", number)]
    assert (first.figures.new_proofs, first.figures.proven_fen) == (1, 5_000)
    assert await LotRow.all().count() == 1
    order.asked["payer"] = real
    await TopUpRow.filter(out_trade_no=number).update(state="pending", held_because="")
    await billing.hear(number)
    later = await billing.reconcile(day_on)
    assert (later.figures.new_proofs, later.figures.proven_fen) == (1, 5_600)
    assert later.figures.entry_id != first.figures.entry_id
    assert (await BillDayRow.get()).entry_id == later.figures.entry_id
    (row,) = [one for one in await billing.differences(day_on) if one.cause == "held"]
    assert (row.state, row.decided_by, row.asked_by) == ("settled", "books", "")
    assert billing.balances()[TRANSIT] == 0


async def test_a_fen_more_in_the_bill_is_found_and_nothing_is_proven_by_it(
    billing: Billing,
) -> None:
    day_on = billing.today
    number = await billing.paid(5_000)
    await billing.paid(700)
    await billing.morning_after(day_on)
    billing.paying.plan(what="bills", kind="one_fen")
    told = await billing.morning(day_on)
    assert await billing.causes(day_on, "open") == [("amount", number)]
    assert told.figures.proven_fen == 700
    assert billing.balances()[TRANSIT] == -5_000
    (row,) = [one for one in await billing.differences(day_on) if one.subject == "payment"]
    assert (row.bill_fen, row.ours_fen, row.ledger_fen) == (5_001, 5_000, 5_000)


async def test_two_reconcilers_at_once_book_once(billing: Billing, db: DatabaseUrl) -> None:
    day_on = billing.today
    for fen in (5_000, 600):
        await billing.paid(fen)
    await billing.paid(700, hear=False)
    await billing.morning_after(day_on)
    await billing.fetch(day_on)
    other = Ledger(make_store(db), billing.paying.office.clock, "second")
    await other.open()
    try:
        told = await asyncio.gather(
            *(billing.reconcile(day_on, one) for one in (billing.ledger, other) * 3)
        )
    finally:
        await other.close()
    assert sum(one.figures.new_proofs for one in told) == 3
    assert billing.balances()[TRANSIT] == 0
    assert (await BillDayRow.get()).proven_fen == 6_300
    assert await ProofRow.all().count() == 3


async def test_a_day_on_which_nothing_moved_is_a_bill_without_lines(billing: Billing) -> None:
    day_on = billing.today
    told = await billing.morning(day_on)
    assert (told.differences, told.figures.entry_id) == (0, 0)
    assert [(row.line_count, bytes(row.body)) for row in await BillRow.all()] == [(0, b"")] * 2


async def test_no_bill_for_a_day_with_payments_is_not_believed(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid()
    billing.paying.held(number).transaction_id = ""  # WeChat Pay forgot it
    await billing.morning_after(day_on)
    with pytest.raises(ConflictError, match="bill_missing"):
        await billing.fetch(day_on)
    assert not await BillRow.exists()
    with pytest.raises(ConflictError, match="bill_missing"):
        await billing.reconcile(day_on)
    assert billing.balances()[TRANSIT] == -5_000


async def test_a_bill_that_comes_after_all_replaces_none(billing: Billing) -> None:
    day_on = billing.today
    await billing.morning(day_on)
    number = await billing.order()
    await billing.pay(number, hear=False)
    billing.paying.held(number).paid_at = billing.paying.at - 86_400  # it was yesterday
    told = await billing.morning(day_on)
    assert (told.credited, told.figures.proven_fen) == (1, 5_000)
    assert [row.line_count for row in await BillRow.all().order_by("kind")] == [2, 1]


async def test_before_ten_nothing_is_asked(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid()
    calls = dict(billing.paying.sim.calls)
    with pytest.raises(ConflictError, match="bill_too_early"):
        await billing.fetch(day_on)
    assert dict(billing.paying.sim.calls) == calls


@pytest.mark.parametrize("fault", ["hash", "hash_type"])
async def test_a_file_that_is_not_what_was_promised_is_not_kept(
    billing: Billing, fault: str
) -> None:
    day_on = billing.today
    await billing.paid()
    await billing.morning_after(day_on)
    billing.paying.plan(what="bills", kind=fault)
    with pytest.raises(WechatPayFaultError):
        await billing.fetch(day_on)
    assert not await BillRow.exists()


@pytest.mark.parametrize(
    "fault, why",
    [
        ("cut", BillFault.NO_SUMMARY),
        ("row_twice", BillFault.REPEATED_LINE),
        ("wrong_sum", BillFault.TOTALS),
        ("other_merchant", BillFault.MERCHANT),
    ],
)
async def test_a_torn_or_foreign_file_is_refused_with_its_reason(
    billing: Billing, fault: str, why: BillFault
) -> None:
    day_on = billing.today
    await billing.paid()
    await billing.paid(700)
    await billing.morning_after(day_on)
    billing.paying.plan(what="bills", kind=fault)
    with pytest.raises(BillRefusedError) as caught:
        await billing.fetch(day_on)
    assert caught.value.fault is why
    assert not await BillRow.exists()
    await billing.morning(day_on)
    assert billing.balances()[TRANSIT] == 0


async def test_still_being_made_is_later(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid()
    await billing.morning_after(day_on)
    reading, pay = billing.reading(day_on), billing.paying.office.parts.pay
    billing.paying.office.clock.now -= 3_600
    with pytest.raises(BillNotReadyError):  # our clock is ahead of theirs
        await fetch_bill(pay, reading, by=BY, at=billing.paying.at + 3_600)
    assert not await BillRow.exists()


async def test_an_upload_is_read_as_strictly(billing: Billing) -> None:
    first = billing.today
    await billing.paid()
    await billing.paying.advance(86_400)
    second = billing.today
    await billing.paid(700)
    await billing.morning_after(second)
    at = billing.paying.at
    reading = billing.reading(first)
    raw, other = billing.raw_bill(first), billing.raw_bill(second)
    with pytest.raises(BillRefusedError) as wrong_day:
        await upload_bill(reading, other, by=BY, at=at)
    assert wrong_day.value.fault is BillFault.DAY
    with pytest.raises(BillRefusedError):
        await upload_bill(reading, b"", by=BY, at=at)
    with pytest.raises(BillRefusedError):
        await upload_bill(reading, gzip.compress(raw)[:-9], by=BY, at=at)
    kept = await upload_bill(reading, gzip.compress(raw), by=BY, at=at)
    assert (kept.line_count, kept.is_new) == (1, True)
    with pytest.raises(BillRefusedError) as repeated:
        await upload_bill(reading, raw, by=BY, at=at)
    assert repeated.value.fault is BillFault.REPEATED_FILE
    changed = billing.raw_bill(first, fault="one_fen")
    with pytest.raises(ConflictError, match="bill_known"):
        await upload_bill(reading, changed, by=BY, at=at)
    assert (await BillRow.get()).text_hash == digest_of(raw)


async def test_a_bill_changed_in_the_database_is_not_used(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid()
    await billing.morning_after(day_on)
    await billing.fetch(day_on)
    changed = gzip.compress(billing.raw_bill(day_on, fault="one_fen"))
    execute(billing.paying.url, f"UPDATE bill SET body=X'{changed.hex()}' WHERE kind='trade'")
    with pytest.raises(ConflictError, match="bill_changed"):
        await billing.reconcile(day_on)
    assert billing.balances()[TRANSIT] == -5_000


async def test_verification_sees_a_proof_that_was_never_booked(
    migrated_url: str, tmp_path: Path
) -> None:
    async with open_paying(migrated_url, tmp_path) as paying:
        billing = Billing(paying, await paying.student("o-bill"))
        await billing.paid()
        assert (await verify_ledger(billing.ledger)).findings == []
        # somebody writes a proof, and no money of the merchant's stands behind it
        lot = await LotRow.get()
        forged = {"proves_id": lot.id, "entry_id": 8, "day_on": 20260101, "amount_fen": 5_000}
        await ProofRow.create(**forged)
        (finding,) = (await verify_ledger(billing.ledger)).findings
    assert finding == "wechat_in_transit is at -5000 fen, its unproven entries name 0"


async def test_a_payment_that_the_bill_does_not_have_stays_in_transit(billing: Billing) -> None:
    day_on = billing.today
    numbers = [await billing.paid(fen) for fen in (5_000, 700)]
    await billing.morning_after(day_on)
    billing.paying.plan(what="bills", kind="row_missing")
    told = await billing.morning(day_on)
    ((cause, number),) = await billing.causes(day_on, "open")
    assert (cause, number in numbers) == ("unproven", True)
    (row,) = [one for one in await billing.differences(day_on) if one.cause == "unproven"]
    assert billing.balances()[TRANSIT] == -(row.ledger_fen or 0)
    assert told.figures.proven_fen == 5_700 - (row.ledger_fen or 0)
