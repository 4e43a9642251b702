"""Bring every lane's new entries into balances and period totals."""

from __future__ import annotations

from backend.tables.rollup import lane_ranges, roll

ROLLS_MAX = 1_000
"""Transactions one call may take; the rest is left for the next call."""


async def roll_up() -> int:
    """Roll until every lane is caught up; answers how many transactions that took."""
    rolls = 0
    for lane_id, after_id, through_id in await lane_ranges():
        mark = after_id
        while mark < through_id and rolls < ROLLS_MAX:
            mark = await roll(lane_id, mark, through_id)
            rolls += 1
    return rolls
