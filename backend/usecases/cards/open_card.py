from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import Card
from backend.domain.card_request import second_card
from backend.tables.audit import because, note
from backend.tables.card_changes import card_of
from backend.tables.card_openings import lock_new_owner, open_cards_of, open_for
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.usecases.ports import Bus, Randomness
from campus_code.rules import RulesBundle


@retried
async def open_card(
    holder_id: int,
    *,
    rules: RulesBundle,
    actor: Actor,
    at: int,
    randomness: Randomness,
    bus: Bus,
    is_first: bool = False,
    reason: str = "",
) -> Card:
    """Open one more card on a holder's purses, with a random free number and no phone yet.

    `is_first`: one person may do this alone; a second card is asked for and approved.

    Raises:
        NotFoundError: no such holder. ConflictError: he is inactive or has enough cards.

    """
    async with transaction():
        holder = await lock_new_owner(holder_id)
        if is_first and await open_cards_of(holder_id):
            raise second_card()
        row = await open_for(holder, rules, at, randomness)
        await note(
            actor.label, "cards.issue", f"card:{row.id}", at, holder_id=holder_id, **because(reason)
        )
    await bus.publish("directory", {"version": row.changed_version})
    return card_of(row)
