from __future__ import annotations

from backend.domain.access import TerminalActor
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.visits import finish_visits


@retried
async def end_visit(terminal: TerminalActor, at: int) -> None:
    """Whoever stood at this terminal has gone; again, or with nobody there, changes nothing."""
    async with transaction():
        await finish_visits(terminal.terminal_id, at)
