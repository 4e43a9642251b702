"""Take an approved file, once."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.export import Decision, downloaded_already
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.export import ExportRow
from backend.tables.retrying import retried


@retried
async def take_export(export_id: int, rows: int, *, actor: Actor, at: int) -> None:
    """Mark it as taken just before it is sent; whoever comes second gets nothing.

    Raises:
        ConflictError: somebody took it meanwhile.

    """
    async with transaction():
        taken = await ExportRow.filter(
            id=export_id,
            asked_by=actor.label,
            decision=Decision.APPROVED.value,
            downloaded_at=0,
        ).update(downloaded_at=at)
        if not taken:
            raise downloaded_already()
        await note(actor.label, "exports.download", f"export:{export_id}", at, rows=rows)
