from __future__ import annotations

from dataclasses import dataclass

from backend.domain.card import Card, unknown_card
from backend.tables.card import CardRow, DenialRow
from backend.tables.card_changes import card_of


@dataclass(frozen=True, slots=True)
class FreezeView:
    """A card's state, and the denylist version with which it began (0: never denied).

    `doors_version`: with which doors heard last.
    """

    card: Card
    denylist_version: int
    doors_version: int


async def read_freeze(card_id: int) -> FreezeView:
    """What a holder is shown after a freeze."""
    row = await CardRow.get_or_none(id=card_id)
    if row is None:
        raise unknown_card()
    newest = await DenialRow.filter(card_number=row.number).order_by("-version").first()
    return FreezeView(card_of(row), 0 if newest is None else newest.version, row.doors_version)
