"""Settle one business day: each merchant's payable goes on its way to the bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.accounts import SchoolAccount, merchant_account
from backend.domain.commission import commission_fen
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, SetWrites
from backend.tables import sql
from backend.tables.ledger import Ledger
from backend.tables.store import Rows
from backend.usecases.ports import Clock

DAYS_PER_CALL_MAX = 400

_SUMS = (
    "COALESCE(SUM(payments),0),COALESCE(SUM(offline_payments),0),COALESCE(SUM(payable_fen),0),"
    "COALESCE(SUM(corrected_fen),0)"
)
_SETTLED = "COALESCE(SUM(payments),0),COALESCE(SUM(net_fen),0)"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a merchant gets for a business day (YYYYMMDD): gross − refunded − fee, and what is paid.

    `net_fen` may differ from that by what earlier days still owed or brought late. `fee_fen` is the
    school's commission on all that is paid now, by the rate of this day.
    """

    merchant_id: int
    business_on: int
    payments: int
    late_payments: int
    gross_fen: int
    refunded_fen: int
    fee_fen: int
    net_fen: int


async def unsettled_days(ledger: Ledger, before_on: int) -> list[tuple[int, int]]:
    """(merchant, business day) pairs with totals before a day and no settlement yet, in order."""
    joined = (
        "period_total t LEFT JOIN settlement s"
        " ON s.merchant_id=t.merchant_id AND s.business_on=t.business_on"
    )
    wanted = f"t.business_on<{int(before_on)} AND s.id IS NULL"
    tail = f" ORDER BY t.business_on,t.merchant_id LIMIT {DAYS_PER_CALL_MAX}"
    (rows,) = await ledger.read(
        [sql.select("DISTINCT t.merchant_id,t.business_on", joined, wanted, tail)]
    )
    return [(row[0], row[1]) for row in rows]


async def settle_day(
    ledger: Ledger, clock: Clock, merchant_id: int, business_on: int
) -> Settlement | None:
    """Settle one merchant's day once; None when it was settled before.

    Everything of earlier days that came late or stayed owing is settled with it, so that nothing
    is ever left behind and no closed day is opened again. A day that nets to nothing or less pays
    nothing; what is owed is carried.
    """
    mine = f"merchant_id={int(merchant_id)}"
    day = f"{mine} AND business_on={int(business_on)}"
    through = f"{mine} AND business_on<={int(business_on)}"
    in_force = f"{mine} AND begins_on<={int(business_on)}"
    reads = [
        sql.select("id", "merchant", f"id={int(merchant_id)}", ledger.lock),
        sql.select("COUNT(*)", "settlement", day),
        sql.select(_SUMS, "period_total", day),
        sql.select(_SUMS, "period_total", through),
        sql.select(_SETTLED, "settlement", mine),
        sql.select("COALESCE(SUM(fee_fen),0)", "settlement_fee", mine),
        sql.select("basis_points", "commission", in_force, " ORDER BY begins_on DESC LIMIT 1"),
    ]

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, Settlement | None]:
        merchant, standing, of_day, total, settled, kept, rate = rows
        ((payments, offline, gross, refunded),) = of_day
        if not merchant or standing[0][0]:
            return SetWrites(), None
        all_payments, _, all_gross, all_refunded = total[0]
        paid_fen = int(settled[0][1]) + int(kept[0][0])
        due_fen = max(int(all_gross) - int(all_refunded) - paid_fen, 0)
        basis_points = int(rate[0][0]) if rate else 0
        fee_fen = commission_fen(due_fen, basis_points)
        late = int(all_payments) - int(settled[0][0]) - int(payments)
        made = Settlement(
            merchant_id=merchant_id,
            business_on=business_on,
            payments=int(payments),
            late_payments=late,
            gross_fen=int(gross),
            refunded_fen=int(refunded),
            fee_fen=fee_fen,
            net_fen=due_fen - fee_fen,
        )
        return _writes(made, next(ids), (int(offline), basis_points, int(clock()))), made

    return await ledger.post(reads, decide)


def _writes(made: Settlement, entry_id: int, more: tuple[int, int, int]) -> SetWrites:
    """The entry of up to two postings, the settlement, and what was kept of it."""
    offline, basis_points, now = more
    payable = merchant_account(made.merchant_id)
    legs = tuple(
        Posting(payable, int(target), fen)
        for target, fen in (
            (SchoolAccount.MERCHANT_SETTLEMENT, made.net_fen),
            (SchoolAccount.COMMISSION_INCOME, made.fee_fen),
        )
        if fen
    )
    writes = SetWrites()
    if legs:
        writes.entries.append(Entry(entry_id, "settlement", legs))
    writes.settlements.append(
        (
            entry_id,
            made.merchant_id,
            made.business_on,
            made.payments + made.late_payments,
            offline,
            made.late_payments,
            made.gross_fen,
            made.refunded_fen,
            made.net_fen,
            now,
        )
    )
    if made.fee_fen:
        base_fen = made.net_fen + made.fee_fen
        writes.settlement_fees.append(
            (entry_id, made.merchant_id, basis_points, base_fen, made.fee_fen)
        )
    return writes
