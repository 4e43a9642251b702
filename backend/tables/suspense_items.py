"""Items in suspense and risk, by age, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tortoise.expressions import Q

from backend.domain.accounts import SchoolAccount
from backend.domain.ageing import Age, opened_between
from backend.domain.bill_day import bounds_of, day_from
from backend.tables import sql
from backend.tables.payment import SuspenseRow

COURTESY: Final = int(SchoolAccount.COURTESY)


@dataclass(frozen=True, slots=True)
class SuspenseFilter:
    """Which items; 0, "" and None: all. `is_open` None: settled ones too.

    Meals on the school wait for nobody: they are listed only where their account is asked for.
    """

    account_id: int = 0
    age: Age | None = None
    reason: str = ""
    is_open: bool | None = True
    first_on: int = 0
    last_on: int = 0


@dataclass(frozen=True, slots=True)
class AgeSum:
    """What waits in one account since so long."""

    account_id: int
    age: Age
    items: int
    amount_fen: int


async def read_items(
    asked: SuspenseFilter, at: int, after: tuple[int, int] | None, rows_max: int
) -> list[SuspenseRow]:
    """Items after one (opened at, id), oldest first."""
    query = SuspenseRow.all()
    if asked.is_open is not None:
        query = query.filter(settled_by_id=0) if asked.is_open else query.exclude(settled_by_id=0)
    if asked.account_id:
        query = query.filter(account_id=asked.account_id)
    else:
        query = query.exclude(account_id=COURTESY)
    if asked.reason:
        query = query.filter(reason=asked.reason)
    if asked.age:
        first, end = opened_between(asked.age, at)
        query = query.filter(opened_at__gte=first, opened_at__lt=end)
    if asked.first_on:
        query = query.filter(opened_at__gte=bounds_of(day_from(asked.first_on, "first_on"))[0])
    if asked.last_on:
        query = query.filter(opened_at__lt=bounds_of(day_from(asked.last_on, "last_on"))[1])
    if after:
        opened_at, item_id = after
        query = query.filter(Q(opened_at__gt=opened_at) | Q(opened_at=opened_at, id__gt=item_id))
    return await query.order_by("opened_at", "id").limit(rows_max)


async def read_ages(at: int) -> list[AgeSum]:
    """What waits, by account and age; accounts with nothing open are left out."""
    found = []
    for age in Age:
        first, end = opened_between(age, at)
        wanted = f"settled_by_id=0 AND account_id<>{COURTESY}"
        wanted += f" AND opened_at>={first} AND opened_at<{end}"
        columns = "account_id,COUNT(*) AS items,SUM(amount_fen) AS amount_fen"
        tail = " GROUP BY account_id ORDER BY account_id"
        found += [
            AgeSum(row["account_id"], age, int(row["items"]), int(row["amount_fen"]))
            for row in await _rows(sql.select(columns, "suspense", wanted, tail))
        ]
    return found


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = SuspenseRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
