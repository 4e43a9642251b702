"""Which days the worker has to look at: bills to fetch, and days on which something changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tortoise.functions import Min

from backend.domain.bill_day import day_from, day_of, due_days
from backend.domain.wechat_pay import BillKind
from backend.tables.bill import BillDayRow, BillRow, GiveBackRow
from backend.tables.top_up import RefundRow, TopUpRow

REVISIT_SECONDS: Final = 3_600
"""A day that differs is looked at again this often."""
CHANGED_SECONDS: Final = 2 * 86_400
"""How far back it is looked for what changed on a day that was reconciled."""


@dataclass(frozen=True, slots=True)
class DueDays:
    """Days whose bills are wanted, and days to hold against the books anew; oldest first."""

    fetch: tuple[date, ...]
    revisit: tuple[date, ...]


async def find_due_days(at: int) -> DueDays:
    """The days since the first order, at most `KEPT_DAYS` back."""
    ((first_at,),) = await TopUpRow.annotate(first_at=Min("started_at")).values_list("first_at")
    if first_at is None:
        return DueDays((), ())
    done = {
        day_from(row.id): row
        for row in await BillDayRow.exclude(reconciled_by="")
        if await _has_both(row.id)
    }
    fetch = due_days(at, day_of(int(first_at)), done.keys())
    kept = set(due_days(at, day_of(int(first_at)), frozenset()))
    changed = await _changed_days(at)
    revisit = [day for day in sorted(done.keys() & kept) if _is_due(done[day], changed, at)]
    return DueDays(fetch, tuple(revisit))


def _is_due(row: BillDayRow, changed: dict[date, int], at: int) -> bool:
    """Whether something of that day ended since, or it still differs and some time went by."""
    if row.reconciled_at < changed.get(day_from(row.id), 0):
        return True
    return row.differences > 0 and row.reconciled_at <= at - REVISIT_SECONDS


async def _has_both(number: int) -> bool:
    return await BillRow.filter(day_on=number).count() == len(BillKind)


async def _changed_days(at: int) -> dict[date, int]:
    """Days of payments and refunds that ended lately, and when the last of them did."""
    since = at - CHANGED_SECONDS
    found: dict[date, int] = {}
    pairs: list[tuple[int, int]] = []
    credited = TopUpRow.filter(credited_at__gte=since, paid_at__gt=0)
    pairs += [(row.paid_at, row.credited_at) for row in await credited]
    for table in (RefundRow, GiveBackRow):
        ended = table.filter(ended_at__gte=since, accepted_at__gt=0)
        pairs += [(row.accepted_at, row.ended_at) for row in await ended]
    for happened_at, ended_at in pairs:
        day_on = day_of(happened_at)
        found[day_on] = max(found.get(day_on, 0), ended_at)
    return found
