"""Take a cohort's end back before its time."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.ending import unknown_ending
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ending import EndingRow, HolderEndRow
from backend.tables.endings import lock_ending
from backend.tables.retrying import retried


@retried
async def withdraw_ending(ending_id: int, reason: str, *, actor: Actor, at: int) -> EndingRow:
    """Let nobody's card end by it any more; whose cards ended stay ended. A repeat is nothing.

    Raises:
        NotFoundError: no such ending.

    """
    async with transaction():
        row = await lock_ending(ending_id)
        if row is None:
            raise unknown_ending()
        if row.withdrawn_at:
            return row
        kept = await HolderEndRow.filter(ending_id=ending_id, ended_at=0).delete()
        row.withdrawn_by, row.withdrawn_at = actor.label, at
        await row.save(update_fields=["withdrawn_by", "withdrawn_at"])
        await note(
            actor.label, "endings.withdraw", f"ending:{row.id}", at, holders=kept, reason=reason
        )
    return row
