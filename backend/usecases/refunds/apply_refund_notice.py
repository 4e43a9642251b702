"""What a refund notice tells, once it is believed."""

from __future__ import annotations

from backend.domain.refund import RefundState
from backend.domain.wechat_pay import RefundTold
from backend.tables.ledger import Ledger
from backend.tables.refunds import apply_refund_told
from backend.usecases.ports import Clock


async def apply_refund_notice(ledger: Ledger, clock: Clock, told: RefundTold) -> RefundState:
    """Apply it, in any order and any number; the state the refund has then.

    Raises:
        NotFoundError: no refund of ours; it is sent again, should it have come before our row.

    """
    return await apply_refund_told(ledger, clock, told)
