from __future__ import annotations

from backend.tables.trails import TrailLine, read_trail


async def read_audits(*, before_id: int, lines_max: int) -> list[TrailLine]:
    """A page of everything anybody did, newest first."""
    return await read_trail(before_id, lines_max)
