from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.card import Card, may_lift, unknown_card
from backend.tables.account import AccountRow
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.cardholder import CardholderRow, TallyRow
from campus_code import RulesBundle, business_day


@dataclass(frozen=True, slots=True)
class CardView:
    """A card for its holder's eyes: purses and what was spent in this business day, in fen."""

    card: Card
    name: str
    class_id: int
    balances_fen: Mapping[str, int]
    business_on: int
    spent_fen: int
    has_pin: bool
    is_lift_mine: bool
    """Whether the reader is the one who may say "found", if the card is frozen."""


async def read_card(actor: Actor, *, rules: RulesBundle, at: int) -> CardView:
    """What is seen of the card the actor is here for. NotFoundError when there is none."""
    row = await CardRow.get_or_none(id=actor.card_id)
    if row is None:
        raise unknown_card()
    holder = await CardholderRow.get(id=row.holder_id)
    purses = await AccountRow.filter(holder_id=row.holder_id).order_by("id")
    tally = await TallyRow.get_or_none(holder_id=row.holder_id)
    today = business_day(at, rules)
    is_today = tally is not None and tally.business_on == today
    card = card_of(row)
    return CardView(
        card=card,
        name=holder.name,
        class_id=holder.class_id,
        balances_fen={purse.purse: purse.balance_fen for purse in purses},
        business_on=today,
        spent_fen=tally.day_fen if tally is not None and is_today else 0,
        has_pin=holder.pin_hash is not None,
        is_lift_mine=may_lift(card, actor, is_adult=holder.is_adult),
    )
