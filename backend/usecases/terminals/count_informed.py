"""How many terminals have heard of a denial."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.times import utc
from backend.domain.visit import is_hall
from backend.tables.door import DoorRow
from backend.tables.terminal import TerminalRow
from campus_code import RulesBundle

LIVE_SECONDS = 86_400
"""A terminal not seen for a day is switched off, and learns of everything before it pays again."""


@dataclass(frozen=True, slots=True)
class Informed:
    """`known_by` of `terminals` that were seen lately hold the denylist version or a newer one."""

    known_by: int
    terminals: int


async def count_informed(
    denylist_version: int, at: float, doors_version: int = 0, *, rules: RulesBundle
) -> Informed:
    """Count what terminals themselves reported at their last sync.

    A door knows only when it holds this version of the doors list too. A kiosk of the hall refuses
    nobody and holds no list: it is not among them.
    """
    live = TerminalRow.filter(revoked_at=None, seen_at__gte=utc(at - LIVE_SECONDS))
    if halls := [group_id for group_id in rules.groups if is_hall(rules, group_id)]:
        live = live.exclude(group_id__in=halls)
    known = live.filter(denylist_version__gte=denylist_version)
    doors = await DoorRow.all().values_list("terminal_id", flat=True)
    unknowing = known.filter(id__in=list(doors), doors_version__lt=doors_version)
    return Informed(
        known_by=await known.count() - (await unknowing.count() if doors else 0),
        terminals=await live.count(),
    )
