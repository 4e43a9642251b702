"""The newest drills and what their terminals told of them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.drill import DRILLS_SHOWN_MAX
from backend.tables.drill import DrilledTerminalRow, DrillRow


@dataclass(frozen=True, slots=True)
class DrillReport:
    """One drill with its terminals."""

    drill: DrillRow
    terminals: tuple[DrilledTerminalRow, ...]


async def read_drills() -> list[DrillReport]:
    """The newest first."""
    drills = await DrillRow.all().order_by("-id").limit(DRILLS_SHOWN_MAX)
    rows = await DrilledTerminalRow.filter(drill_id__in=[drill.id for drill in drills]).order_by(
        "terminal_id"
    )
    return [
        DrillReport(drill, tuple(row for row in rows if row.drill_id == drill.id))
        for drill in drills
    ]
