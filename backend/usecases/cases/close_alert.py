from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.risk import REASON_LENGTH_MAX, read_words
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.places import within
from backend.tables.retrying import retried
from backend.tables.risk import AlertRow


@retried
async def close_alert(alert_id: int, reason: str, *, actor: Actor, at: int) -> None:
    """Close an alert that needs no case, with a reason; again is no error.

    Raises:
        InvalidInputError: no reason. NotFoundError: no such alert, or beyond the actor's reach.
        ConflictError: it is in a case, and is closed with that.

    """
    reason = read_words("reason", reason, REASON_LENGTH_MAX)
    async with transaction():
        row = await AlertRow.filter(id=alert_id, **within(actor)).select_for_update().first()
        if row is None:
            raise NotFoundError("unknown_alert", zh="没有这条预警。", en="There is no such alert.")
        if row.closed_at:
            return
        if row.case_id:
            raise ConflictError(
                "in_case",
                zh="预警已归入个案，随个案办结。",
                en="It is in a case and closes with it.",
            )
        await AlertRow.filter(id=alert_id).update(
            closed_at=at, closed_by=actor.label, closing_reason=reason
        )
        await note(actor.label, "alerts.close", f"alert:{alert_id}", at, reason=reason)
