"""Say no to a refund that somebody asked for; whoever asked may also take it back."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.refund import RefundState, require_next
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.refunds import unknown_refund
from backend.tables.retrying import retried
from backend.tables.top_up import RefundRow

TAKEN_BACK = "taken_back"


@retried
async def reject_refund(refund_id: int, actor: Actor, at: int) -> None:
    """Reject it; a repeat changes nothing.

    The one who asked takes it back: that is no decision by a second person, so none is named.

    Raises:
        NotFoundError: no such refund.
        ConflictError: it was approved.

    """
    async with transaction():
        row = await RefundRow.select_for_update().get_or_none(id=refund_id)
        if row is None:
            raise unknown_refund()
        state = RefundState(row.state)
        if state is RefundState.REJECTED:
            return
        require_next(state, RefundState.REJECTED)
        is_own = row.made_by == actor.label
        row.state = RefundState.REJECTED.value
        row.decided_by = "" if is_own else actor.label
        row.fault = TAKEN_BACK if is_own else ""
        row.decided_at = row.ended_at = at
        await row.save()
        subject = f"cardholder:{row.holder_id}"
        await note(actor.label, "refunds.reject", subject, at, amount_fen=row.amount_fen)
