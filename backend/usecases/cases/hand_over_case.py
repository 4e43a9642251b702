from __future__ import annotations

from backend.domain.access import Actor
from backend.tables.audit import note
from backend.tables.cases import lock_open_case, require_worker
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.risk import CaseRow


@retried
async def hand_over_case(
    case_id: int, owner_id: int, due_at: int, reason: str, *, actor: Actor, at: int
) -> None:
    """Give a case to another owner, or another day to it.

    Raises:
        InvalidInputError: an owner who may not work on cases. NotFoundError: no such case.
        ConflictError: it is closed.

    """
    async with transaction():
        row = await lock_open_case(case_id)
        await require_worker(owner_id)
        before = {"owner_id": row.owner_id, "due_at": row.due_at}
        after = {"owner_id": owner_id, "due_at": due_at}
        if before != after:
            await CaseRow.filter(id=case_id).update(**after)
            detail = {"before": before, "after": after, "reason": reason}
            await note(actor.label, "cases.hand_over", f"case:{case_id}", at, **detail)
