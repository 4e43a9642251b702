from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import unknown_card
from backend.domain.dispute import Dispute
from backend.tables.card import CardRow
from backend.tables.disputes import disputes_of, open_disputes


async def read_own_disputes(card_id: int, *, lines_max: int) -> list[Dispute]:
    """The newest disputes about the payments of a card's holder, the ledger's own among them."""
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise unknown_card()
    return await disputes_of(card.holder_id, lines_max)


async def read_open_disputes(actor: Actor, *, after_id: int, lines_max: int) -> list[Dispute]:
    """A page of what waits for a decision within reach, after payment `after_id`."""
    return await open_disputes(actor, after_id, lines_max)
