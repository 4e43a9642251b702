from __future__ import annotations

from backend.domain.access import Actor, Audience, Role
from backend.domain.errors import ConflictError
from backend.domain.staff import unknown_staff
from backend.tables.audit import note
from backend.tables.bindings import end_sessions
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow


@retried
async def deactivate_staff(staff_id: int, *, actor: Actor, at: int) -> None:
    """End somebody's access: his sessions end at once. The last admin of the whole
    school stays; again is no error.
    """
    async with transaction():
        # every admin's row is locked, in order: two who end each other cannot both succeed
        admins = await (
            StaffRow.select_for_update()
            .filter(role=Role.ADMIN, is_active=True, place_id=0)
            .order_by("id")
        )
        row = await StaffRow.select_for_update().get_or_none(id=staff_id)
        if row is None:
            raise unknown_staff()
        if [admin.id for admin in admins] == [staff_id]:
            raise ConflictError(
                "last_admin", zh="不能停用最后一个管理员", en="The last admin stays"
            )
        if row.is_active:
            await StaffRow.filter(id=staff_id).update(is_active=False)
            await end_sessions(Audience.STAFF, staff_id, at)
            await note(actor.label, "staff.deactivate", f"staff:{staff_id}", at)
