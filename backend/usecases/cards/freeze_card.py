from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import CardChange, Part, freeze
from backend.tables.audit import because, note
from backend.tables.card_changes import lock_card, record_change
from backend.tables.database import transaction
from backend.tables.guardians import is_adult
from backend.tables.retrying import retried
from backend.usecases.ports import Bus


@retried
async def freeze_card(
    card_id: int, parts: frozenset[Part], *, actor: Actor, at: int, bus: Bus, reason: str = ""
) -> CardChange:
    """Stop a card's money, its doors, or both, at once; a second tap changes nothing.

    Terminals that listen are woken after the commit, the others find it in their next sync.
    """
    async with transaction():
        row, card = await lock_card(card_id)
        adult = await is_adult(card.holder_id)
        frozen = freeze(card, parts, actor.label, at, is_adult=adult)
        change = await record_change(row, frozen, actor.label, at)
        if frozen != card:
            named = sorted(parts)
            await note(
                actor.label, "cards.freeze", f"card:{card_id}", at, parts=named, **because(reason)
            )
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return change
