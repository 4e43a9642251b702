"""Reading the tree of places, and what somebody's appointments reach in it.

Who filters by reach calls `within` (a Tortoise filter) or `within_sql` (finished text); who acts on
one thing asks `actor.reach.has_merchant(…)` and answers a foreign one as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.access import Actor, Appointment, Role
from backend.domain.errors import InvalidInputError
from backend.domain.place import (
    WHOLE_SCHOOL,
    Place,
    PlaceKind,
    Reach,
    below,
    unknown_place,
)
from backend.tables import sql
from backend.tables.merchant import MerchantRow
from backend.tables.place import AppointmentRow, PlaceRow
from backend.tables.staff import StaffRow


async def read_places() -> list[Place]:
    """Every place of the school."""
    rows = await PlaceRow.all().order_by("id")
    return [place_of(row) for row in rows]


def place_of(row: PlaceRow) -> Place:
    """A row as a value."""
    return Place(row.id, row.parent_id, PlaceKind(row.kind), row.name)


async def require_place(place_id: int) -> PlaceRow:
    """The place, locked until the commit so that nobody takes it away. NotFoundError: none."""
    row = await PlaceRow.select_for_update().get_or_none(id=place_id)
    if row is None:
        raise unknown_place()
    return row


async def require_standing(given: Appointment) -> None:
    """Raise NotFoundError or InvalidInputError unless an appointment's place and merchant exist."""
    if given.place_id:
        await require_place(given.place_id)
    if given.merchant_id and not await MerchantRow.exists(id=given.merchant_id):
        raise InvalidInputError("merchant_id", "there is no such merchant")


async def appointments_of(staff: StaffRow) -> tuple[Appointment, ...]:
    """All roles somebody holds, the first one first."""
    return (await appointments_by_staff([staff]))[staff.id]


async def appointments_by_staff(people: Sequence[StaffRow]) -> dict[int, tuple[Appointment, ...]]:
    """All roles each of them holds, the first one first."""
    held = {one.id: [Appointment(Role(one.role), one.place_id, one.merchant_id)] for one in people}
    for row in await AppointmentRow.filter(staff_id__in=list(held)).order_by("id"):
        held[row.staff_id].append(appointment_of(row))
    return {staff_id: tuple(roles) for staff_id, roles in held.items()}


def appointment_of(row: AppointmentRow) -> Appointment:
    """A row as a value."""
    return Appointment(Role(row.role), row.place_id, row.merchant_id or None)


async def reach_of(appointments: Sequence[Appointment]) -> Reach:
    """How far some appointments go together; read anew each time, so that a move acts at once."""
    if any(one.is_for_school for one in appointments):
        return WHOLE_SCHOOL
    roots = [one.place_id for one in appointments if one.place_id]
    place_ids = below(await read_places(), roots) if roots else frozenset()
    merchant_ids = {one.merchant_id for one in appointments if one.merchant_id}
    if place_ids:
        rows = await MerchantRow.filter(place_id__in=place_ids).only("id")
        merchant_ids |= {row.id for row in rows}
    return Reach(merchant_ids=frozenset(merchant_ids), place_ids=place_ids)


def within(actor: Actor, column: str = "merchant_id") -> dict[str, list[int]]:
    """The filter of a list by merchant: `XRow.filter(**within(actor))`; nothing for the school."""
    if actor.reach.is_whole_school:
        return {}
    return {f"{column}__in": sorted(actor.reach.merchant_ids)}


def merchants_within(actor: Actor, merchant_id: int) -> frozenset[int] | None:
    """Whose figures may be told to somebody who asks for one merchant, or (0) for all within reach.

    None: everybody's. One beyond his reach is nobody's, as if it did not exist.
    """
    if actor.reach.is_whole_school:
        return frozenset({merchant_id}) if merchant_id else None
    own = actor.reach.merchant_ids
    return own & {merchant_id} if merchant_id else own


async def merchants_at(actor: Actor, place_id: int) -> frozenset[int] | None:
    """Whose figures are told to somebody who looks at a place (0: at all within reach).

    None: everybody's. Raises NotFoundError for no such place, and for one beyond his reach.
    """
    reach = actor.reach
    if not place_id:
        return None if reach.is_whole_school else reach.merchant_ids
    inside = below(await read_places(), [place_id])
    if not inside or not reach.has_place(place_id):
        raise unknown_place()
    rows = await MerchantRow.filter(place_id__in=sorted(inside)).only("id")
    return frozenset(row.id for row in rows)


def places_within(actor: Actor, column: str = "place_id") -> dict[str, list[int]]:
    """The filter of a list by place: `XRow.filter(**places_within(actor))`."""
    if actor.reach.is_whole_school:
        return {}
    return {f"{column}__in": sorted(actor.reach.place_ids)}


def within_sql(actor: Actor, column: str = "merchant_id") -> str:
    """The same as a condition of finished SQL, always true for the whole school."""
    if actor.reach.is_whole_school:
        return "1=1"
    return f"{column} IN ({sql.numbers(sorted(actor.reach.merchant_ids))})"
