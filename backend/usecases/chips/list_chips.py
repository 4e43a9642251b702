from __future__ import annotations

from backend.domain.card import unknown_card
from backend.tables.card import CardRow
from backend.tables.chip import ChipRow
from backend.tables.chips import chips_of


async def list_chips(card_id: int) -> list[ChipRow]:
    """Every chip a card ever had, the newest first. Raises NotFoundError: no such card."""
    if not await CardRow.exists(id=card_id):
        raise unknown_card()
    return await chips_of(card_id)
