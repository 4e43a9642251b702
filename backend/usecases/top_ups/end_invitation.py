from __future__ import annotations

from backend.domain.invitation import unknown_invitation
from backend.domain.top_up import TopUpState
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.top_up import InvitationRow, TopUpRow
from backend.tables.top_up_orders import OPEN_STATES, Payer


@retried
async def end_invitation(invitation_id: int, payer: Payer, *, at: int) -> None:
    """End an invitation; again changes nothing. An order that is open is closed by the worker.

    Raises NotFoundError: none of this holder's, or none that this person may end.
    """
    async with transaction():
        row = await InvitationRow.select_for_update().get_or_none(
            id=invitation_id, holder_id=payer.holder_id
        )
        if row is None or not (payer.sees_all or row.made_by == payer.label):
            raise unknown_invitation()
        if row.ended_at:
            return
        await InvitationRow.filter(id=row.id).update(ended_at=at)
        opened = TopUpRow.filter(id=row.top_up_id, state__in=OPEN_STATES)
        await opened.update(state=TopUpState.CLOSING.value, due_at=at)
        subject = f"cardholder:{payer.holder_id}"
        await note(payer.label, "top_ups.end_invitation", subject, at, invitation_id=row.id)
