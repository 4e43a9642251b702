from __future__ import annotations

from dataclasses import asdict

from backend.domain.access import Actor
from backend.domain.announcement import Announcement, require_time
from backend.tables.announcement import AnnouncementRow
from backend.tables.audit import note
from backend.tables.database import transaction


async def publish_announcement(draft: Announcement, *, actor: Actor, at: int) -> AnnouncementRow:
    """Show it in every hall in its time. Raises InvalidInputError for no time or too long a one."""
    require_time(draft)
    async with transaction():
        row = await AnnouncementRow.create(**asdict(draft), made_by=actor.label, made_at=at)
        await note(actor.label, "announcements.publish", f"announcement:{row.id}", at)
    return row
