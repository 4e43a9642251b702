"""Decide on a leaving that another person asked for."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.by_two import decided_already, two_people
from backend.tables.leaving import LeavingRow
from backend.tables.leavings import APPROVED, REJECTED, change_leaving, unknown_leaving


async def decide_leaving(leaving_id: int, actor: Actor, at: int, *, is_approved: bool) -> None:
    """Let the cohort go, or not; a repeat changes nothing.

    Raises:
        NotFoundError: no such leaving.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was decided otherwise.

    """
    row = await LeavingRow.get_or_none(id=leaving_id)
    if row is None:
        raise unknown_leaving()
    if row.made_by == actor.label:
        raise two_people()
    decision = APPROVED if is_approved else REJECTED
    if row.decision == decision:
        return
    if row.decision:
        raise decided_already(row.decision)
    values = {"decision": decision, "decided_by": actor.label, "decided_at": at}
    await change_leaving(leaving_id, actor, at, (f"leavings.{decision}", values))
