"""Which days the worker has to look at: bills to fetch, and days on which something changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tortoise.functions import Min

from backend.domain.bill_day import KEPT_DAYS, day_from, day_of, due_days
from backend.domain.wechat_pay import BillKind
from backend.tables.bill import BillDayRow, BillRow, GiveBackRow, ProofRow
from backend.tables.bill_books import chunks
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
    """Days of payments credited lately, and of refunds that arrived and are not proven; since when.

    A refund's own times are WeChat Pay's, not those at which we heard of it: so it counts as new.
    """
    found: dict[date, int] = {}
    credited = TopUpRow.filter(credited_at__gte=at - CHANGED_SECONDS, paid_at__gt=0)
    for paid_at, credited_at in await credited.values_list("paid_at", "credited_at"):
        day_on = day_of(int(str(paid_at)))
        found[day_on] = max(found.get(day_on, 0), int(str(credited_at)))
    arrived: dict[int, int] = {}
    since = at - KEPT_DAYS * 86_400
    for table in (RefundRow, GiveBackRow):
        done = table.filter(state="done", accepted_at__gte=since)
        for entry_id, accepted_at in await done.values_list("entry_id", "accepted_at"):
            arrived[int(str(entry_id))] = int(str(accepted_at))
    for some in chunks(sorted(arrived)):
        proven = await ProofRow.filter(proves_id__in=list(some)).values_list("proves_id", flat=True)
        for entry_id in set(some) - {int(str(one)) for one in proven}:
            found[day_of(arrived[entry_id])] = at
    return found
