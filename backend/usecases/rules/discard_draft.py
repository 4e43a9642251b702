"""Give a draft of rules up."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drafts import change_draft, open_draft


async def discard_draft(draft_id: int, reason: str, *, actor: Actor, at: int) -> None:
    """End it unpublished; it stays readable.

    Raises:
        NotFoundError: there is no such draft.
        ConflictError: it ended before.

    """
    async with transaction():
        row = await open_draft(draft_id)
        await change_draft(row, row.revision, ended_at=at, changed_by=actor.label, changed_at=at)
        await note(actor.label, "rules.discard", f"rules_draft:{draft_id}", at, reason=reason)
