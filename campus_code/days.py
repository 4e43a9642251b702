"""The school's calendar: which date it is there, and how a date is written as one number."""

from __future__ import annotations

import datetime as dt
from typing import Final

DAY_SECONDS: Final = 86_400
_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()


def local_date(at: int, utc_offset_seconds: int) -> dt.date:
    """The school's calendar date at Unix second `at`."""
    return dt.date.fromordinal(_EPOCH_ORDINAL + (at + utc_offset_seconds) // DAY_SECONDS)


def day_number(day: dt.date) -> int:
    """The number YYYYMMDD: 20260901."""
    return day.year * 10_000 + day.month * 100 + day.day
