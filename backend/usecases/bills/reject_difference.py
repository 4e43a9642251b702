"""Refuse a way that was asked for; whoever asked may take it back like this too."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.difference import DifferenceState
from backend.domain.errors import ConflictError
from backend.tables.audit import note
from backend.tables.bill import DifferenceRow
from backend.tables.bills import find_difference
from backend.tables.database import transaction
from backend.tables.retrying import retried


@retried
async def reject_difference(difference_id: int, actor: Actor, at: int) -> None:
    """The difference stands as it did before. Raises NotFoundError, ConflictError: nobody asked."""
    await find_difference(difference_id)
    async with transaction():
        row = await DifferenceRow.select_for_update().get(id=difference_id)
        if row.state != DifferenceState.ASKED.value:
            raise ConflictError(
                "nobody_asked", zh="没有待处理的申请。", en="Nobody asked for anything."
            )
        before = DifferenceState.HELD if row.item_id else DifferenceState.OPEN
        detail = {"way": row.way, "asked_by": row.asked_by}
        await DifferenceRow.filter(id=row.id).update(
            state=before.value, way="", named_id=0, asked_by="", asked_at=0
        )
        await note(actor.label, "differences.reject", f"difference:{row.id}", at, **detail)
