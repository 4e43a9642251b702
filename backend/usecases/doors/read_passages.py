from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import unknown_cardholder
from backend.domain.door import LOOK_VERB, PASSAGES_SHOWN_MAX
from backend.tables.audit import note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.door_events import PassageLine, read_events


async def read_passages(
    holder_id: int, reason: str, *, before_id: int, actor: Actor, at: int
) -> list[PassageLine]:
    """A page of a holder's passages, newest first, and a line where he sees who looked and why.

    Raises:
        NotFoundError: no such holder.

    """
    async with transaction():
        if not await CardholderRow.exists(id=holder_id):
            raise unknown_cardholder()
        lines = await read_events(before_id, PASSAGES_SHOWN_MAX, holder_id=holder_id)
        subject = f"cardholder:{holder_id}"
        await note(actor.label, LOOK_VERB, subject, at, reason=reason)
    return lines
