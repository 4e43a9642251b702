"""The requests for files, the newest first."""

from __future__ import annotations

from backend.tables.export import ExportRow


async def list_exports(before_id: int, lines_max: int) -> list[ExportRow]:
    """A page; `before_id` is the last id of the page before, 0 for the newest."""
    query = ExportRow.filter(id__lt=before_id) if before_id else ExportRow.all()
    return await query.order_by("-id").limit(lines_max)
