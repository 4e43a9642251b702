"""Cohorts whose cards end, the newest first."""

from __future__ import annotations

from backend.tables.ending import EndingRow


async def list_endings(before_id: int, lines_max: int) -> list[EndingRow]:
    """A page before an ending; 0 begins at the newest."""
    query = EndingRow.filter(id__lt=before_id) if before_id else EndingRow.all()
    return await query.order_by("-id").limit(lines_max)
