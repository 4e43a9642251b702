"""Keep what was changed in a draft of rules."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.tables.database import transaction
from backend.tables.drafts import change_draft, open_draft
from backend.tables.rollout import RulesDraftRow


@dataclass(frozen=True, slots=True)
class DraftChange:
    """What somebody who has seen `revision` wants it to be; `body` need not be right yet."""

    revision: int
    title: str
    body: str


async def save_draft(draft_id: int, change: DraftChange, *, actor: Actor, at: int) -> RulesDraftRow:
    """Keep it; it is in force nowhere, so the trail only says who began and who published it.

    Raises:
        NotFoundError: there is no such draft.
        ConflictError: it ended, or somebody else changed it meanwhile.

    """
    async with transaction():
        row = await open_draft(draft_id)
        await change_draft(
            row,
            change.revision,
            title=change.title,
            body=change.body,
            changed_by=actor.label,
            changed_at=at,
        )
    return await RulesDraftRow.get(id=draft_id)
