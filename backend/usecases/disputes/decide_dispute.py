from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.dispute import Dispute, DisputeState, Remedy, remedy_for
from backend.domain.errors import ConflictError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.disputes import read_dispute, require_reach, unknown_dispute
from backend.tables.payment import DisputeRow
from backend.tables.retrying import retried


@dataclass(frozen=True, slots=True)
class DisputeDecided:
    """What was decided, and the correction somebody may ask for now."""

    dispute: Dispute
    remedy: Remedy | None


@retried
async def decide_dispute(
    payment_id: int, decision: DisputeState, words: str, *, actor: Actor, at: int
) -> DisputeDecided:
    """Decide once; the same decision again gets the first answer. Money stays where it is.

    Raises:
        NotFoundError: nobody contests this payment, or it is beyond the actor's reach.
        ConflictError: the other was decided before.

    """
    async with transaction():
        row = await DisputeRow.select_for_update().get_or_none(id=payment_id)
        if row is None:
            raise unknown_dispute()
        await require_reach(actor, payment_id)
        if row.decision not in ("", decision.value):
            raise ConflictError(
                "decided_already",
                zh="这项争议已有别的决定。",
                en="This dispute was decided otherwise.",
                decision=row.decision,
            )
        if not row.decision:
            row.decision = decision.value
            row.decided_at = at
            row.decided_by = actor.label
            row.decision_note = words
            await row.save(update_fields=["decision", "decided_at", "decided_by", "decision_note"])
            subject = f"card:{row.card_id}"
            detail = {"payment_id": payment_id, "decision": decision.value}
            await note(actor.label, "disputes.decide", subject, at, **detail)
        decided = await read_dispute(payment_id)
    return DisputeDecided(decided, remedy_for(decided) if decision is DisputeState.UPHELD else None)
