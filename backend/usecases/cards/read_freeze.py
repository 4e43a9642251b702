from __future__ import annotations

from dataclasses import dataclass

from backend.domain.card import Card
from backend.domain.errors import NotFoundError
from backend.tables.card import CardRow, DenialRow
from backend.tables.card_changes import card_of
from backend.tables.terminal import TerminalRow


@dataclass(frozen=True, slots=True)
class FreezeView:
    """A card's state, and how many of the enrolled terminals have said that they know of it."""

    card: Card
    known_by: int
    terminals: int


async def read_freeze(card_id: int) -> FreezeView:
    """What a holder is shown after a freeze. A card never denied is known by every terminal."""
    row = await CardRow.get_or_none(id=card_id)
    if row is None:
        raise NotFoundError("unknown_card", zh="没有这张卡", en="There is no such card")
    newest = await DenialRow.filter(card_number=row.number).order_by("-version").first()
    version = 0 if newest is None else newest.version
    enrolled = TerminalRow.filter(revoked_at=None)
    known_by = await enrolled.filter(denylist_version__gte=version).count()
    return FreezeView(card_of(row), known_by, await enrolled.count())
