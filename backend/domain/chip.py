"""Whose chip it was: a chip belongs to one card from a binding to its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from campus_code import Refusal, RefusedError


class BoundChip(NamedTuple):
    """One binding of a chip to a card, living (`ended_at` 0) or over; Unix seconds."""

    card_number: str
    bound_at: int
    ended_at: int

    def covers(self, at: int) -> bool:
        """Whether the chip was the card's at this moment."""
        return self.bound_at <= at and (self.ended_at == 0 or at < self.ended_at)


def card_of_chip(bindings: Iterable[BoundChip], at: int) -> str:
    """The number of the card a chip belonged to at Unix second `at`.

    Raises:
        RefusedError: UNKNOWN_CARD for a chip that had not been bound, REPLACED_CREDENTIAL for one
            whose binding was over.

    """
    is_over = False
    for one in bindings:
        if one.covers(at):
            return one.card_number
        is_over = is_over or one.bound_at <= at
    raise RefusedError(Refusal.REPLACED_CREDENTIAL if is_over else Refusal.UNKNOWN_CARD)
