from __future__ import annotations

from backend.tables.trails import Sought, TrailLine, search_trail


async def read_audits(sought: Sought, *, before_id: int, lines_max: int) -> list[TrailLine]:
    """A page of what anybody did, newest first."""
    return await search_trail(sought, before_id, lines_max)
