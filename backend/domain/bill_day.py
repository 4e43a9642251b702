"""Beijing calendar days, as WeChat Pay's bills cut them; not the school's business days."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from backend.domain.bill_text import BEIJING
from backend.domain.errors import ConflictError, InvalidInputError

READY_AT: Final = time(10, 0)
"""From when on a day's bill may be asked for, on the day after."""
KEPT_DAYS: Final = 90
"""How far back WeChat Pay makes a bill."""


def day_of(at: float) -> date:
    """The Beijing day of a Unix time."""
    return datetime.fromtimestamp(at, BEIJING).date()


def bounds_of(day_on: date) -> tuple[int, int]:
    """The day's first Unix second, and the first one after it."""
    begin = int(datetime.combine(day_on, time(), BEIJING).astimezone(UTC).timestamp())
    return begin, begin + 86_400


def day_from(number: int, field: str = "day_on") -> date:
    """The day of such a number. Raises InvalidInputError: there is no such day."""
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        raise InvalidInputError(field, "YYYYMMDD is wanted", zh="日期应为 YYYYMMDD") from None


def ready_at(day_on: date) -> int:
    """The Unix second from which on the day's bill is made."""
    return int(datetime.combine(day_on + timedelta(days=1), READY_AT, BEIJING).timestamp())


def require_ready(day_on: date, at: float) -> None:
    """Refuse a day whose bill cannot be there. Raises ConflictError."""
    if at < ready_at(day_on):
        raise ConflictError(
            "bill_too_early",
            zh=f"{day_on} 的账单要到次日上午 10 点以后才有。",
            en=f"The bill of {day_on} is there from 10:00 on the next day.",
        )


def due_days(at: float, first_on: date, done: AbstractSet[date]) -> tuple[date, ...]:
    """The days whose bills are wanted now, oldest first: since the first, at most KEPT_DAYS back.

    `done` are the days whose bills are here.
    """
    today = day_of(at)
    begin = max(first_on, today - timedelta(days=KEPT_DAYS))
    days = (begin + timedelta(days=one) for one in range((today - begin).days))
    return tuple(day for day in days if day not in done and at >= ready_at(day))
