"""Opening a card on a holder's purses: what every way of opening one has in common."""

from __future__ import annotations

from collections.abc import Callable

from backend.domain.card import unknown_cardholder
from backend.domain.errors import ConflictError
from backend.domain.times import utc
from backend.tables.card import CardRow
from backend.tables.card_numbers import free_card_numbers
from backend.tables.cardholder import CardholderRow
from backend.tables.doors import tell_new_card
from backend.tables.holder_limits import tell_limits
from backend.tables.versions import DIRECTORY, next_version
from campus_code.directory import CardState
from campus_code.rules import RulesBundle

CARDS_PER_HOLDER_MAX = 8


async def open_cards_of(holder_id: int) -> int:
    """How many cards of a holder are neither closed nor lost."""
    open_ones = CardRow.filter(holder_id=holder_id, state__in=(CardState.ACTIVE, CardState.FROZEN))
    return await open_ones.count()


async def lock_new_owner(holder_id: int) -> CardholderRow:
    """Lock whoever is to have one more card. Raises NotFoundError."""
    holder = await CardholderRow.select_for_update().get_or_none(id=holder_id)
    if holder is None:
        raise unknown_cardholder()
    return holder


async def open_for(
    holder: CardholderRow, rules: RulesBundle, at: int, randomness: Callable[[int], bytes]
) -> CardRow:
    """Open one more card under the holder's lock, with a random free number and no phone yet.

    Raises:
        ConflictError: he is inactive, has enough cards, or his class is gone.

    """
    if not holder.is_active:
        raise ConflictError("inactive", zh="持卡人已离校", en="The cardholder has left")
    if await open_cards_of(holder.id) >= CARDS_PER_HOLDER_MAX:
        raise ConflictError("too_many_cards", zh="卡太多了", en="Too many cards are open")
    card_class = rules.classes.get(holder.class_id)
    if card_class is None:
        raise ConflictError("unknown_class", zh="卡类已取消", en="The class is no longer there")
    version = await next_version(DIRECTORY)
    (number,) = await free_card_numbers(1, randomness)
    row = await CardRow.create(
        number=number,
        holder_id=holder.id,
        offline_limit_fen=card_class.offline_limit_fen,
        changed_version=version,
        opened_at=utc(at),
    )
    await tell_limits(holder.id)
    await tell_new_card(holder.id)
    return row
