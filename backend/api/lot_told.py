"""Lots and refunds as they are told to their holder and to the office."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from backend.api.told import At, Fen
from backend.domain.lot import Remaining
from backend.domain.refund import RefundState
from backend.tables.top_up import RefundRow


class LotTold(TypedDict):
    """Money that came in one piece, and what of it is left.

    `refundable_until`: until then WeChat Pay gives it back to whoever paid; null for cash.
    """

    lot_id: int
    origin: Literal["wechat", "cash"]
    amount_fen: Fen
    left_fen: Fen
    paid_at: At
    refundable_until: At | None


class OwnRefundTold(TypedDict):
    """A refund on its way to whoever paid."""

    number: str
    amount_fen: Fen
    state: RefundState
    at: At


def lot_told(one: Remaining) -> LotTold:
    """A lot as it is told."""
    return {
        "lot_id": one.lot.id,
        "origin": one.lot.origin.value,
        "amount_fen": one.lot.amount_fen,
        "left_fen": one.left_fen,
        "paid_at": one.lot.paid_at,
        "refundable_until": one.lot.refundable_until or None,
    }


def own_refund_told(row: RefundRow) -> OwnRefundTold:
    """A refund as its holder is told; `at` is when it ended, or began."""
    return {
        "number": row.out_refund_no,
        "amount_fen": row.amount_fen,
        "state": RefundState(row.state),
        "at": row.ended_at or row.made_at,
    }
