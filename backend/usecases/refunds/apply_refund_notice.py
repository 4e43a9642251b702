"""What a refund notice tells, once it is believed."""

from __future__ import annotations

from backend.domain.errors import ConflictError
from backend.domain.refund import RefundState
from backend.domain.wechat_pay import RefundTold
from backend.tables.ledger import Ledger
from backend.tables.refunds import apply_refund_told
from backend.usecases.ports import Clock


async def apply_refund_notice(ledger: Ledger, clock: Clock, told: RefundTold) -> RefundState:
    """Apply it, in any order and any number of times; the state the refund has then.

    Raises:
        NotFoundError: it is about no refund of ours.
        ConflictError: it contradicts ours; the refund's `fault` says in what.

    """
    applied = await apply_refund_told(ledger, clock, told)
    if applied.fields:
        raise ConflictError(
            "not_as_asked",
            zh="与退款申请不一致，等待核实。",
            en="It is not as it was asked for and waits for a person.",
            fields=list(applied.fields),
        )
    return applied.state
