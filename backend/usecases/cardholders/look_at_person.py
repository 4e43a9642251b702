"""Open one person's page; he can see that somebody looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.card import Card, unknown_cardholder
from backend.domain.roster import KnownHolder
from backend.tables.account import AccountRow
from backend.tables.audit import note
from backend.tables.card import CardRow, PhoneRow
from backend.tables.card_changes import card_of
from backend.tables.cardholder import CardholderRow
from backend.tables.chip import ChipRow
from backend.tables.chips import chip_of
from backend.tables.database import transaction
from backend.tables.ending import HolderEndRow
from backend.tables.people import known


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card with what is bound to it; times in Unix seconds, 0: not. `chip` is empty for none."""

    card: Card
    opened_at: int
    closed_at: int
    replaces_id: int
    phone_at: int
    chip: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as his page shows him; `ends_at` 0: his cards have no end."""

    holder: KnownHolder
    created_at: int
    is_pin_set: bool
    pin_failures: int
    ends_at: int
    ended_at: int
    cards: tuple[HeldCard, ...]
    balances_fen: Mapping[str, int]


async def look_at_person(holder_id: int, *, actor: Actor, at: int) -> PersonView:
    """The person by our own number.

    Raises:
        NotFoundError: there is no such cardholder.

    """
    async with transaction():
        row = await CardholderRow.get_or_none(id=holder_id)
        if row is None:
            raise unknown_cardholder()
        cards = await CardRow.filter(holder_id=row.id).order_by("-id")
        purses = await AccountRow.filter(holder_id=row.id).order_by("id")
        end = await HolderEndRow.get_or_none(holder_id=row.id)
        await note(actor.label, "cardholders.look_up", f"cardholder:{row.id}", at)
    ids = [card.id for card in cards]
    phones = await PhoneRow.filter(card_id__in=ids, unbound_at=None)
    chips = await ChipRow.filter(card_id__in=ids, ended_at=0)
    bound = {phone.card_id: int(phone.bound_at.timestamp()) for phone in phones}
    taken = {chip.card_id: str(chip_of(chip)) for chip in chips}
    return PersonView(
        holder=known(row),
        created_at=int(row.created_at.timestamp()),
        is_pin_set=row.pin_hash is not None,
        pin_failures=row.pin_failures,
        ends_at=end.ends_at if end is not None else 0,
        ended_at=end.ended_at if end is not None else 0,
        cards=tuple(
            HeldCard(
                card=card_of(card),
                opened_at=int(card.opened_at.timestamp()),
                closed_at=int(card.closed_at.timestamp()) if card.closed_at else 0,
                replaces_id=card.replaces_id or 0,
                phone_at=bound.get(card.id, 0),
                chip=taken.get(card.id, ""),
            )
            for card in cards
        ),
        balances_fen={purse.purse: purse.balance_fen for purse in purses},
    )
