from __future__ import annotations

from backend.domain.errors import NotFoundError
from backend.domain.top_up import TopUpState
from backend.domain.wechat_pay import OrderClosedError, OrderPaidError
from backend.tables.top_up_orders import OPEN_STATES, Payer, TopUpView, order_for, view_of
from backend.usecases.order_desk import OrderDesk


async def open_sheet(number: str, payer: Payer, desk: OrderDesk) -> TopUpView:
    """Open an order of one's own anew.

    Raises:
        NotFoundError: no order of this payer's.
        OrderPaidError, OrderClosedError: it can no longer be paid.

    """
    row = await order_for(number, payer)
    if row.wechat_id != payer.wechat_id:  # somebody else's payment, which only he can open
        raise NotFoundError(
            "unknown_top_up", zh="没有这笔充值。", en="There is no such top-up.", number=number
        )
    if row.state == TopUpState.PAID:
        raise OrderPaidError
    if row.state not in OPEN_STATES or row.expires_at <= desk.at:
        raise OrderClosedError
    sheet = await desk.open_sheet(row)
    return await view_of(row.id, sees_balance=payer.sees_balance, sheet=sheet)
