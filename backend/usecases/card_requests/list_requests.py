"""Requests for cards, the newest first."""

from __future__ import annotations

from backend.tables.card_request import CardRequestRow

WAITING = "waiting"


async def list_requests(
    before_id: int, lines_max: int, state: str = "", holder_id: int = 0
) -> list[CardRequestRow]:
    """A page before a request (0: from the newest), of one state or holder, or of all."""
    query = CardRequestRow.filter(id__lt=before_id) if before_id else CardRequestRow.all()
    if state:
        query = query.filter(decision="" if state == WAITING else state)
    if holder_id:
        query = query.filter(holder_id=holder_id)
    return await query.order_by("-id").limit(lines_max)
