"""How many terminals have heard of a denial."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.times import utc
from backend.tables.terminal import TerminalRow

LIVE_SECONDS = 86_400
"""A terminal not seen for a day is switched off, and learns of everything before it pays again."""


@dataclass(frozen=True, slots=True)
class Informed:
    """`known_by` of `terminals` that were seen lately hold the denylist version or a newer one."""

    known_by: int
    terminals: int


async def count_informed(denylist_version: int, at: float) -> Informed:
    """Count what terminals themselves reported at their last sync."""
    live = TerminalRow.filter(revoked_at=None, seen_at__gte=utc(at - LIVE_SECONDS))
    return Informed(
        known_by=await live.filter(denylist_version__gte=denylist_version).count(),
        terminals=await live.count(),
    )
