"""Approve or reject a cohort's end that another person asked for."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.by_two import decided_already, two_people
from backend.domain.card_request import Decision, request_over
from backend.domain.ending import unknown_ending
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ending import EndingRow
from backend.tables.endings import cohort, lock_ending, put_ends
from backend.tables.retrying import retried


@retried
async def decide_ending(ending_id: int, decision: Decision, *, actor: Actor, at: int) -> EndingRow:
    """Let the cohort, as it is now, end at its time, or not; a repeat changes nothing.

    Raises:
        NotFoundError: no such ending. ForbiddenError: the same person asked for it; the database
            refuses that too. ConflictError: decided otherwise, withdrawn, or its time is over.

    """
    async with transaction():
        row = await lock_ending(ending_id)
        if row is None:
            raise unknown_ending()
        if row.made_by == actor.label:
            raise two_people()
        if row.decision == decision:
            return row
        if row.decision:
            raise decided_already(row.decision)
        if decision is Decision.APPROVED:
            if row.withdrawn_at or row.ends_at <= at:
                raise request_over()
            found = await cohort(row.class_id, row.department).order_by("id").only("id")
            await put_ends([one.id for one in found], row.ends_at, row.id)
            row.holders = len(found)
        row.decision, row.decided_by, row.decided_at = decision.value, actor.label, at
        await row.save(update_fields=["decision", "decided_by", "decided_at", "holders"])
        await note(
            actor.label, f"endings.{decision.value}", f"ending:{row.id}", at, holders=row.holders
        )
    return row
