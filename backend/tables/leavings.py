"""Reading leavings: which one lets a holder go now."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.leaving import LeavingHolderRow, LeavingRow
from backend.tables.retrying import retried

APPROVED = "approved"
REJECTED = "rejected"


async def open_leaving_of(holder_id: int, at: int) -> LeavingRow | None:
    """The leaving that lets this holder go at a time, or None."""
    leaving_ids = await LeavingHolderRow.filter(holder_id=holder_id).values_list(
        "leaving_id", flat=True
    )
    return await LeavingRow.filter(
        id__in=list(leaving_ids),
        decision=APPROVED,
        ended_at=0,
        opens_at__lte=at,
        closes_at__gt=at,
    ).first()


def unknown_leaving() -> NotFoundError:
    """The answer when there is no such leaving."""
    return NotFoundError("unknown_leaving", zh="没有这个离校批次。", en="There is no such leaving.")


@retried
async def change_leaving(
    leaving_id: int, actor: Actor, at: int, change: tuple[str, dict[str, object]]
) -> None:
    """Write (verb, columns) into a leaving's row, with a line in the trail."""
    verb, values = change
    async with transaction():
        await LeavingRow.filter(id=leaving_id).update(**values)
        await note(actor.label, verb, f"leaving:{leaving_id}", at)
