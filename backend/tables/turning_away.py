"""Turning a terminal away: what revoking it and reporting it stolen have in common."""

from __future__ import annotations

from datetime import datetime

from backend.domain.terminal import unknown_terminal
from backend.tables.terminal import TerminalRow, TerminalSessionRow


async def turn_away(terminal_id: int, at: datetime) -> bool:
    """End its sessions and let it open no other; whether it was in until now.

    Call inside `transaction()`: its row stays locked until the commit.

    Raises:
        NotFoundError: no such terminal.

    """
    terminal = await TerminalRow.select_for_update().get_or_none(id=terminal_id)
    if terminal is None:
        raise unknown_terminal()
    if terminal.revoked_at is not None:
        return False
    terminal.revoked_at = at
    await terminal.save(update_fields=["revoked_at"])
    await TerminalSessionRow.filter(terminal_id=terminal_id, ended_at=None).update(ended_at=at)
    return True
