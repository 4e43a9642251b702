from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Appointment, Role
from backend.tables.place import AppointmentRow
from backend.tables.places import appointment_of
from backend.tables.staff import StaffRow


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff, without secrets."""

    id: int
    login: str
    name: str
    role: Role
    merchant_id: int | None
    place_id: int
    is_active: bool
    further: tuple[tuple[int, Appointment], ...]
    """Roles beside the first one, each with its id."""


async def list_staff() -> list[StaffView]:
    """Everybody who works here or did."""
    further: dict[int, list[tuple[int, Appointment]]] = {}
    for one in await AppointmentRow.all().order_by("id"):
        further.setdefault(one.staff_id, []).append((one.id, appointment_of(one)))
    return [
        StaffView(
            id=row.id,
            login=row.login,
            name=row.name,
            role=Role(row.role),
            merchant_id=row.merchant_id,
            place_id=row.place_id,
            is_active=row.is_active,
            further=tuple(further.get(row.id, ())),
        )
        for row in await StaffRow.all().order_by("id")
    ]
