from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.tables.announcement import AnnouncementRow
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.retrying import retried


@retried
async def end_announcement(announcement_id: int, *, actor: Actor, at: int) -> None:
    """Show it nowhere from now on; again changes nothing. Raises NotFoundError."""
    async with transaction():
        row = await AnnouncementRow.select_for_update().get_or_none(id=announcement_id)
        if row is None:
            raise NotFoundError(
                "unknown_announcement", zh="没有这条公告。", en="There is no such announcement."
            )
        if row.closes_at > at:
            row.closes_at = at
            await row.save(update_fields=["closes_at"])
            await note(actor.label, "announcements.end", f"announcement:{row.id}", at)
