from __future__ import annotations

from typing import Any

from backend.domain.access import Actor, Appointment, Role
from backend.domain.errors import ConflictError, ForbiddenError
from backend.domain.staff import require_appointment, unknown_staff
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.place import AppointmentRow
from backend.tables.places import require_standing
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow


@retried
async def appoint(staff_id: int, given: Appointment, reason: str, *, actor: Actor, at: int) -> int:
    """Give somebody one more role, in the whole school, at a place or for a merchant; its id.

    Raises:
        InvalidInputError: a cashier without a merchant, somebody else with one, no such merchant.
        NotFoundError: no such member of staff, or no such place.
        ForbiddenError: nobody appoints himself.
        ConflictError: he holds that role there already.

    """
    require_appointment(given)
    if staff_id == actor.id:
        raise ForbiddenError(
            "two_people",
            zh="不能给自己任职，须由另一管理员办理。",
            en="Nobody appoints himself; another admin does.",
        )
    async with transaction():
        row = await StaffRow.select_for_update().get_or_none(id=staff_id, is_active=True)
        if row is None:
            raise unknown_staff()
        await require_standing(given)
        key: dict[str, Any] = {
            "role": given.role.value,
            "place_id": given.place_id,
            "merchant_id": given.merchant_id or 0,
        }
        first = Appointment(Role(row.role), row.place_id, row.merchant_id)
        if given == first or await AppointmentRow.exists(staff_id=staff_id, **key):
            raise ConflictError(
                "appointed_already", zh="已有这项任职。", en="He holds that role there already."
            )
        made = await AppointmentRow.create(
            staff_id=staff_id, made_by=actor.label, made_at=at, **key
        )
        await note(actor.label, "staff.appoint", f"staff:{staff_id}", at, reason=reason, **key)
    return int(made.id)
