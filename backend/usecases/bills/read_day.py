"""One day as the finance clerk looks at it: three books side by side, in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from backend.domain.bill_day import bounds_of
from backend.domain.reconciliation import Subject
from backend.domain.wechat_bill import FundBill, LineKind, TradeBill
from backend.domain.wechat_pay import BillKind
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables.bill import BillDayRow
from backend.tables.bill_books import read_held
from backend.tables.bills import Reading, read_bill
from backend.tables.ledger import Ledger
from campus_code.days import day_number


@dataclass(frozen=True, slots=True)
class Side:
    """What one book says of the day: payments, refunds, and how many of each."""

    paid_fen: int
    returned_fen: int
    payments: int
    refunds: int


@dataclass(frozen=True, slots=True)
class DayTold:
    """The day. A bill that is not here is None; `account_fen` is what WeChat Pay says was left."""

    day_on: date
    bill: Side | None
    fee_fen: int | None
    account_fen: int | None
    orders: Side
    ledger: Side
    row: BillDayRow | None


async def read_day(ledger: Ledger, account: WechatPayAccount, day_on: date) -> DayTold:
    """Add the three books of a day up. Raises ConflictError: a kept bill was changed."""
    reading = Reading(BillKind.TRADE, day_on, account)
    trade = cast("TradeBill | None", await read_bill(reading))
    funds = cast("FundBill | None", await read_bill(Reading(BillKind.FUND_FLOW, day_on, account)))
    held = await read_held(ledger, trade or cast("TradeBill", reading.empty()))
    orders = [one for one in held.books.orders if one.paid_on == day_on]
    refunds = [one for one in held.books.refunds if one.accepted_on == day_on]
    begin, end = bounds_of(day_on)
    lines = [one for one in held.lines if begin <= one.posted_at < end]
    came = [one.amount_fen for one in lines if one.subject is Subject.PAYMENT]
    went = [one.amount_fen for one in lines if one.subject is Subject.REFUND]
    return DayTold(
        day_on=day_on,
        bill=None if trade is None else _billed(trade),
        fee_fen=None if trade is None else trade.fee_fen,
        account_fen=funds.lines[-1].balance_fen if funds and funds.lines else None,
        orders=Side(
            sum(one.amount_fen for one in orders),
            sum(one.amount_fen for one in refunds),
            len(orders),
            len(refunds),
        ),
        ledger=Side(sum(came), sum(went), len(came), len(went)),
        row=await BillDayRow.get_or_none(id=day_number(day_on)),
    )


def _billed(trade: TradeBill) -> Side:
    paid = [line.amount_fen for line in trade.lines if line.kind is LineKind.PAYMENT]
    back = [line.amount_fen for line in trade.lines if line.kind is LineKind.REFUND]
    return Side(sum(paid), sum(back), len(paid), len(back))
