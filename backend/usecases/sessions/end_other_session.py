from __future__ import annotations

from backend.domain.access import Actor, Audience
from backend.domain.errors import NotFoundError
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.staff import SessionRow


async def end_other_session(
    session_id: int, reason: str, *, actor: Actor, at: int, own: bool
) -> None:
    """End a session of staff, `own`: one of the actor's; again is no error.

    NotFoundError: no such session, or with `own` somebody else's.
    """
    sessions = SessionRow.filter(id=session_id, audience=Audience.STAFF.value)
    if own:
        sessions = sessions.filter(subject_id=actor.id)
    async with transaction():
        row = await sessions.select_for_update().first()
        if row is None:
            raise NotFoundError(
                "unknown_session", zh="没有这个登录会话。", en="There is no such session."
            )
        if row.ended_at is None:
            await SessionRow.filter(id=row.id).update(ended_at=utc(at))
            subject = f"staff:{row.subject_id}"
            await note(actor.label, "sessions.end", subject, at, session_id=row.id, reason=reason)
