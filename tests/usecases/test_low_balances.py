"""A low balance is told one day ahead, once a dip, and in the afternoon."""

from __future__ import annotations

from backend.domain.accounts import SchoolAccount
from backend.tables.cardholder import CardholderRow
from backend.tables.merchant import MerchantRow
from backend.tables.message import AddressRow, LowBalanceRow, MessageMarkRow, OutboxRow
from backend.tables.payment import PaymentRow
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.messages.note_low_balances import BEGINS_HOUR, note_low_balances
from tests.rig.campus import NOON, Campus
from tests.usecases.test_notes import pay, wants_letters

DAY = 86_400
LUNCH_FEN = 1_200
AFTERNOON = NOON + (BEGINS_HOUR - 12) * 3600


async def lunches(holder_id: int, days: int, fen: int = LUNCH_FEN, first: int = 1) -> None:
    """So many days of lunches before New Year, as rows of their own."""
    merchant = await MerchantRow.create(name=f"窗口 {holder_id}")
    for back in range(first, first + days):
        at = NOON - back * DAY
        await PaymentRow.create(
            id=holder_id * 1000 + back, terminal_id=1000 + holder_id, sequence=back,
            merchant_id=merchant.id, card_id=holder_id, holder_id=holder_id, credential="code",
            class_id=1, period_id="lunch", business_on=20251232 - back,
            nominal_fen=fen, discount_fen=0, fee_fen=0, charged_fen=fen, borne_fen=0,
            was_offline=False, outcome="approved", reason="", occurred_at=at, posted_at=at,
        )  # fmt: skip


async def look(campus: Campus, day: int = 0, minutes: int = 0) -> int:
    """The whole daily look: until nobody is left."""
    at = AFTERNOON + day * DAY + minutes * 60
    told = [await note_low_balances(campus.rules, at) for _ in range(3)]
    return sum(told)


async def test_a_low_balance_is_told_one_day_ahead_and_once_a_dip(campus: Campus) -> None:
    poor = await campus.holder(cash_fen=2 * LUNCH_FEN - 1)
    rich = await campus.holder(cash_fen=30 * LUNCH_FEN)
    silent = await campus.holder(cash_fen=1)
    for holder in (poor, rich, silent):
        await lunches(holder, 20)
    for holder in (poor, rich):
        await wants_letters(holder)
    assert await note_low_balances(campus.rules, NOON) == 0, "not at noon"
    assert [await look(campus), await look(campus)] == [1, 0]
    row = await OutboxRow.get()
    assert (row.template, row.holder_id, row.body["left"]) == ("low", poor, "1")
    assert row.body["amount_fen"] == str(2 * LUNCH_FEN - 1)
    assert [await look(campus, day) for day in (1, 2)] == [0, 0], "once a dip"
    await credit_purse(campus.ledger, "cash", SchoolAccount.CASH_DRAWER, [(poor, LUNCH_FEN)])
    assert await look(campus, 1) == 0, "that day was looked at"
    await MessageMarkRow.all().delete()
    assert await look(campus) == 0
    assert await LowBalanceRow.all().count() == 0, "the dip is over"
    await CardholderRow.filter(id=rich).update(is_active=False)
    await MessageMarkRow.all().delete()
    await AddressRow.all().update(agreed_at=AFTERNOON + DAY)
    till = await campus.terminal()
    await pay(campus, till, poor, LUNCH_FEN)
    assert await look(campus) == 0, "who agrees later is told later"
    await MessageMarkRow.all().delete()
    await AddressRow.all().update(agreed_at=1)
    assert await look(campus) == 0, "today's lunch is eaten, tomorrow's is there"
    await MessageMarkRow.all().delete()
    await pay(campus, till, poor, LUNCH_FEN)
    assert await look(campus, minutes=30) == 1, "another dip"
