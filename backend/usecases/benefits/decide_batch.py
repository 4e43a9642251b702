"""Say whether a batch that another person asked for is given out."""

from __future__ import annotations

from enum import StrEnum

from backend.domain.access import Actor
from backend.domain.benefit import unknown_batch
from backend.domain.by_two import decided_already, two_people
from backend.tables.audit import note
from backend.tables.benefit import BenefitBatchRow
from backend.tables.database import transaction
from backend.tables.retrying import retried


class BatchDecision(StrEnum):
    """What the second person said."""

    APPROVED = "approved"
    REJECTED = "rejected"


@retried
async def decide_batch(
    batch_id: int, decision: BatchDecision, *, actor: Actor, at: int
) -> BenefitBatchRow:
    """Approve (the worker posts it then) or reject; a repeat changes nothing.

    Raises:
        NotFoundError: no such batch.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was decided otherwise.

    """
    async with transaction():
        row = await BenefitBatchRow.select_for_update().get_or_none(id=batch_id)
        if row is None:
            raise unknown_batch()
        if row.made_by == actor.label:
            raise two_people()
        if row.decision == decision:
            return row
        if row.decision:
            raise decided_already(row.decision)
        row.decision, row.decided_by, row.decided_at = decision.value, actor.label, at
        await row.save(update_fields=["decision", "decided_by", "decided_at"])
        await note(actor.label, f"benefits.{decision.value}", f"benefit_batch:{batch_id}", at)
    return row
