from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.risk import REASON_LENGTH_MAX, Finding, read_words
from backend.tables.audit import note
from backend.tables.cases import lock_open_case
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.risk import AlertRow, CaseRow


@retried
async def close_case(case_id: int, finding: Finding, reason: str, *, actor: Actor, at: int) -> None:
    """Say what a case came to; its alerts are closed with it. No money moves.

    Raises:
        InvalidInputError: no reason. NotFoundError: no such case. ConflictError: it is closed.

    """
    reason = read_words("reason", reason, REASON_LENGTH_MAX)
    async with transaction():
        await lock_open_case(case_id)
        await CaseRow.filter(id=case_id).update(
            closed_at=at, closed_by=actor.label, finding=finding.value, closing_reason=reason
        )
        await AlertRow.filter(case_id=case_id, closed_at=0).update(
            closed_at=at, closed_by=actor.label, closing_reason=reason
        )
        detail = {"finding": finding.value, "reason": reason}
        await note(actor.label, "cases.close", f"case:{case_id}", at, **detail)
