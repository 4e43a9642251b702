"""Turn a terminal away for good."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.terminal import unknown_terminal
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.places import within
from backend.tables.terminal import TerminalRow
from backend.tables.turning_away import turn_away
from backend.usecases.ports import Bus


async def revoke_terminal(
    terminal_id: int, reason: str, *, actor: Actor, at: float, bus: Bus
) -> None:
    """End its sessions and let it open no other; a second time changes nothing.

    What it held stays with whoever has it: after a theft the epoch is rotated too.

    Raises:
        NotFoundError: no such terminal, or not the actor's.

    """
    async with transaction():
        if not await TerminalRow.filter(id=terminal_id, **within(actor)).exists():
            raise unknown_terminal()
        if await turn_away(terminal_id, utc(at)):
            subject = f"terminal:{terminal_id}"
            await note(actor.label, "terminals.revoke", subject, int(at), reason=reason)
    await bus.publish("revoked", {"terminal_id": terminal_id})
