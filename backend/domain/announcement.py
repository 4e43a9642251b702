"""What the school has to say to everybody in the hall, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.errors import InvalidInputError

DAYS_MAX: Final = 366
SHOWN_MAX: Final = 20
"""So many at once, the newest; nobody reads more in a hall."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement in both languages, shown while opens_at <= now < closes_at."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    opens_at: int
    closes_at: int


def require_time(draft: Announcement) -> None:
    """Refuse a time that is empty or longer than DAYS_MAX. Raises InvalidInputError."""
    if not draft.opens_at < draft.closes_at <= draft.opens_at + DAYS_MAX * 86_400:
        raise InvalidInputError("closes_at", f"must be after opens_at, by {DAYS_MAX} days at most")
