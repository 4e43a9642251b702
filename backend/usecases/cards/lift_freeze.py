from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import CardChange, lift
from backend.tables.audit import because, note
from backend.tables.card_changes import lock_card, record_change
from backend.tables.database import transaction
from backend.tables.guardians import is_adult
from backend.tables.retrying import retried
from backend.usecases.ports import Bus


@retried
async def lift_freeze(
    card_id: int, *, actor: Actor, at: int, bus: Bus, reason: str = ""
) -> CardChange:
    """Undo a freeze: the one who made it, or the office. A lost card stays lost."""
    async with transaction():
        row, card = await lock_card(card_id)
        lifted = lift(card, actor, at, is_adult=await is_adult(card.holder_id))
        change = await record_change(row, lifted, actor.label, at)
        if lifted != card:
            await note(actor.label, "cards.unfreeze", f"card:{card_id}", at, **because(reason))
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return change
