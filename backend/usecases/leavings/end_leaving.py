"""End a leaving before its time."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.leaving import LeavingRow
from backend.tables.leavings import change_leaving, unknown_leaving


async def end_leaving(leaving_id: int, actor: Actor, at: int) -> None:
    """Nobody may leave by it from now on; one person may say so. NotFoundError: no such leaving."""
    row = await LeavingRow.get_or_none(id=leaving_id)
    if row is None:
        raise unknown_leaving()
    if not row.ended_at:
        await change_leaving(leaving_id, actor, at, ("leavings.end", {"ended_at": at}))
