"""Hold one day's bills against orders and ledger; book what they prove, write down what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from backend.domain.errors import ConflictError
from backend.domain.reconciliation import (
    Cause,
    Difference,
    Proposal,
    Subject,
    reconcile,
    reconcile_funds,
)
from backend.domain.wechat_bill import FundBill, LineKind, TradeBill
from backend.domain.wechat_pay import BillKind
from backend.tables.audit import note
from backend.tables.bill import BillDayRow
from backend.tables.bill_books import read_held, with_fee
from backend.tables.bills import Reading, keep_differences, open_day, read_bill
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.proofs import DayFigures, prove_day
from backend.tables.top_ups import apply_told
from backend.usecases.ports import Clock
from campus_code.days import day_number


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A day after reconciling: how many credits the bill brought, what is booked, what is open."""

    day_on: int
    credited: int
    figures: DayFigures
    differences: int


async def reconcile_day(ledger: Ledger, clock: Clock, reading: Reading, *, by: str) -> Reconciled:
    """Reconcile one day whose two bills are here; `reading.kind` does not matter.

    Run again it books only what is newly proven. Nothing is credited but what the bill proves for
    an order of ours at the ordered amount, through the door that notices use.

    Raises ConflictError when a bill of the day is missing.
    """
    trade, funds = await _bills(reading)
    await open_day(reading.day_on, int(clock()))
    held = await read_held(ledger, trade)
    safe = [one for one in reconcile(trade, with_fee(held.books, trade.fee_fen)) if one.is_safe]
    credited = await _credit(ledger, clock, trade, safe, reading.account.mchid)
    if safe:
        held = await read_held(ledger, trade)
    figures = await prove_day(ledger, clock, trade, held.lines, by)
    found = [
        *reconcile(trade, with_fee(held.books, figures.fee_fen)),
        *reconcile_funds(trade, funds),
        *_without_purse(trade, held.items),
    ]
    at = int(clock())
    still_open = await keep_differences(reading.day_on, found, held.items, at=at)
    paid = sum(line.kind is LineKind.PAYMENT for line in trade.lines)
    number = day_number(reading.day_on)
    async with transaction():
        await BillDayRow.filter(id=number).update(
            payments=paid,
            refunds=len(trade.lines) - paid,
            differences=still_open,
            reconciled_at=at,
            reconciled_by=by,
        )
        if credited or figures.new_proofs:
            detail = {"credited": credited, "proofs": figures.new_proofs}
            await note(by, "bills.reconcile", f"bill_day:{number}", at, **detail)
    return Reconciled(number, credited, figures, still_open)


async def _bills(reading: Reading) -> tuple[TradeBill, FundBill]:
    trade = await read_bill(Reading(BillKind.TRADE, reading.day_on, reading.account))
    funds = await read_bill(Reading(BillKind.FUND_FLOW, reading.day_on, reading.account))
    if trade is None or funds is None:
        raise ConflictError(
            "bill_missing",
            zh=f"{reading.day_on} 的账单不齐：需要交易账单和资金账单。",
            en=f"A bill of {reading.day_on} is missing: trade and fund flow are both needed.",
        )
    return cast("TradeBill", trade), cast("FundBill", funds)


def _without_purse(bill: TradeBill, items: Mapping[str, int]) -> list[Difference]:
    """Paid as ordered, and nowhere to credit it: it waits in suspense for two people."""
    return [
        Difference(
            Subject.PAYMENT,
            Cause.HELD,
            line.out_trade_no,
            Proposal.GIVE_BACK,
            bill_fen=line.amount_fen,
            ours_fen=line.amount_fen,
            ledger_fen=line.amount_fen,
            transaction_id=line.transaction_id,
        )
        for line in bill.lines
        if line.kind is LineKind.PAYMENT and line.out_trade_no in items
    ]


async def _credit(
    ledger: Ledger, clock: Clock, bill: TradeBill, safe: Sequence[Difference], mchid: str
) -> int:
    """Credit what the bill proves; one that the door does not take stays a difference."""
    lines = {line.out_trade_no: line for line in bill.lines if line.kind is LineKind.PAYMENT}
    credited = 0
    for one in safe:
        applied = await apply_told(ledger, clock, lines[one.reference].told(mchid), "bill")
        credited += applied.is_new and applied.is_taken
    return credited
