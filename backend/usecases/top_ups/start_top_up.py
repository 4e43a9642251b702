from __future__ import annotations

from backend.domain.errors import ConflictError
from backend.domain.top_up import read_amount
from backend.tables.guardians import newest_card
from backend.tables.top_up_orders import (
    OPEN_STATES,
    Payer,
    TopUpAsked,
    TopUpView,
    add_order,
    no_wechat,
    view_of,
)
from backend.usecases.order_desk import OrderDesk


async def start_top_up(asked: TopUpAsked, payer: Payer, desk: OrderDesk) -> TopUpView:
    """Make an order and what the phone opens it with; the same request key, the same order.

    Raises:
        InvalidInputError: an amount the school does not take.
        ConflictError: no WeChat account, no card, or the key was used for something else.
        UnavailableError: no merchant number, or WeChat Pay did not answer; send it again.

    """
    account = desk.account
    read_amount(asked.amount_fen, desk.amount_fen_max)
    if not payer.wechat_id:
        raise no_wechat()
    if await newest_card(payer.holder_id) is None:
        raise ConflictError("no_card", zh="还没有校园卡", en="There is no card yet")
    row = await add_order(asked, payer, account, at=desk.at, randomness=desk.randomness)
    sheet = None
    if row.state in OPEN_STATES and row.expires_at > desk.at:
        sheet = await desk.open_sheet(row)
    return await view_of(row.id, sees_balance=payer.sees_balance, sheet=sheet)
