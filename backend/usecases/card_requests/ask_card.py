"""Ask for a guest's card or a second one, within the office's quota of the day."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card_request import (
    CardAsked,
    Decision,
    RequestKind,
    home_of_guest,
    key_used,
    quota_used,
    require_whole,
    unknown_office,
)
from backend.domain.errors import InvalidInputError
from backend.domain.place import PlaceKind
from backend.tables.audit import note
from backend.tables.card_openings import lock_new_owner
from backend.tables.card_request import CardQuotaRow, CardRequestRow
from backend.tables.database import transaction
from backend.tables.people import home_of
from backend.tables.places import read_places
from backend.tables.retrying import retried
from campus_code import RulesBundle, business_day


@retried
async def ask_card(
    asked: CardAsked, *, rules: RulesBundle, actor: Actor, at: int
) -> CardRequestRow:
    """Put a request down; no card is opened until another person approves it.

    The office's quota row is locked while the day's requests are counted, so that two at once
    cannot both be the last. A repeat of the key is the first request.

    Raises:
        InvalidInputError: something of its kind is missing. NotFoundError: no such office, or no
            such holder. ConflictError: the quota is used up, or the key stands for another.

    """
    require_whole(asked, at)
    if asked.kind is RequestKind.GUEST and asked.class_id not in rules.classes:
        raise InvalidInputError("class_id", "is no class of the rules in force")
    asked_on = business_day(at, rules)
    campus_id = await _campus(asked, actor)
    async with transaction():
        quota = await CardQuotaRow.select_for_update().get_or_none(office=asked.office)
        if quota is None:
            raise unknown_office()
        standing = await CardRequestRow.get_or_none(request_key=asked.request_key)
        if standing is not None:
            return _same(standing, asked, campus_id, actor)
        used = CardRequestRow.filter(office=asked.office, asked_on=asked_on)
        if await used.exclude(decision=Decision.REJECTED.value).count() >= quota.cards_a_day:
            raise quota_used(quota.cards_a_day)
        if asked.kind is RequestKind.SECONDARY:
            await lock_new_owner(asked.holder_id)
        row = await CardRequestRow.create(
            request_key=asked.request_key,
            kind=asked.kind.value,
            office=asked.office,
            asked_on=asked_on,
            holder_id=asked.holder_id,
            name=asked.name.strip(),
            class_id=asked.class_id,
            until_at=asked.until_at,
            reason=asked.reason,
            asked_by=actor.label,
            asked_at=at,
            campus_id=campus_id,
        )
        await note(
            actor.label, "cards.ask", f"card_request:{row.id}", at, kind=row.kind, office=row.office
        )
    return row


async def _campus(asked: CardAsked, actor: Actor) -> int:
    """Where the holder of the card is at home; the asker reaches it."""
    if asked.kind is RequestKind.SECONDARY:
        return await home_of(actor, asked.holder_id)
    places = await read_places()
    campuses = [place.id for place in places if place.kind is PlaceKind.CAMPUS]
    return home_of_guest(asked.campus_id, actor.reach, campuses)


def _same(row: CardRequestRow, asked: CardAsked, campus_id: int, actor: Actor) -> CardRequestRow:
    said = (
        row.kind,
        row.office,
        row.holder_id,
        row.name,
        row.until_at,
        row.reason,
        row.asked_by,
        row.campus_id,
    )
    wanted = (
        asked.kind.value,
        asked.office,
        asked.holder_id,
        asked.name.strip(),
        asked.until_at,
        asked.reason,
        actor.label,
        campus_id,
    )
    if said != wanted:
        raise key_used()
    return row
