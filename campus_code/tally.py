"""What one card has spent on a day and in a meal: what limits are held against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

OUTSIDE: Final = ""  # the period id outside every meal


class Spent(Protocol):
    """What a tally counts of a payment: an `Approved` is one, so is a `TerminalRecord`."""

    @property
    def charged_fen(self) -> int:
        """Fen taken."""

    @property
    def business_on(self) -> int:
        """The business day, YYYYMMDD."""

    @property
    def period_id(self) -> str:
        """The meal, "" outside all."""


@dataclass(frozen=True, slots=True)
class Tally:
    """
    What one card has spent: on a business day (YYYYMMDD, None for never), in that day's meal.
    `last_at` is its last tap at this terminal, None for never.
    """

    business_on: int | None = None
    period: str = OUTSIDE
    day_fen: int = 0
    meal_fen: int = 0
    meal_count: int = 0
    last_at: int | None = None

    def roll(self, business_on: int, period: str) -> Tally:
        """The tally as it counts for this day and period: a new day or meal begins at nothing."""
        if business_on != self.business_on:
            return Tally(business_on, period, last_at=self.last_at)
        if period != self.period:
            return Tally(business_on, period, self.day_fen, last_at=self.last_at)
        return self

    def add(self, spent: Spent, at: int) -> Tally:
        """The tally after one more payment at Unix second `at`."""
        # written out: `roll` and dataclasses.replace cost more than the whole verdict on a tap
        business_on, period, charged_fen = spent.business_on, spent.period_id, spent.charged_fen
        if business_on != self.business_on:
            return Tally(business_on, period, charged_fen, charged_fen, 1, at)
        day_fen = self.day_fen + charged_fen
        if period != self.period:
            return Tally(business_on, period, day_fen, charged_fen, 1, at)
        meal_fen, meal_count = self.meal_fen + charged_fen, self.meal_count + 1
        return Tally(business_on, period, day_fen, meal_fen, meal_count, at)

    def subtract(self, spent: Spent) -> Tally:
        """The tally after that tap was reversed; an earlier day or meal is left as it is."""
        if spent.business_on != self.business_on:
            return self
        smaller = replace(self, day_fen=max(self.day_fen - spent.charged_fen, 0))
        if spent.period_id != self.period:
            return smaller
        return replace(
            smaller,
            meal_fen=max(self.meal_fen - spent.charged_fen, 0),
            meal_count=max(self.meal_count - 1, 0),
        )
