"""Reject a refund or void that somebody asked for: nothing moves."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.by_two import decided_already
from backend.domain.errors import NotFoundError
from backend.tables.audit import note
from backend.tables.corrections import is_within_reach
from backend.tables.database import transaction
from backend.tables.payment import CorrectionRequestRow, CorrectionRow

REJECTED = "rejected"


async def reject_correction(request_id: int, actor: Actor, at: int) -> None:
    """Say no; a repeat changes nothing. Whoever asked may take it back. `at` is Unix seconds.

    Raises:
        NotFoundError: no such request, or one about a payment beyond the actor's reach.
        ConflictError: it was approved.

    """
    async with transaction():
        row = await CorrectionRequestRow.select_for_update().get_or_none(id=request_id)
        if row is None or not await is_within_reach(row, actor):
            raise NotFoundError(
                "unknown_request", zh="没有这个申请。", en="There is no such request."
            )
        if row.decision == REJECTED:
            return
        if row.decision or await CorrectionRow.exists(request_key=row.request_key):
            raise decided_already(row.decision or "approved")
        await CorrectionRequestRow.filter(id=row.id).update(
            decided_by=actor.label, decided_at=at, decision=REJECTED
        )
        subject = f"payment:{row.payment_id}"
        await note(actor.label, "corrections.reject", subject, at, amount_fen=row.amount_fen)
