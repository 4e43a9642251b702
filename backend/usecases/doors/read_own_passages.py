from __future__ import annotations

from backend.domain.card import unknown_card
from backend.domain.door import PASSAGES_SHOWN_MAX
from backend.tables.card import CardRow
from backend.tables.door_events import PassageLine, read_events


async def read_own_passages(card_id: int, *, before_id: int) -> list[PassageLine]:
    """A page of the holder's own passages over all his cards, newest first."""
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise unknown_card()
    return await read_events(before_id, PASSAGES_SHOWN_MAX, holder_id=card.holder_id)
