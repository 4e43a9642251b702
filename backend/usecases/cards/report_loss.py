from __future__ import annotations

from backend.domain import card as rules
from backend.domain.access import Actor
from backend.domain.card import CardChange
from backend.tables.audit import because, note
from backend.tables.bindings import end_phones
from backend.tables.card_changes import lock_card, record_change
from backend.tables.chips import end_chips
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.usecases.ports import Bus


@retried
async def report_loss(
    card_id: int, *, actor: Actor, at: int, bus: Bus, reason: str = ""
) -> CardChange:
    """Report a card or its phone lost: refused everywhere, `issue` raised, phones and chip ended.

    A binding code handed out before the loss dies with it.
    """
    async with transaction():
        row, card = await lock_card(card_id)
        lost = rules.report_loss(card, actor.label, at)
        change = await record_change(row, lost, actor.label, at)
        if lost != card:
            await end_phones(card_id, at)
            await end_chips(card_id, actor.label, at)
            await note(actor.label, "cards.report_loss", f"card:{card_id}", at, **because(reason))
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return change
