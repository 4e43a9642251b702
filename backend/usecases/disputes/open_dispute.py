from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.dispute import Dispute, DisputeReason
from backend.domain.errors import NotFoundError
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.database import transaction
from backend.tables.disputes import read_dispute
from backend.tables.payment import DisputeRow, PaymentRow
from backend.tables.retrying import retried


@dataclass(frozen=True, slots=True)
class DisputeOpened:
    """What stands now, and whether this call opened it."""

    dispute: Dispute
    is_new: bool


@retried
async def open_dispute(
    payment_id: int, reason: DisputeReason, words: str, *, actor: Actor, at: int
) -> DisputeOpened:
    """Contest a payment of the actor's card or of another card of the same holder.

    One dispute a payment: what was said first stands, and so does what the ledger said by itself.
    NotFoundError for nobody's payment and for somebody else's alike.
    """
    card = await CardRow.get_or_none(id=actor.id)
    payment = await PaymentRow.get_or_none(id=payment_id)
    if card is None or payment is None or payment.holder_id != card.holder_id:
        raise NotFoundError("unknown_payment", zh="没有这笔消费", en="No such payment")
    async with transaction():
        # two phones of one holder contest in turn; the lock comes before anything is read
        cards = CardRow.filter(holder_id=card.holder_id).order_by("number")
        await cards.select_for_update()
        if await DisputeRow.exists(id=payment_id):
            return DisputeOpened(await read_dispute(payment_id), is_new=False)
        await DisputeRow.create(
            id=payment_id,
            first_payment_id=0,
            card_id=payment.card_id,
            reason=reason.value,
            opened_at=at,
            made_by=actor.label,
            note=words,
        )
        subject = f"card:{payment.card_id}"
        await note(
            actor.label, "disputes.open", subject, at, payment_id=payment_id, reason=reason.value
        )
        return DisputeOpened(await read_dispute(payment_id), is_new=True)
