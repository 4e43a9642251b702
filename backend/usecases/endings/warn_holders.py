"""Tell holders that their cards end, some days before."""

from __future__ import annotations

from tortoise.expressions import Q

from backend.domain.ending import DAY_SECONDS, WARNED_DAYS, warning_of, warnings_due
from backend.tables.database import transaction
from backend.tables.ending import HolderEndRow
from backend.tables.outbox import lock_noting, note_facts
from backend.tables.retrying import retried

HOLDERS_AT_ONCE = 500


@retried
async def warn_holders(at: int) -> int:
    """Note what is due for the next holders, once each; how many were looked at.

    Whoever agreed to messages about his card gets it; a worker that was away sends the latest
    warning only.
    """
    due = Q()
    for number, days in enumerate(WARNED_DAYS):
        due |= Q(warned=number, ends_at__lte=at + days * DAY_SECONDS)
    async with transaction():
        await lock_noting()
        rows = (
            await HolderEndRow.filter(due, ended_at=0, ends_at__gt=at)
            .order_by("holder_id")
            .limit(HOLDERS_AT_ONCE)
        )
        facts = [
            warning_of(row.holder_id, row.ends_at, warnings_due(row.ends_at, at), at)
            for row in rows
        ]
        await note_facts(facts, at)
        for number in range(1, len(WARNED_DAYS) + 1):
            ids = [row.holder_id for row in rows if warnings_due(row.ends_at, at) == number]
            if ids:
                await HolderEndRow.filter(holder_id__in=ids).update(warned=number)
    return len(rows)
