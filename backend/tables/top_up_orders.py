"""Orders of top-ups: made once per request key, found for those who may see them, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tortoise.exceptions import IntegrityError

from backend.domain.accounts import purse_account
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.top_up import (
    ORDER_RANDOM_BYTES,
    ORDER_SECONDS,
    TopUpState,
    next_ask,
    order_number,
)
from backend.domain.wechat_pay import PaySheet
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables.account import AccountRow
from backend.tables.top_up import TopUpRow
from backend.tables.top_ups import NUMBER_LENGTH_MAX, PURSE

OPEN_STATES: Final = (TopUpState.STARTED, TopUpState.PENDING)
"""States in which an order may still be paid, as far as we know."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who tops up whose purse. `wechat_id` 0: a phone that was bound without WeChat.

    `sees_balance`: whether he may be told what is in the purse; `sees_all`: who else brought what.
    """

    label: str
    wechat_id: int
    holder_id: int
    sees_balance: bool
    sees_all: bool = False


@dataclass(frozen=True, slots=True)
class TopUpAsked:
    """A top-up that is wanted. `request_key` is the phone's own: a repeat gets the first order."""

    request_key: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class TopUpView:
    """An order for a phone's eyes. Times are Unix seconds; `balance_fen` None: not to be told."""

    number: str
    amount_fen: int
    state: TopUpState
    started_at: int
    expires_at: int
    paid_at: int
    balance_fen: int | None
    sheet: PaySheet | None = field(default=None, repr=False)


def no_wechat() -> ConflictError:
    """A phone that WeChat Pay cannot open a payment for."""
    return ConflictError(
        "no_wechat",
        zh="绑定时没有使用微信登录，请重新绑定后再充值。",
        en="This phone was bound without WeChat; bind it again to top up.",
    )


async def add_order(
    asked: TopUpAsked,
    payer: Payer,
    account: WechatPayAccount,
    *,
    at: int,
    randomness: Callable[[int], bytes],
) -> TopUpRow:
    """The order of a request key, made when there is none.

    Raises ConflictError when the key was used for something else, or by somebody else.
    """
    row = await TopUpRow.get_or_none(request_key=asked.request_key)
    if row is None:
        try:
            row = await TopUpRow.create(
                out_trade_no=order_number(randomness(ORDER_RANDOM_BYTES)),
                request_key=asked.request_key,
                holder_id=payer.holder_id,
                payer=payer.label,
                wechat_id=payer.wechat_id,
                app_id=account.app_id,
                mchid=account.mchid,
                amount_fen=asked.amount_fen,
                state=TopUpState.STARTED.value,
                started_at=at,
                expires_at=at + ORDER_SECONDS,
                due_at=next_ask(0, at, at + ORDER_SECONDS),
            )
        except IntegrityError:  # the same request came twice at once
            row = await TopUpRow.get(request_key=asked.request_key)
    said = (row.holder_id, row.payer, row.wechat_id, row.amount_fen)
    if said != (payer.holder_id, payer.label, payer.wechat_id, asked.amount_fen):
        raise ConflictError(
            "key_used",
            zh="该请求编号已用于别的申请。",
            en="This key was used for another request.",
        )
    return row


async def order_for(number: str, payer: Payer) -> TopUpRow:
    """An order of this holder's that this person made, or may see. Raises NotFoundError."""
    row = None
    if len(number) <= NUMBER_LENGTH_MAX:  # Tortoise raises for what the column cannot hold
        row = await TopUpRow.get_or_none(out_trade_no=number, holder_id=payer.holder_id)
    is_own = row is not None and row.wechat_id == payer.wechat_id and payer.wechat_id > 0
    if row is None or row.out_trade_no != number or not (is_own or payer.sees_all):
        raise NotFoundError(
            "unknown_top_up", zh="没有这笔充值。", en="There is no such top-up.", number=number
        )
    return row


async def view_of(
    top_up_id: int, *, sees_balance: bool, sheet: PaySheet | None = None
) -> TopUpView:
    """How an order stands now."""
    row = await TopUpRow.get(id=top_up_id)
    balance_fen = await _balance_fen(row.holder_id) if sees_balance else None
    return told_of(row, balance_fen, sheet)


def told_of(row: TopUpRow, balance_fen: int | None, sheet: PaySheet | None = None) -> TopUpView:
    """A row for a phone's eyes."""
    return TopUpView(
        number=row.out_trade_no,
        amount_fen=row.amount_fen,
        state=TopUpState(row.state),
        started_at=row.started_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        balance_fen=balance_fen,
        sheet=sheet,
    )


async def _balance_fen(holder_id: int) -> int:
    account = await AccountRow.get_or_none(id=purse_account(holder_id, PURSE))
    return 0 if account is None else int(account.balance_fen)
