"""Imports of a roster, the newest first."""

from __future__ import annotations

from backend.tables.roster import RosterImportRow


async def list_imports(before_id: int, lines_max: int) -> list[RosterImportRow]:
    """The newest imports before one of them; 0 begins at the newest."""
    query = RosterImportRow.filter(id__lt=before_id) if before_id else RosterImportRow.all()
    return await query.order_by("-id").limit(lines_max)
