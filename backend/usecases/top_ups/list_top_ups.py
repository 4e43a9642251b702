from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.top_up import TopUpState
from backend.tables.top_up import TopUpRow
from backend.tables.top_up_orders import Payer, TopUpView, told_of

LINES_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class TopUpsView:
    """The last orders, newest first, and the amount the payer brought last (fen)."""

    last_amount_fen: int | None
    top_ups: tuple[TopUpView, ...]


async def list_top_ups(payer: Payer) -> TopUpsView:
    """The holder's last top-ups, or the payer's own of them where the rest is not shared."""
    mine = TopUpRow.filter(holder_id=payer.holder_id, wechat_id=payer.wechat_id)
    shown = TopUpRow.filter(holder_id=payer.holder_id) if payer.sees_all else mine
    last = await mine.filter(state=TopUpState.PAID).order_by("-id").first()
    rows = await shown.order_by("-id").limit(LINES_MAX)
    return TopUpsView(
        last_amount_fen=None if last is None else last.amount_fen,
        top_ups=tuple(told_of(row, None) for row in rows),
    )
