"""Drawing card numbers: random, so that a number says nothing about its holder or his year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from campus_code import card_number

SERIALS: Final = 10_000_000
RANDOM_BYTES: Final = 8  # 2^64 over ten million: the bias is below one in a trillion


def draw_card_numbers(count: int, randomness: Callable[[int], bytes]) -> list[str]:
    """Draw `count` different card numbers (7 digits + Damm); whether they are free is not known."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        serial = int.from_bytes(randomness(RANDOM_BYTES), "big") % SERIALS
        drawn[card_number(serial)] = None
    return list(drawn)
