"""Card numbers that nobody has, or ever had: closed cards keep theirs."""

from __future__ import annotations

from collections.abc import Callable

from backend.domain.errors import UnavailableError
from backend.domain.numbers import draw_card_numbers
from backend.tables.card import CardRow

NUMBERS_PER_QUERY = 1_000
DRAWS_MAX = 20


async def free_card_numbers(count: int, randomness: Callable[[int], bytes]) -> list[str]:
    """Draw `count` free numbers (≤ NUMBERS_PER_QUERY) under the lock of the directory counter.

    Raises:
        UnavailableError: the numbers are (nearly) used up.

    """
    if count > NUMBERS_PER_QUERY:
        raise ValueError(f"count: at most {NUMBERS_PER_QUERY}")
    free: dict[str, None] = {}
    for _ in range(DRAWS_MAX):
        drawn = draw_card_numbers(count - len(free), randomness)
        taken = {row.number for row in await CardRow.filter(number__in=drawn).only("id", "number")}
        free.update(dict.fromkeys(number for number in drawn if number not in taken))
        if len(free) == count:
            return list(free)
    raise UnavailableError(
        "no_card_number", zh="卡号快用完了", en="The card numbers are nearly used up"
    )
