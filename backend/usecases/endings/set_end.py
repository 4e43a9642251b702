"""Say when one person's cards end, or that they do not."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.ending import require_end
from backend.tables.audit import note
from backend.tables.card_openings import lock_new_owner
from backend.tables.database import transaction
from backend.tables.ending import HolderEndRow
from backend.tables.endings import put_ends
from backend.tables.retrying import retried


@retried
async def set_end(holder_id: int, ends_at: int, reason: str, *, actor: Actor, at: int) -> None:
    """Put the end at a Unix second, 0 for none; whoever was warned of another is warned anew.

    Raises:
        InvalidInputError: a time that is over or too far. NotFoundError: no such holder.

    """
    if ends_at:
        require_end(ends_at, at)
    async with transaction():
        await lock_new_owner(holder_id)
        row = await HolderEndRow.get_or_none(holder_id=holder_id)
        before = row.ends_at if row is not None else 0
        if before == ends_at:
            return
        if ends_at:
            await put_ends([holder_id], ends_at, 0)
        else:
            await HolderEndRow.filter(holder_id=holder_id).delete()
        await note(
            actor.label,
            "cardholders.set_end",
            f"cardholder:{holder_id}",
            at,
            before=before,
            after=ends_at,
            reason=reason,
        )
