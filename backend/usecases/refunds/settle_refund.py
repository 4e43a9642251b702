"""Take an abnormal refund as done: the payer was paid on WeChat Pay's own site."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ForbiddenError
from backend.domain.refund import RefundState, wrong_state
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.refunds import unknown_refund
from backend.tables.retrying import retried
from backend.tables.top_up import RefundRow


@retried
async def settle_refund(refund_id: int, said: str, actor: Actor, at: int) -> None:
    """End it by the word of somebody who did not ask for it; no money moves in the books.

    It left the purse when it was booked, and the bill of that day proved it.

    Raises:
        NotFoundError: no such refund.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it is not abnormal.

    """
    async with transaction():
        row = await RefundRow.select_for_update().get_or_none(id=refund_id)
        if row is None:
            raise unknown_refund()
        if row.made_by == actor.label:
            raise ForbiddenError(
                "two_people", zh="须由另一人处理。", en="Somebody else has to settle this."
            )
        state = RefundState(row.state)
        if state is RefundState.DONE and row.settled_by:
            return
        if state is not RefundState.ABNORMAL:
            raise wrong_state(state, RefundState.DONE)
        row.state = RefundState.DONE.value
        row.settled_by = actor.label
        row.note = said
        row.ended_at, row.due_at = at, 0
        await row.save()
        subject = f"cardholder:{row.holder_id}"
        await note(actor.label, "refunds.settle", subject, at, refund=row.out_refund_no)
