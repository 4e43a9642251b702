"""At a sync: keep what a terminal tells of its drill, and tell it which one it is in."""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.drill import DrillOrder, DrillTold
from backend.tables.drill import DrilledTerminalRow, DrillRow

COUNT_MAX = 2**31 - 1


async def hear_drill(
    terminal_id: int, readiness: Mapping[str, object], at: int
) -> DrillOrder | None:
    """The order that stands for a terminal now, None for none."""
    told = told_of(readiness)
    if told is not None:
        await DrilledTerminalRow.filter(drill_id=told.drill_id, terminal_id=terminal_id).update(
            told_at=at,
            payments=told.payments,
            charged_fen=told.charged_fen,
            refusals=told.refusals,
            decided_milliseconds_max=told.decided_milliseconds_max,
        )
    running = {row.id: row.ends_at for row in await DrillRow.filter(ends_at__gt=at)}
    if not running:
        return None
    drilled = await DrilledTerminalRow.filter(
        terminal_id=terminal_id, drill_id__in=list(running)
    ).first()
    if drilled is None:
        return None
    return DrillOrder(drilled.drill_id, running[drilled.drill_id] - at)


def told_of(readiness: Mapping[str, object]) -> DrillTold | None:
    """What a heartbeat tells of a drill; None when it tells of none, or nonsense."""
    names = ("drill", "drill_payments", "drill_fen", "drill_refusals", "drill_milliseconds")
    numbers = [one for name in names if type(one := readiness.get(name)) is int]
    if len(numbers) != len(names) or not all(0 <= one <= COUNT_MAX for one in numbers):
        return None
    return DrillTold(*numbers)
