"""One chip at two places at once: somebody has a copy of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final, NamedTuple

CHIP_TRAVEL_SECONDS: Final = 60
"""Nobody carries a card in less time from one house to another. Windows of one house stand side by
side, and two of them within a minute is a lunch."""


class ChipUse(NamedTuple):
    """A payment by a card's chip; `occurred_at` is Unix seconds by the terminal's clock.

    `house_id` is the canteen its merchant stands in, 0 where the tree of places does not say.
    """

    payment_id: int
    card_id: int
    terminal_id: int
    group_id: str
    occurred_at: int
    house_id: int = 0

    def is_elsewhere(self, other: ChipUse) -> bool:
        """Whether another use was in another house; of unplaced ones, in another group."""
        if self.house_id and other.house_id:
            return self.house_id != other.house_id
        return self.group_id != other.group_id


class FarApart(NamedTuple):
    """Two uses of one card's chip that one hand cannot have made, the earlier first."""

    first: ChipUse
    second: ChipUse

    @property
    def seconds(self) -> int:
        """How far apart in time."""
        return self.second.occurred_at - self.first.occurred_at


def is_soon(one: ChipUse, later: ChipUse) -> bool:
    """Whether nobody can have walked in between."""
    return later.occurred_at - one.occurred_at < CHIP_TRAVEL_SECONDS


def far_apart(uses: Iterable[ChipUse]) -> list[FarApart]:
    """The newest such pair of each card, by card."""
    found = []
    ordered = sorted(set(uses), key=lambda use: (use.card_id, use.occurred_at, use.payment_id))
    for _, of_card in groupby(ordered, key=lambda use: use.card_id):
        newest = None
        since: list[ChipUse] = []
        for use in of_card:
            since = [one for one in since if is_soon(one, use)]
            elsewhere = [one for one in since if one.is_elsewhere(use)]
            if elsewhere:
                newest = FarApart(elsewhere[-1], use)
            since.append(use)
        if newest is not None:
            found.append(newest)
    return found
