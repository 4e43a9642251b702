from __future__ import annotations

from backend.domain.errors import ConflictError
from backend.domain.top_up import read_amount
from backend.domain.wechat import OPENID_CONTEXT
from backend.tables.database import transaction
from backend.tables.invitations import invitation_by, value_of
from backend.tables.retrying import retried
from backend.tables.top_up import InvitationRow, TopUpRow
from backend.tables.top_up_orders import (
    OPEN_STATES,
    Payer,
    TopUpAsked,
    TopUpView,
    add_order,
    view_of,
)
from backend.tables.wechat_accounts import keep_account
from backend.usecases.order_desk import OrderDesk
from backend.usecases.ports import Wechat


async def start_invited(
    token: str, login_code: str, asked: TopUpAsked, *, wechat: Wechat, desk: OrderDesk
) -> TopUpView:
    """Make the one order of an invitation for whoever has its token and a WeChat account.

    An order that somebody left unpaid is closed first, so that two are never open at a time.

    Raises:
        NotFoundError: no such invitation. ConflictError: paid, ended, or the order before is
        being paid. InvalidInputError: more than the invitation allows. What WeChat and
        WeChat Pay raise.

    """
    _ = desk.account
    invitation = await invitation_by(token)
    (await value_of(invitation)).require_open(desk.at)
    read_amount(asked.amount_fen, min(invitation.amount_fen_max, desk.amount_fen_max))
    openid = await wechat.openid_of(login_code)
    sealed = desk.vault.seal(openid.encode(), OPENID_CONTEXT)
    wechat_id = await keep_account(openid, sealed, desk.at)
    label = f"invitation:{invitation.id}"
    payer = Payer(label, wechat_id, invitation.holder_id, sees_balance=False)
    await _close_before(invitation.top_up_id, asked.request_key, desk)
    row = await _add(invitation.id, asked, payer, desk)
    sheet = None
    if row.state in OPEN_STATES and row.expires_at > desk.at:
        sheet = await desk.open_sheet(row)
    return await view_of(row.id, sees_balance=False, sheet=sheet)


async def _close_before(top_up_id: int, request_key: str, desk: OrderDesk) -> None:
    """Close the order that was made with this invitation before, unless this is its repeat."""
    before = await TopUpRow.get_or_none(id=top_up_id) if top_up_id else None
    if before is not None and before.request_key != request_key and before.state in OPEN_STATES:
        await desk.close(before)


@retried
async def _add(invitation_id: int, asked: TopUpAsked, payer: Payer, desk: OrderDesk) -> TopUpRow:
    async with transaction():
        row = await InvitationRow.select_for_update().get(id=invitation_id)
        (await value_of(row)).require_open(desk.at)
        before = await TopUpRow.get_or_none(id=row.top_up_id) if row.top_up_id else None
        if before is not None and before.request_key != asked.request_key:
            _require_over(before)
        order = await add_order(asked, payer, desk.account, at=desk.at, randomness=desk.randomness)
        await InvitationRow.filter(id=row.id).update(top_up_id=order.id)
    return order


def _require_over(before: TopUpRow) -> None:
    """Raise ConflictError while the order before may still be paid."""
    if before.state != "closed":
        raise ConflictError(
            "invitation_busy",
            zh="有人正在支付该邀请，请稍后再试。",
            en="Somebody is paying this invitation; please try again in a moment.",
        )
