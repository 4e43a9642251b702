from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.times import utc
from backend.tables.staff import SessionRow


async def end_session(actor: Actor, *, at: int) -> None:
    """Log out: this session ends now, the person's others stay."""
    await SessionRow.filter(id=actor.session_id, ended_at=None).update(ended_at=utc(at))
