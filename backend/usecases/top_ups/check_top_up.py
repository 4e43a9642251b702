from __future__ import annotations

from backend.domain.top_up import ENDED
from backend.tables.top_up_orders import Payer, TopUpView, order_for, view_of
from backend.usecases.order_desk import OrderDesk


async def check_top_up(number: str, payer: Payer, desk: OrderDesk) -> TopUpView:
    """Ask WeChat Pay where an order stands, unless it has ended: all that a phone's "ok" does.

    Raises NotFoundError: no order that this person may see; and what `WechatPay.find` does.
    """
    row = await order_for(number, payer)
    if row.state not in ENDED:
        await desk.ask(row)
    return await view_of(row.id, sees_balance=payer.sees_balance)
