from __future__ import annotations

from backend.domain.errors import NotFoundError
from backend.domain.top_up import ENDED
from backend.tables.invitations import invitation_by
from backend.tables.top_up import TopUpRow
from backend.tables.top_up_orders import TopUpView, view_of
from backend.usecases.order_desk import OrderDesk


async def check_invited(token: str, desk: OrderDesk) -> TopUpView:
    """Ask where the order of an invitation stands. NotFoundError: no such one, or none ordered."""
    invitation = await invitation_by(token)
    row = await TopUpRow.get_or_none(id=invitation.top_up_id) if invitation.top_up_id else None
    if row is None:
        raise NotFoundError(
            "unknown_top_up", zh="还没有下单。", en="Nothing was ordered with this invitation."
        )
    if row.state not in ENDED:
        await desk.ask(row)
    return await view_of(row.id, sees_balance=False)
