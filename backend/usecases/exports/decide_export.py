"""Say whether a file that another person asked for may leave."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.by_two import decided_already, two_people
from backend.domain.export import VALID_SECONDS, Decision, export_over, unknown_export
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.export import ExportRow
from backend.tables.retrying import retried


@retried
async def decide_export(export_id: int, decision: Decision, *, actor: Actor, at: int) -> ExportRow:
    """Approve or reject; a repeat changes nothing.

    Raises:
        NotFoundError: no such request.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was decided otherwise, or is too old.

    """
    async with transaction():
        row = await ExportRow.select_for_update().get_or_none(id=export_id)
        if row is None:
            raise unknown_export()
        if row.asked_by == actor.label:
            raise two_people()
        if row.decision == decision:
            return row
        if row.decision:
            raise decided_already(row.decision)
        if at > row.asked_at + VALID_SECONDS:
            raise export_over()
        row.decision, row.approved_by, row.approved_at = decision.value, actor.label, at
        await row.save(update_fields=["decision", "approved_by", "approved_at"])
        await note(actor.label, f"exports.{decision.value}", f"export:{export_id}", at)
    return row
