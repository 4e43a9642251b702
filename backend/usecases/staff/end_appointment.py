from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.place import AppointmentRow
from backend.tables.retrying import retried


@retried
async def end_appointment(
    staff_id: int, appointment_id: int, reason: str, *, actor: Actor, at: int
) -> None:
    """Take a further role away again; it acts at once. The first role ends with the person's work.

    NotFoundError: this person has no such appointment.
    """
    async with transaction():
        row = await AppointmentRow.select_for_update().get_or_none(
            id=appointment_id, staff_id=staff_id
        )
        if row is None:
            raise NotFoundError(
                "unknown_appointment", zh="没有这项任职。", en="There is no such appointment."
            )
        await row.delete()
        detail = {"role": row.role, "place_id": row.place_id, "merchant_id": row.merchant_id}
        await note(
            actor.label, "staff.end_appointment", f"staff:{staff_id}", at, reason=reason, **detail
        )
