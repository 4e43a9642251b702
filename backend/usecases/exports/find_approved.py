"""Find a file that its asker may take now."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.export import (
    VALID_SECONDS,
    Decision,
    downloaded_already,
    export_over,
    needs_approval,
    unknown_export,
)
from backend.tables.export import ExportRow


async def find_approved(export_id: int, *, actor: Actor, at: int) -> ExportRow:
    """The request, if this person asked for it, another approved it and nobody took it yet.

    Raises:
        NotFoundError: no such request of this person's.
        ForbiddenError: nobody has approved it.
        ConflictError: it was taken, or is too old.

    """
    row = await ExportRow.get_or_none(id=export_id, asked_by=actor.label)
    if row is None:
        raise unknown_export()
    if row.decision != Decision.APPROVED:
        raise needs_approval(row.rows)
    if row.downloaded_at:
        raise downloaded_already()
    if at > row.asked_at + VALID_SECONDS:
        raise export_over()
    return row
