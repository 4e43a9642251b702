"""Bring every lane's new entries into balances, period totals and totals a day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from backend.tables.day_totals import open_ranges, roll_days
from backend.tables.rollup import lane_ranges, roll

ROLLS_MAX = 1_000
"""Transactions one call may take for each kind of sum; the rest is left for the next call."""


async def roll_up() -> int:
    """Roll until every lane is caught up; answers how many transactions that took."""
    rolls = await _roll(roll, await lane_ranges())
    return rolls + await _roll(roll_days, await open_ranges())


async def _roll(
    one: Callable[[int, int, int], Awaitable[int]], ranges: Sequence[tuple[int, int, int]]
) -> int:
    rolls = 0
    for lane_id, after_id, through_id in ranges:
        mark = after_id
        while mark < through_id and rolls < ROLLS_MAX:
            mark = await one(lane_id, mark, through_id)
            rolls += 1
    return rolls
