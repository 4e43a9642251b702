"""The disputes about one person's payments."""

from __future__ import annotations

from backend.domain.dispute import Dispute
from backend.tables.disputes import disputes_of


async def list_disputes_of(holder_id: int, lines_max: int) -> list[Dispute]:
    """The newest, whoever opened them."""
    return await disputes_of(holder_id, lines_max)
