"""What the office and the halls are told of announcements."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import TypedDict

from backend.api.told import At
from backend.tables.announcement import AnnouncementRow


class AnnouncementTold(TypedDict):
    """An announcement in both languages, shown while opens_at <= now < closes_at."""

    announcement_id: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    opens_at: At
    closes_at: At


class AnnouncementsTold(TypedDict):
    """Announcements, the newest first."""

    announcements: list[AnnouncementTold]


def announcement_told(row: AnnouncementRow) -> AnnouncementTold:
    """One as JSON."""
    return {
        "announcement_id": row.id,
        "title_zh": row.title_zh,
        "title_en": row.title_en,
        "text_zh": row.text_zh,
        "text_en": row.text_en,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
    }


def announcements_told(rows: Iterable[AnnouncementRow]) -> AnnouncementsTold:
    """Some as JSON."""
    return {"announcements": [announcement_told(row) for row in rows]}
