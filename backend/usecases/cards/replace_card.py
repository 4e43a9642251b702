from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import Card, CardChange, retire
from backend.domain.errors import ConflictError
from backend.domain.times import utc
from backend.tables.audit import because, note
from backend.tables.bindings import end_phones
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of, lock_card, record_change
from backend.tables.card_numbers import free_card_numbers
from backend.tables.chips import end_chips
from backend.tables.database import transaction
from backend.tables.doors import tell_new_card
from backend.tables.holder_limits import tell_limits
from backend.tables.retrying import retried
from backend.tables.versions import DIRECTORY, next_version
from backend.usecases.ports import Bus, Randomness


@retried
async def replace_card(
    card_id: int, *, actor: Actor, at: int, randomness: Randomness, bus: Bus, reason: str = ""
) -> Card:
    """Give the holder a new card in place of this one: a new number, the same purses and history.

    The old card stays LOST or becomes CLOSED, its phones are signed out, and it is replaced once.
    """
    async with transaction():
        row, card = await lock_card(card_id)
        if await CardRow.exists(replaces_id=card_id):
            raise ConflictError("already_replaced", zh="这张卡已补办过", en="Already replaced")
        change = await record_change(row, retire(card, at), actor.label, at)
        await end_phones(card_id, at)
        version = await next_version(DIRECTORY)
        (number,) = await free_card_numbers(1, randomness)
        made = await CardRow.create(
            number=number,
            holder_id=card.holder_id,
            offline_limit_fen=row.offline_limit_fen,
            changed_version=version,
            replaces_id=card_id,
            opened_at=utc(at),
        )
        await tell_limits(card.holder_id)
        await end_chips(card_id, actor.label, at)
        doors = await tell_new_card(card.holder_id) or change.doors_version
        await note(
            actor.label,
            "cards.replace",
            f"card:{card_id}",
            at,
            new_card_id=made.id,
            **because(reason),
        )
    newest = CardChange(change.card, version, change.denylist_version, doors)
    for topic, payload in newest.wakeups().items():
        await bus.publish(topic, payload)
    return card_of(made)
