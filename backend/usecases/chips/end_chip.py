from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.audit import because, note
from backend.tables.card_changes import lock_card
from backend.tables.chips import end_chips
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.usecases.ports import Bus


@retried
async def end_chip(card_id: int, *, actor: Actor, at: int, bus: Bus, reason: str = "") -> None:
    """End the chip of a card, as when it was lost; phone and card stay. Again changes nothing.

    Raises:
        NotFoundError: no such card.

    """
    async with transaction():
        await lock_card(card_id)
        version = await end_chips(card_id, actor.label, at)
        if version:
            await note(actor.label, "chips.end", f"card:{card_id}", at, **because(reason))
    if version:
        await bus.publish("chips", {"version": version})
