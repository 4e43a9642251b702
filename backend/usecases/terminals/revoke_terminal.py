"""Turn a terminal away for good."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.terminal import unknown_terminal
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.terminal import TerminalRow, TerminalSessionRow
from backend.usecases.ports import Bus


async def revoke_terminal(
    terminal_id: int, reason: str, *, actor: Actor, at: float, bus: Bus
) -> None:
    """End its sessions and let it open no other; a second time changes nothing.

    What it held stays with whoever has it: after a theft the epoch is rotated too.

    Raises:
        NotFoundError: no such terminal.

    """
    async with transaction():
        terminal = await TerminalRow.select_for_update().get_or_none(id=terminal_id)
        if terminal is None:
            raise unknown_terminal()
        if terminal.revoked_at is None:
            terminal.revoked_at = utc(at)
            await terminal.save(update_fields=["revoked_at"])
            await TerminalSessionRow.filter(terminal_id=terminal_id, ended_at=None).update(
                ended_at=utc(at)
            )
            subject = f"terminal:{terminal_id}"
            await note(actor.label, "terminals.revoke", subject, int(at), reason=reason)
    await bus.publish("revoked", {"terminal_id": terminal_id})
