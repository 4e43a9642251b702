"""Approve or reject a card that another person asked for."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.by_two import decided_already, two_people
from backend.domain.card_request import (
    REQUEST_VALID_SECONDS,
    Decision,
    RequestKind,
    guest_number,
    number_taken,
    request_over,
    unknown_request,
)
from backend.domain.times import utc
from backend.tables.accounts import open_purses
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.card_openings import lock_new_owner, open_for
from backend.tables.card_request import CardRequestRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.ending import HolderEndRow
from backend.tables.places import places_within
from backend.tables.retrying import retried
from backend.usecases.ports import Bus, Randomness
from campus_code import RulesBundle


@retried
async def decide_card(
    request_id: int,
    decision: Decision,
    *,
    rules: RulesBundle,
    actor: Actor,
    at: int,
    randomness: Randomness,
    bus: Bus,
) -> CardRequestRow:
    """Open the card, or not; a repeat changes nothing. A guest becomes a cardholder with an end.

    Raises:
        NotFoundError: no such request within reach. ForbiddenError: the same person asked; the
            database refuses that too. ConflictError: decided otherwise, too old, or no card can
            be opened.

    """
    async with transaction():
        at_home = places_within(actor, "campus_id")
        requests = CardRequestRow.filter(**at_home).select_for_update()
        row = await requests.get_or_none(id=request_id)
        if row is None:
            raise unknown_request()
        if row.asked_by == actor.label:
            raise two_people()
        if row.decision == decision:
            return row
        if row.decision:
            raise decided_already(row.decision)
        card = None
        if decision is Decision.APPROVED:
            if at > row.asked_at + REQUEST_VALID_SECONDS or 0 < row.until_at <= at:
                raise request_over()
            holder = await _owner(row, at)
            card = await open_for(holder, rules, at, randomness)
            row.holder_id, row.card_id = holder.id, card.id
        row.decision, row.decided_by, row.decided_at = decision.value, actor.label, at
        await row.save()
        await _note(row, card, actor, at)
    if card is not None:
        await bus.publish("directory", {"version": card.changed_version})
    return row


async def _owner(row: CardRequestRow, at: int) -> CardholderRow:
    """Whose card it is: the holder who has one, or the guest, who is made now."""
    if row.kind == RequestKind.SECONDARY:
        return await lock_new_owner(row.holder_id)
    number = guest_number(row.id)
    if await CardholderRow.exists(number=number):  # a roster may hold what looks like ours
        raise number_taken(number)
    guest = await CardholderRow.create(
        number=number,
        name=row.name,
        department=row.office,
        class_id=row.class_id,
        campus_id=row.campus_id,
        created_at=utc(at),
    )
    await open_purses(guest.id, row.campus_id)
    await HolderEndRow.create(holder_id=guest.id, ends_at=row.until_at)
    return guest


async def _note(row: CardRequestRow, card: CardRow | None, actor: Actor, at: int) -> None:
    subject = f"card_request:{row.id}"
    await note(actor.label, f"card_requests.{row.decision}", subject, at, office=row.office)
    if card is not None:
        await note(
            actor.label,
            "cards.issue",
            f"card:{card.id}",
            at,
            holder_id=row.holder_id,
            kind=row.kind,
        )
