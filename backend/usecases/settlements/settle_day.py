"""Settle one business day: each merchant's payable goes on its way to the bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.accounts import SchoolAccount, merchant_account
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
    """What a merchant gets for a business day (YYYYMMDD): gross − refunded, and what is paid.

    `net_fen` may differ from gross − refunded by what earlier days still owed or brought late.
    """

    merchant_id: int
    business_on: int
    payments: int
    late_payments: int
    gross_fen: int
    refunded_fen: int
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
    reads = [
        sql.select("id", "merchant", f"id={int(merchant_id)}", ledger.lock),
        sql.select("COUNT(*)", "settlement", day),
        sql.select(_SUMS, "period_total", day),
        sql.select(_SUMS, "period_total", through),
        sql.select(_SETTLED, "settlement", mine),
    ]

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, Settlement | None]:
        merchant, standing, ((payments, offline, gross, refunded),), total, settled = rows
        if not merchant or standing[0][0]:
            return SetWrites(), None
        all_payments, _, all_gross, all_refunded = total[0]
        net_fen = max(int(all_gross) - int(all_refunded) - int(settled[0][1]), 0)
        late = int(all_payments) - int(settled[0][0]) - int(payments)
        entry_id = next(ids)
        writes = SetWrites()
        if net_fen:
            leg = Posting(
                merchant_account(merchant_id), int(SchoolAccount.MERCHANT_SETTLEMENT), net_fen
            )
            writes.entries.append(Entry(entry_id, "settlement", (leg,)))
        writes.settlements.append(
            (
                entry_id,
                merchant_id,
                business_on,
                int(payments) + late,
                int(offline),
                late,
                int(gross),
                int(refunded),
                net_fen,
                int(clock()),
            )
        )
        made = Settlement(
            merchant_id, business_on, int(payments), late, int(gross), int(refunded), net_fen
        )
        return writes, made

    return await ledger.post(reads, decide)
