"""Requests for cards, the newest first."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.card_request import CardRequestRow
from backend.tables.places import places_within

WAITING = "waiting"


async def list_requests(
    before_id: int, lines_max: int, state: str = "", holder_id: int = 0, *, actor: Actor
) -> list[CardRequestRow]:
    """A page before a request (0: from the newest), of one state or holder, or of all in reach."""
    query = CardRequestRow.filter(**places_within(actor, "campus_id"))
    if before_id:
        query = query.filter(id__lt=before_id)
    if state:
        query = query.filter(decision="" if state == WAITING else state)
    if holder_id:
        query = query.filter(holder_id=holder_id)
    return await query.order_by("-id").limit(lines_max)
