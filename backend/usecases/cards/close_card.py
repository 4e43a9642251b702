from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import CardChange, close
from backend.tables.account import AccountRow
from backend.tables.audit import because, note
from backend.tables.bindings import end_phones
from backend.tables.card_changes import lock_card, record_change
from backend.tables.chips import end_chips
from backend.tables.database import transaction
from backend.tables.holder_limits import tell_limits
from backend.tables.retrying import retried
from backend.usecases.ports import Bus


@retried
async def close_card(
    card_id: int, *, actor: Actor, at: int, bus: Bus, reason: str = ""
) -> CardChange:
    """Close a card for good. ConflictError while any purse of its holder holds money."""
    async with transaction():
        row, card = await lock_card(card_id)
        purses = await (
            AccountRow.select_for_update().filter(holder_id=card.holder_id).order_by("id")
        )
        closed = close(card, {account.purse: account.balance_fen for account in purses}, at)
        change = await record_change(row, closed, actor.label, at)
        await end_phones(card_id, at)
        await tell_limits(card.holder_id)
        await end_chips(card_id, actor.label, at)
        await note(actor.label, "cards.close", f"card:{card_id}", at, **because(reason))
    for topic, payload in change.wakeups().items():
        await bus.publish(topic, payload)
    return change
