from __future__ import annotations

from backend.domain.message import Template, payment_facts
from backend.tables.card import CardRow
from backend.tables.card_changes import lock_card
from backend.tables.cardholder import TallyRow
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.outbox import note_message, paid_since
from backend.tables.payment import PaymentRow
from backend.tables.retrying import retried
from backend.tables.wechat import AcceptanceRow, OutboxRow


async def note_payments(at: int) -> int:
    """Note a message for each payment somebody agreed to be told of; how many were noted.

    Money never waits for this: it is found in the books afterwards. A payment taken offline is
    told with the next one.
    """
    return sum([await _note(card_id, at) for card_id in await paid_since()])


@retried
async def _note(card_id: int, at: int) -> int:
    async with transaction():
        row, _ = await lock_card(card_id)
        agreed = AcceptanceRow.filter(card_id=card_id, template=Template.PAYMENT)
        acceptances = await agreed.order_by("id")
        noted = 0
        for acceptance in acceptances:
            payment = await _untold(row, acceptance)
            if payment is None:
                continue
            merchant = await MerchantRow.get(id=payment.merchant_id)
            facts = payment_facts(merchant.name, payment.charged_fen, payment.occurred_at)
            await note_message(acceptance, f"payment:{payment.id}", facts, at)
            noted += 1
        # what is left waits for a payment after the last one, or it would be looked at for ever
        tally = await TallyRow.get(holder_id=row.holder_id)
        await agreed.filter(accepted_at__lt=tally.last_at).update(accepted_at=tally.last_at)
    return noted


async def _untold(card: CardRow, acceptance: AcceptanceRow) -> PaymentRow | None:
    paid = PaymentRow.filter(holder_id=card.holder_id, posted_at__gte=acceptance.accepted_at)
    payments = await paid.order_by("posted_at", "id")
    topics = [f"payment:{payment.id}" for payment in payments]
    told = OutboxRow.filter(wechat_id=acceptance.wechat_id, topic__in=topics)
    known = {row.topic for row in await told} if topics else set()
    left = (one for one, topic in zip(payments, topics, strict=True) if topic not in known)
    return next(left, None)
