"""Forget the minutes of terminals that nobody looks at any more."""

from __future__ import annotations

from backend.tables.pulse import PulseRow
from campus_code.days import DAY_SECONDS

PULSE_DAYS_KEPT = 60
"""Last week is compared with, and a trial of rules may run for a month."""


async def expire_pulse(at: int) -> int:
    """Delete them; how many. What was paid stands in the payments themselves."""
    return await PulseRow.filter(minute_at__lt=at - PULSE_DAYS_KEPT * DAY_SECONDS).delete()
