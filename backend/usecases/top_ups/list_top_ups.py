from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.forecast import days_left, seen_since
from backend.domain.top_up import TopUpState
from backend.tables.account import AccountRow
from backend.tables.spending import read_days
from backend.tables.top_up import TopUpRow
from backend.tables.top_up_orders import Payer, TopUpView, told_of
from campus_code import RulesBundle, business_day

LINES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class TopUpsView:
    """The last orders, newest first, and the amount the payer brought last (fen).

    `days_left`: how long the purses last by what was spent lately, None: unknown, or not shared.
    """

    last_amount_fen: int | None
    days_left: int | None
    top_ups: tuple[TopUpView, ...]


async def list_top_ups(payer: Payer, *, rules: RulesBundle, at: int) -> TopUpsView:
    """The holder's last top-ups, or the payer's own of them where the rest is not shared."""
    mine = TopUpRow.filter(holder_id=payer.holder_id, wechat_id=payer.wechat_id)
    shown = TopUpRow.filter(holder_id=payer.holder_id) if payer.sees_all else mine
    last = await mine.filter(state=TopUpState.PAID).order_by("-id").first()
    rows = await shown.order_by("-id").limit(LINES_MAX)
    return TopUpsView(
        last_amount_fen=None if last is None else last.amount_fen,
        days_left=await _days_left(payer, business_day(at, rules)),
        top_ups=tuple(told_of(row, None) for row in rows),
    )


async def _days_left(payer: Payer, today_on: int) -> int | None:
    if not payer.sees_balance:
        return None
    spent = await read_days([payer.holder_id], seen_since(today_on), today_on)
    purses = await AccountRow.filter(holder_id=payer.holder_id)
    balance_fen = sum(purse.balance_fen for purse in purses)
    return days_left(balance_fen, spent[payer.holder_id], today_on)
