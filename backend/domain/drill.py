"""Drills: an outage an office orders for chosen terminals, to see that they can be alone."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.errors import NotFoundError

DRILL_SECONDS_MAX = 3600
DRILL_TERMINALS_MAX = 200
DRILLS_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class DrillOrder:
    """What a terminal is told: be alone for so many seconds from now."""

    drill_id: int
    seconds: int


@dataclass(frozen=True, slots=True)
class DrillTold:
    """What a terminal tells of a drill: taken alone, refused, the longest time to decide."""

    drill_id: int
    payments: int
    charged_fen: int
    refusals: int
    decided_milliseconds_max: int


def unknown_drill() -> NotFoundError:
    """The answer when an office names a drill that is not there."""
    return NotFoundError("unknown_drill", zh="没有这次演练。", en="There is no such drill.")
