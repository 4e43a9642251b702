"""Cardholders in bulk: a few statements for hundreds of lines, never a query a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from backend.domain.access import Actor
from backend.domain.card import unknown_card, unknown_cardholder
from backend.domain.roster import KnownHolder, RosterLine
from backend.tables.card import CardRow
from backend.tables.card_numbers import free_card_numbers
from backend.tables.cardholder import CardholderRow
from backend.tables.places import places_within
from backend.tables.versions import DIRECTORY, next_version


async def holders_by_number(numbers: Sequence[str]) -> dict[str, KnownHolder]:
    """The cardholders with these school numbers, by number."""
    rows = await CardholderRow.filter(number__in=numbers) if numbers else []
    return {row.number: known(row) for row in rows}


def known(row: CardholderRow) -> KnownHolder:
    """A row for comparing with a line of a roster."""
    return KnownHolder(
        id=row.id,
        number=row.number,
        name=row.name,
        department=row.department,
        class_id=row.class_id,
        is_active=row.is_active,
        is_adult=row.is_adult,
        is_limited=row.is_limited,
        campus_id=row.campus_id,
    )


async def require_holder(holder_id: int) -> None:
    """Raise NotFoundError unless there is such a cardholder."""
    if not await CardholderRow.exists(id=holder_id):
        raise unknown_cardholder()


async def home_of(actor: Actor, holder_id: int) -> int:
    """The campus a cardholder is at home at, 0 for none.

    Raises NotFoundError: nobody, or not within the actor's reach.
    """
    at_home = places_within(actor, "campus_id")
    row = await CardholderRow.filter(**at_home).get_or_none(id=holder_id).only("id", "campus_id")
    if row is None:
        raise unknown_cardholder()
    return row.campus_id


async def require_own_holder(actor: Actor, holder_id: int) -> None:
    """Raise NotFoundError unless a cardholder is at home within the actor's reach."""
    if not actor.reach.is_whole_school:
        await home_of(actor, holder_id)


async def require_own_card(actor: Actor, card_id: int) -> None:
    """Raise NotFoundError unless a card is that of somebody at home within the actor's reach."""
    if actor.reach.is_whole_school:
        return
    card = await CardRow.get_or_none(id=card_id).only("id", "holder_id")
    at_home = CardholderRow.filter(**places_within(actor, "campus_id"))
    if card is None or not await at_home.filter(id=card.holder_id).exists():
        raise unknown_card()


async def add_holders(lines: Sequence[RosterLine], created_at: datetime) -> dict[str, int]:
    """Insert new people; their ids by school number."""
    if not lines:
        return {}
    await CardholderRow.bulk_create(
        [
            CardholderRow(
                number=line.number,
                name=line.name,
                department=line.department,
                class_id=line.class_id,
                is_active=line.is_active,
                is_adult=line.is_adult is not False,
                campus_id=line.campus_id or 0,
                created_at=created_at,
            )
            for line in lines
        ]
    )
    numbers = [line.number for line in lines]
    rows = await CardholderRow.filter(number__in=numbers).only("id", "number")
    return {row.number: row.id for row in rows}


async def change_holders(
    changed: Sequence[tuple[KnownHolder, RosterLine]], offline_limits_fen: Mapping[int, int]
) -> None:
    """Write changed names, departments, classes and states.

    A changed class changes what the holder's cards may do offline, so terminals must hear of it.
    """
    if not changed:
        return
    new_classes = {
        holder.id: line.class_id for holder, line in changed if holder.class_id != line.class_id
    }
    # cards before their holders, as a payment locks them
    cards: list[CardRow] = []
    if new_classes:
        locked = CardRow.select_for_update().filter(holder_id__in=list(new_classes))
        cards = await locked.order_by("number")
    await CardholderRow.bulk_update(
        [
            CardholderRow(
                id=holder.id,
                number=line.number,
                name=line.name,
                department=line.department,
                class_id=line.class_id,
                is_active=line.is_active,
                is_adult=holder.is_adult if line.is_adult is None else line.is_adult,
                campus_id=holder.campus_id if line.campus_id is None else line.campus_id,
            )
            for holder, line in changed
        ],
        fields=["name", "department", "class_id", "is_active", "is_adult", "campus_id"],
    )
    if not cards:
        return
    version = await next_version(DIRECTORY)
    for card in cards:
        card.offline_limit_fen = offline_limits_fen[new_classes[card.holder_id]]
        card.changed_version = version
    await CardRow.bulk_update(cards, fields=["offline_limit_fen", "changed_version"])


async def open_first_cards(
    wanted: Sequence[tuple[int, int]],
    randomness: Callable[[int], bytes],
    opened_at: datetime,
) -> None:
    """Open a card for each (holder id, offline limit in fen)."""
    version = await next_version(DIRECTORY)
    numbers = await free_card_numbers(len(wanted), randomness)
    await CardRow.bulk_create(
        [
            CardRow(
                number=number,
                holder_id=holder_id,
                offline_limit_fen=limit_fen,
                changed_version=version,
                opened_at=opened_at,
            )
            for number, (holder_id, limit_fen) in zip(numbers, wanted, strict=True)
        ]
    )
