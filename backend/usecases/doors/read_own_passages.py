from __future__ import annotations

from backend.domain.door import PASSAGES_SHOWN_MAX
from backend.domain.errors import NotFoundError
from backend.tables.card import CardRow
from backend.tables.door_events import PassageLine, read_events


async def read_own_passages(card_id: int, *, before_id: int) -> list[PassageLine]:
    """A page of the holder's own passages over all his cards, newest first."""
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise NotFoundError("unknown_card", zh="没有这张卡", en="There is no such card")
    return await read_events(before_id, PASSAGES_SHOWN_MAX, holder_id=card.holder_id)
