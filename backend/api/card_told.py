"""What several audiences are told of a card: its state, who knows of a freeze, a day's code."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.api.told import At, CardStateWord, state_word
from backend.domain.card import Card, Part


class FreezeShape(Shape):
    """What to stop."""

    parts: Annotated[list[Literal["money", "doors"]], Field(min_length=1, max_length=2)]

    def chosen(self) -> frozenset[Part]:
        """The parts, as the domain names them."""
        return frozenset(Part(part) for part in self.parts)


class StateTold(TypedDict):
    """A card's state; `frozen_at` is 0 while its money is not frozen."""

    state: CardStateWord
    are_doors_frozen: bool
    frozen_at: At


class FreezeTold(StateTold):
    """The state, and how many of the terminals know."""

    known_by: int
    terminals: int


class EmergencyCodeTold(TypedDict):
    """A day's emergency code, 16 digits; `on` is written YYYY-MM-DD."""

    code: str
    on: str
    expires_at: At


def state_body(card: Card) -> StateTold:
    """A card's state as JSON."""
    return {
        "state": state_word(card.state),
        "are_doors_frozen": card.are_doors_frozen,
        "frozen_at": card.frozen_at,
    }


def freeze_body(card: Card, known_by: int, terminals: int) -> FreezeTold:
    """A card's state and who knows, as JSON."""
    return {**state_body(card), "known_by": known_by, "terminals": terminals}


def emergency_body(code: str, on: date, expires_at: int) -> EmergencyCodeTold:
    """A day's code as JSON."""
    return {"code": code, "on": str(on), "expires_at": expires_at}
