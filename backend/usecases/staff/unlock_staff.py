from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.staff import unknown_staff
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow


@retried
async def unlock_staff(staff_id: int, reason: str, *, actor: Actor, at: int) -> None:
    """End a lock that wrong logins brought about; again is no error. NotFoundError: nobody."""
    async with transaction():
        row = await StaffRow.select_for_update().get_or_none(id=staff_id, is_active=True)
        if row is None:
            raise unknown_staff()
        if row.locked_until > at or row.failures:
            await StaffRow.filter(id=staff_id).update(failures=0, locked_until=0)
            await note(actor.label, "staff.unlock", f"staff:{staff_id}", at, reason=reason)
