"""Ask for a refund of a top-up; nothing moves until somebody else approves it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from backend.domain.refund import REASON_LENGTH_MAX, RefundState, judge_refund_of
from backend.domain.top_up import ORDER_RANDOM_BYTES, refund_number
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.lots import purse_selects, read_purse
from backend.tables.refunds import parts_select
from backend.tables.top_up import LotRow, RefundRow, TopUpRow
from backend.usecases.ports import Randomness


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """What is asked for. `request_key` is the asker's own id: a repeat gets the first answer."""

    request_key: str
    lot_id: int
    amount_fen: int
    reason: str


async def ask_refund(
    ledger: Ledger, asked: RefundAsked, actor: Actor, *, at: int, randomness: Randomness
) -> RefundRow:
    """Put the request down. What is judged here is judged again when it is approved.

    Raises:
        NotFoundError: no such lot.
        InvalidInputError: no amount, or a reason that is too long for WeChat Pay.
        NotRefundable: it cannot go back as things stand.
        ConflictError: the request key was used for something else.

    """
    if type(asked.amount_fen) is not int or asked.amount_fen < 1:
        raise InvalidInputError("amount_fen", "must be a whole number from 1")
    if not 1 <= len(asked.reason) <= REASON_LENGTH_MAX:
        raise InvalidInputError("reason", f"1 to {REASON_LENGTH_MAX} characters are wanted")
    standing = await RefundRow.get_or_none(request_key=asked.request_key)
    if standing is None:
        standing = await _put_down(ledger, asked, actor, at, randomness)
    said = (standing.lot_id, standing.amount_fen, standing.reason, standing.made_by)
    if said != (asked.lot_id, asked.amount_fen, asked.reason, actor.label):
        raise ConflictError(
            "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
        )
    return standing


async def _put_down(
    ledger: Ledger, asked: RefundAsked, actor: Actor, at: int, randomness: Randomness
) -> RefundRow:
    lot = await LotRow.get_or_none(id=asked.lot_id)
    if lot is None:
        raise NotFoundError("unknown_lot", zh="没有这笔充值。", en="There is no such lot.")
    *purse_rows, parts = await ledger.read(
        [*purse_selects(lot.holder_id, ""), parts_select(lot.holder_id)]
    )
    count = sum(1 for _, lot_id, *_ in parts if lot_id == lot.id)
    judge_refund_of(read_purse(*purse_rows), lot.id, asked.amount_fen, count, at)
    order = await TopUpRow.get(out_trade_no=lot.reference)
    async with transaction():
        made, is_new = await RefundRow.get_or_create(
            request_key=asked.request_key,
            defaults={
                "out_refund_no": refund_number(randomness(ORDER_RANDOM_BYTES)),
                "top_up_id": order.id,
                "lot_id": lot.id,
                "holder_id": lot.holder_id,
                "amount_fen": asked.amount_fen,
                "reason": asked.reason,
                "made_by": actor.label,
                "made_at": at,
                "state": RefundState.ASKED.value,
            },
        )
        if is_new:
            detail = {"lot": lot.id, "amount_fen": asked.amount_fen}
            await note(actor.label, "refunds.ask", f"cardholder:{lot.holder_id}", at, **detail)
    return made
