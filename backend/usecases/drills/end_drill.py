"""Roll a drill back: its terminals ask the server again from their next sync on."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.drill import unknown_drill
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drill import DrillRow


async def end_drill(drill_id: int, *, actor: Actor, at: int) -> None:
    """End it now; one that has ended stays as it ended.

    Raises:
        NotFoundError: no such drill.

    """
    async with transaction():
        drill = await DrillRow.select_for_update().get_or_none(id=drill_id)
        if drill is None:
            raise unknown_drill()
        if drill.ends_at <= at:
            return
        drill.ends_at, drill.ended_by = at, actor.label
        await drill.save(update_fields=["ends_at", "ended_by"])
        await note(actor.label, "drills.end", f"drill:{drill_id}", at)
