from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.door import LOOK_VERB, PASSAGES_SHOWN_MAX
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.door_events import PassageLine, read_events


async def read_door_log(
    terminal_id: int, reason: str, *, before_id: int, actor: Actor, at: int
) -> list[PassageLine]:
    """A page of a door's events, newest first; each holder in it sees who looked and why."""
    async with transaction():
        lines = await read_events(before_id, PASSAGES_SHOWN_MAX, terminal_id=terminal_id)
        for holder_id in sorted({line.holder_id for line in lines if line.holder_id is not None}):
            subject = f"cardholder:{holder_id}"
            await note(actor.label, LOOK_VERB, subject, at, reason=reason, door=terminal_id)
    return lines
