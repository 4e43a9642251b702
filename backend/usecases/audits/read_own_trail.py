from __future__ import annotations

from backend.domain.card import unknown_card
from backend.tables.card import CardRow
from backend.tables.trails import TrailLine, read_trail


async def read_own_trail(card_id: int, *, before_id: int, lines_max: int) -> list[TrailLine]:
    """What was done to a holder's cards, and who looked him up: a page, newest first."""
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise unknown_card()
    cards = await CardRow.filter(holder_id=card.holder_id).only("id")
    subjects = [f"card:{one.id}" for one in cards] + [f"cardholder:{card.holder_id}"]
    return await read_trail(before_id, lines_max, subjects)
