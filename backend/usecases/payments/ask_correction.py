"""Ask for a refund or void; nothing moves until somebody else approves it."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.correction import CorrectionKind
from backend.domain.courtesy import COURTESY_REASON, require_whole_void
from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.payment import CorrectionRequestRow, PaymentRow


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """What is asked for. `request_key` is the asker's own id: a repeat gets the first answer."""

    request_key: str
    payment_id: int
    kind: CorrectionKind
    amount_fen: int
    reason: str


async def ask_correction(asked: CorrectionAsked, actor: Actor, at: int) -> int:
    """Put the request down and answer its id. `at` is Unix seconds.

    Raises:
        NotFoundError: no such payment.
        InvalidInputError: an amount the payment does not hold, or a void of a part of it.
        ConflictError: a meal on the school is not to be voided whole; the request key was used for
            something else.

    """
    payment = await PaymentRow.get_or_none(id=asked.payment_id)
    if payment is None or not actor.reach.has_merchant(payment.merchant_id):
        # a cashier is not told of other merchants' payments
        raise NotFoundError("unknown_payment", zh="没有这笔消费。", en="There is no such payment.")
    if not 1 <= asked.amount_fen <= payment.charged_fen:
        raise InvalidInputError("amount_fen", f"must be 1…{payment.charged_fen}")
    if asked.kind is CorrectionKind.VOID and asked.amount_fen != payment.charged_fen:
        raise InvalidInputError("amount_fen", "a void takes the whole payment back")
    if payment.reason == COURTESY_REASON:
        is_void = asked.kind is CorrectionKind.VOID
        require_whole_void(
            is_void=is_void, amount_fen=asked.amount_fen, charged_fen=payment.charged_fen
        )
    async with transaction():
        standing = await CorrectionRequestRow.get_or_none(request_key=asked.request_key)
        if standing is None:
            standing = await CorrectionRequestRow.create(
                request_key=asked.request_key,
                payment_id=asked.payment_id,
                kind=asked.kind.value,
                amount_fen=asked.amount_fen,
                reason=asked.reason,
                made_by=actor.label,
                made_at=at,
            )
            subject = f"payment:{asked.payment_id}"
            await note(actor.label, "corrections.ask", subject, at, amount_fen=asked.amount_fen)
    said = (standing.payment_id, standing.kind, standing.amount_fen, standing.reason)
    if said != (asked.payment_id, asked.kind.value, asked.amount_fen, asked.reason):
        raise ConflictError(
            "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
        )
    return int(standing.id)
