from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import Card
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.card_numbers import free_card_numbers
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.doors import tell_new_card
from backend.tables.holder_limits import tell_limits
from backend.tables.retrying import retried
from backend.tables.versions import DIRECTORY, next_version
from backend.usecases.ports import Bus, Randomness
from campus_code.directory import CardState
from campus_code.rules import RulesBundle

CARDS_PER_HOLDER_MAX = 8


@retried
async def open_card(
    holder_id: int,
    *,
    rules: RulesBundle,
    actor: Actor,
    at: int,
    randomness: Randomness,
    bus: Bus,
) -> Card:
    """Open one more card on a holder's purses, with a random free number and no phone yet.

    Raises:
        NotFoundError: no such holder. ConflictError: he is inactive or has enough cards.

    """
    async with transaction():
        holder = await CardholderRow.select_for_update().get_or_none(id=holder_id)
        if holder is None:
            raise NotFoundError("unknown_cardholder", zh="没有这个持卡人", en="No such cardholder")
        open_cards = await CardRow.filter(
            holder_id=holder_id, state__in=(CardState.ACTIVE, CardState.FROZEN)
        ).count()
        if not holder.is_active:
            raise ConflictError("inactive", zh="持卡人已离校", en="The cardholder has left")
        if open_cards >= CARDS_PER_HOLDER_MAX:
            raise ConflictError("too_many_cards", zh="卡太多了", en="Too many cards are open")
        card_class = rules.classes.get(holder.class_id)
        if card_class is None:
            raise ConflictError("unknown_class", zh="卡类已取消", en="The class is no longer there")
        version = await next_version(DIRECTORY)
        (number,) = await free_card_numbers(1, randomness)
        row = await CardRow.create(
            number=number,
            holder_id=holder_id,
            offline_limit_fen=card_class.offline_limit_fen,
            changed_version=version,
            opened_at=utc(at),
        )
        await tell_limits(holder_id)
        await tell_new_card(holder_id)
        await note(actor.label, "cards.issue", f"card:{row.id}", at, holder_id=holder_id)
    await bus.publish("directory", {"version": version})
    return card_of(row)
