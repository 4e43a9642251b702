"""What was done to a person and his cards, for the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.tables.card import CardRow
from backend.tables.staff_members import names_of
from backend.tables.trails import TrailLine, read_trail


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Lines, newest first, and the names of the staff in them by label."""

    lines: Sequence[TrailLine]
    names: Mapping[str, str]


async def read_trail_of(holder_id: int, *, before_id: int, lines_max: int) -> TrailPage:
    """A page of whoever looked at him, changed him, froze or replaced a card of his."""
    cards = await CardRow.filter(holder_id=holder_id).only("id")
    subjects = [f"cardholder:{holder_id}", *(f"card:{card.id}" for card in cards)]
    lines = await read_trail(before_id, lines_max, subjects)
    return TrailPage(lines, await names_of(line.actor for line in lines))
