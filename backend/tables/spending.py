"""What one holder spent, added up by the database: two statements whatever the number of payments.

Payments are found by the index on their holder; what came back of each is looked up by the indexes
on corrections and reversals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.domain.spending import MonthSpent, Spent
from backend.tables import sql
from backend.tables.payment import PaymentRow

_CORRECTED = "SELECT SUM(c.amount_fen) FROM correction c WHERE c.payment_id=p.id"
_REFUNDED = f"CASE WHEN p.borne_fen>0 THEN 0 ELSE COALESCE(({_CORRECTED}),0) END"
"""Of what the school bore nothing goes to a purse."""
_REVERSED = "CASE WHEN r.id IS NULL THEN 0 ELSE p.charged_fen-p.borne_fen END"
_COLUMNS = (
    "p.business_on,p.merchant_id,p.period_id,p.charged_fen,p.borne_fen,p.discount_fen,"
    f"r.id AS reversal_id,{_REFUNDED}+{_REVERSED} AS returned_fen"
)
_PAYMENTS = (
    "payment p LEFT JOIN reversal r ON r.terminal_id=p.terminal_id AND r.reverses=p.sequence"
    " AND r.payment_id=p.id"
)
_SPENT = "x.charged_fen-x.borne_fen-x.returned_fen"
_STANDS = f"CASE WHEN {_SPENT}>0 OR (x.charged_fen=0 AND x.reversal_id IS NULL) THEN 1 ELSE 0 END"


async def read_spent(holder_id: int, first_on: int, last_on: int) -> list[Spent]:
    """What a holder spent by business day, merchant and period, from a day (YYYYMMDD) to a day."""
    columns = (
        f"x.business_on,m.name AS merchant,x.period_id,SUM({_SPENT}) AS charged_fen,"
        f"SUM(x.returned_fen) AS returned_fen,SUM(({_STANDS})*x.discount_fen) AS discount_fen,"
        f"SUM({_STANDS}) AS payments"
    )
    joined = f"{_of(holder_id, first_on, last_on)} JOIN merchant m ON m.id=x.merchant_id"
    groups = "x.business_on,m.name,x.period_id"
    tail = f" GROUP BY {groups} ORDER BY {groups}"
    return [
        Spent(
            business_on=row["business_on"],
            merchant=row["merchant"],
            period_id=row["period_id"],
            charged_fen=int(row["charged_fen"]),
            returned_fen=int(row["returned_fen"]),
            discount_fen=int(row["discount_fen"]),
            payments=int(row["payments"]),
        )
        for row in await _rows(sql.select(columns, joined, "1=1", tail))
    ]


async def read_months(holder_id: int, months: Sequence[int]) -> list[MonthSpent]:
    """What a holder spent in each of these months (YYYYMM, in order); 0 where nothing was."""
    # the last two digits are taken off before the division: SQLite and MariaDB divide differently
    month = "x.business_on-x.business_on%100"
    of_year = _of(holder_id, months[0] * 100, months[-1] * 100 + 99)
    columns = f"{month} AS days,SUM({_SPENT}) AS charged_fen"
    rows = await _rows(sql.select(columns, of_year, "1=1", f" GROUP BY {month}"))
    spent = {row["days"] // 100: int(row["charged_fen"]) for row in rows}
    return [MonthSpent(one, spent.get(one, 0)) for one in months]


async def read_days(
    holder_ids: Sequence[int], first_on: int, last_on: int
) -> dict[int, dict[int, int]]:
    """Holder → business day → fen that the purses paid and did not get back; one statement."""
    columns = f"x.holder_id,x.business_on,SUM({_SPENT}) AS charged_fen"
    inner = sql.select(
        f"p.holder_id,{_COLUMNS}",
        _PAYMENTS,
        f"p.holder_id IN ({sql.numbers(holder_ids)}) AND {_between(first_on, last_on)}",
    )
    days: dict[int, dict[int, int]] = {holder_id: {} for holder_id in holder_ids}
    tail = " GROUP BY x.holder_id,x.business_on"
    for row in await _rows(sql.select(columns, f"({inner}) x", "1=1", tail)):
        days[row["holder_id"]][row["business_on"]] = int(row["charged_fen"])
    return days


def _of(holder_id: int, first_on: int, last_on: int) -> str:
    wanted = f"p.holder_id={int(holder_id)} AND {_between(first_on, last_on)}"
    return f"({sql.select(_COLUMNS, _PAYMENTS, wanted)}) x"


def _between(first_on: int, last_on: int) -> str:
    return f"p.business_on BETWEEN {int(first_on)} AND {int(last_on)}"


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
