"""Cases: their rows locked for a change, and who may own one."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.access import Appointment, may
from backend.domain.errors import InvalidInputError
from backend.domain.risk import case_closed, unknown_case
from backend.tables.places import appointments_by_staff, appointments_of
from backend.tables.risk import CaseRow
from backend.tables.staff import StaffRow

WORK = "cases.work"


async def require_worker(owner_id: int) -> None:
    """Raise InvalidInputError unless this member of staff may work on cases."""
    staff = await StaffRow.get_or_none(id=owner_id, is_active=True)
    if staff is None or not _may_work(await appointments_of(staff)):
        raise InvalidInputError("owner_id", "is nobody who may work on cases")


async def case_workers() -> list[StaffRow]:
    """Everybody who may own a case, by name."""
    rows = await StaffRow.filter(is_active=True).order_by("name", "id")
    held = await appointments_by_staff(rows)
    return [row for row in rows if _may_work(held[row.id])]


def _may_work(held: Sequence[Appointment]) -> bool:
    return any(may(one.role, WORK) and one.is_for_school for one in held)


async def lock_open_case(case_id: int) -> CaseRow:
    """The case, locked. NotFoundError: none; ConflictError: it is closed."""
    row = await CaseRow.select_for_update().get_or_none(id=case_id)
    if row is None:
        raise unknown_case()
    if row.closed_at:
        raise case_closed()
    return row
