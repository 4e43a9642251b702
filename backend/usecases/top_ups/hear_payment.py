from __future__ import annotations

from collections.abc import Iterable

from backend.domain.errors import ConflictError, NotFoundError
from backend.tables.ledger import Ledger
from backend.tables.top_ups import Applied, Outcome, apply_told
from backend.usecases.ports import Clock, PayNotices


async def hear_payment(
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    notices: PayNotices,
    ledger: Ledger,
    clock: Clock,
) -> Applied:
    """Believe a payment notice after every check, and credit its order once.

    Raises:
        NoticeRefusedError: it is not to be believed.
        NotFoundError, ConflictError: it is, and is not about an order of ours as we made it.

    """
    applied = await apply_told(ledger, clock, notices.payment(headers, body), "notice")
    if applied.outcome is Outcome.UNKNOWN:
        raise NotFoundError("unknown_top_up", zh="没有这笔充值。", en="There is no such top-up.")
    if not applied.is_taken:
        raise ConflictError(
            "not_as_ordered",
            zh="与订单不一致，已挂起等待核实。",
            en="It is not as it was ordered and waits for a person.",
            fields=list(applied.fields),
        )
    return applied
