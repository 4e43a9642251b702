from __future__ import annotations

from backend.domain.announcement import SHOWN_MAX
from backend.tables.announcement import AnnouncementRow


async def read_announcements(at: int) -> list[AnnouncementRow]:
    """What is to be shown now, the newest first, SHOWN_MAX at most."""
    shown = AnnouncementRow.filter(opens_at__lte=at, closes_at__gt=at)
    return await shown.order_by("-opens_at", "-id").limit(SHOWN_MAX)
