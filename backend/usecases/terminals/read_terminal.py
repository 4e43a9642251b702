"""One terminal with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.terminal import unknown_terminal
from backend.tables.door import DoorRow
from backend.tables.drill import DrilledTerminalRow, DrillRow
from backend.tables.live_reads import NO_STAND, Stand, read_stands
from backend.tables.payment import QuarantineRow
from backend.tables.pulse import PulseRow
from backend.tables.staff import AuditRow
from backend.tables.terminal import (
    EnrolmentRow,
    RefusalCountRow,
    StolenTerminalRow,
    TerminalRow,
)
from campus_code.days import DAY_SECONDS

HOUR = 3600
TRAIL_LINES_MAX = 50
DRILLS_MAX = 5


@dataclass(frozen=True, slots=True)
class Hour:
    """What it took in an hour."""

    begins_at: int
    payments: int
    offline_payments: int


@dataclass(frozen=True, slots=True)
class DrillPart:
    """Its part in a drill."""

    drill: DrillRow
    told: DrilledTerminalRow


@dataclass(frozen=True, slots=True)
class TerminalView:
    """The terminal, what it did and what was done to it, the newest first."""

    row: TerminalRow
    stand: Stand
    is_door: bool
    is_stolen: bool
    quarantined: int
    hours: Sequence[Hour]
    refusals: Sequence[tuple[str, int]]
    trail: Sequence[AuditRow]
    drills: Sequence[DrillPart]


async def read_terminal(
    terminal_id: int, business_on: int, *, actor: Actor, at: int
) -> TerminalView:
    """Refusals are those of the business day, hours the last 24.

    Raises:
        NotFoundError: there is no such terminal within reach.

    """
    row = await TerminalRow.get_or_none(id=terminal_id)
    if row is None or not actor.reach.has_merchant(row.merchant_id):
        raise unknown_terminal()
    refusals = RefusalCountRow.filter(terminal_id=terminal_id, business_on=business_on)
    return TerminalView(
        row=row,
        stand=(await read_stands()).get(row.merchant_id, NO_STAND),
        is_door=await DoorRow.exists(terminal_id=terminal_id),
        is_stolen=await StolenTerminalRow.exists(terminal_id=terminal_id),
        quarantined=await QuarantineRow.filter(terminal_id=terminal_id, resolved_at=0).count(),
        hours=await _hours(terminal_id, at),
        refusals=[(one.reason, one.count) for one in await refusals.order_by("-count", "reason")],
        trail=await _trail(terminal_id),
        drills=await _drills(terminal_id),
    )


async def _hours(terminal_id: int, at: int) -> list[Hour]:
    begins_at = at - at % HOUR - DAY_SECONDS + HOUR
    hours = [[0, 0] for _ in range(DAY_SECONDS // HOUR)]
    for minute in await PulseRow.filter(terminal_id=terminal_id, minute_at__gte=begins_at):
        place = (minute.minute_at - begins_at) // HOUR
        if place < len(hours):
            hours[place][0] += minute.payments
            hours[place][1] += minute.offline_payments
    return [
        Hour(begins_at + place * HOUR, payments, offline)
        for place, (payments, offline) in enumerate(hours)
    ]


async def _trail(terminal_id: int) -> list[AuditRow]:
    """What was done to it; that it came to be stands with its enrolments."""
    enrolments = await EnrolmentRow.filter(terminal_id=terminal_id).only("id")
    subjects = [f"terminal:{terminal_id}", *(f"enrolment:{one.id}" for one in enrolments)]
    lines = AuditRow.filter(subject__in=subjects).order_by("-id")
    return await lines.limit(TRAIL_LINES_MAX)


async def _drills(terminal_id: int) -> list[DrillPart]:
    newest = DrilledTerminalRow.filter(terminal_id=terminal_id).order_by("-drill_id")
    told = await newest.limit(DRILLS_MAX)
    drills = {one.id: one for one in await DrillRow.filter(id__in=[row.drill_id for row in told])}
    return [DrillPart(drills[one.drill_id], one) for one in told if one.drill_id in drills]
