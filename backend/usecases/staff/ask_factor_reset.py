from __future__ import annotations

from backend.domain.access import Actor, Audience
from backend.domain.errors import ConflictError
from backend.domain.staff import unknown_staff
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.factor import FactorResetRow
from backend.tables.retrying import retried
from backend.tables.staff import StaffRow


@retried
async def ask_factor_reset(staff_id: int, reason: str, *, actor: Actor, at: int) -> FactorResetRow:
    """Ask for a new second factor for somebody who lost his; another person gives it.

    Raises:
        NotFoundError: nobody of that id works here.
        ConflictError: it was asked for already.

    """
    async with transaction():
        row = await StaffRow.select_for_update().get_or_none(id=staff_id, is_active=True)
        if row is None:
            raise unknown_staff()
        if await FactorResetRow.exists(staff_id=staff_id, decision=""):
            raise ConflictError(
                "asked_already", zh="已有待批准的重置申请。", en="A reset waits already."
            )
        made = await FactorResetRow.create(
            staff_id=staff_id,
            for_whom=f"{Audience.STAFF}:{staff_id}",
            reason=reason,
            asked_by=actor.label,
            asked_at=at,
        )
        await note(actor.label, "staff.ask_reset", f"staff:{staff_id}", at, reason=reason)
    return made
