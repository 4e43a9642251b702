from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.card import Card, unknown_cardholder
from backend.tables.account import AccountRow
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.places import places_within


@dataclass(frozen=True, slots=True)
class CardholderView:
    """A cardholder for the office's eyes."""

    id: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    is_pin_set: bool
    pin_failures: int
    cards: tuple[Card, ...]
    balances_fen: Mapping[str, int]


async def find_cardholder(number: str, *, actor: Actor, at: int) -> CardholderView:
    """Look a person up by the school's own number; the look is written down where he can see it.

    Raises:
        NotFoundError: nobody has this number, or not within the asker's reach.

    """
    async with transaction():
        at_home = places_within(actor, "campus_id")
        row = await CardholderRow.filter(**at_home).get_or_none(number=number.strip().upper())
        if row is None:
            raise unknown_cardholder()
        cards = await CardRow.filter(holder_id=row.id).order_by("id")
        purses = await AccountRow.filter(holder_id=row.id).order_by("id")
        await note(actor.label, "cardholders.look_up", f"cardholder:{row.id}", at)
    return CardholderView(
        id=row.id,
        number=row.number,
        name=row.name,
        department=row.department,
        class_id=row.class_id,
        is_active=row.is_active,
        is_pin_set=row.pin_hash is not None,
        pin_failures=row.pin_failures,
        cards=tuple(card_of(card) for card in cards),
        balances_fen={purse.purse: purse.balance_fen for purse in purses},
    )
