"""How long items have waited, in steps that a finance office works through."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

DAY_SECONDS: Final = 86_400


class Age(StrEnum):
    """How many days an item has waited."""

    NEW = "0-1"
    DAYS = "2-7"
    WEEKS = "8-30"
    OLD = "31-"


BOUNDS: Final = {Age.NEW: (0, 2), Age.DAYS: (2, 8), Age.WEEKS: (8, 31), Age.OLD: (31, 1 << 20)}
"""From so many whole days on, and up to (not with) so many."""


def opened_between(age: Age, at: int) -> tuple[int, int]:
    """The seconds (first, first after) between which items of an age were opened."""
    first, end = BOUNDS[age]
    return at - end * DAY_SECONDS + 1, at - first * DAY_SECONDS + 1
