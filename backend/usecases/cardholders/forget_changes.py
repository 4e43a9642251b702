"""Forget whom old imports of a roster changed."""

from __future__ import annotations

from backend.domain.roster_undo import UNDO_SECONDS
from backend.tables.roster import RosterChangeRow, RosterImportRow


async def forget_changes(at: float) -> int:
    """Delete what imports changed that can no longer be taken back; how many changes went.

    That there was an import, by whom and of how many people, stays.
    """
    old = RosterImportRow.filter(made_at__lt=int(at) - UNDO_SECONDS).only("id")
    ids = [row.id for row in await old]
    return await RosterChangeRow.filter(import_id__in=ids).delete() if ids else 0
