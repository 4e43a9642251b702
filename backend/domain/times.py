"""Unix seconds and aware datetimes, one to the other."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(at: float) -> datetime:
    """The aware UTC datetime of a Unix time, as `*_at` columns of that kind want it."""
    return datetime.fromtimestamp(at, UTC)
