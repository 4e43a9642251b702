from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import unknown_cardholder
from backend.tables.audit import note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.door import DoorGrantRow


async def read_grants(holder_id: int, *, actor: Actor, at: int) -> dict[int, int]:
    """Which zones a holder was granted, until when; the look is written down where he can see it.

    Raises:
        NotFoundError: no such holder.

    """
    async with transaction():
        if not await CardholderRow.exists(id=holder_id):
            raise unknown_cardholder()
        rows = await DoorGrantRow.filter(holder_id=holder_id).order_by("zone")
        await note(actor.label, "doors.look_up", f"cardholder:{holder_id}", at)
    return {row.zone: row.until_at for row in rows}
