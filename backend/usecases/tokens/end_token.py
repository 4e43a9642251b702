from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.tables.api_token import ApiTokenRow
from backend.tables.audit import note
from backend.tables.database import transaction


async def end_token(token_id: int, reason: str, *, actor: Actor, at: int) -> None:
    """It reads nothing any more; again is no error. NotFoundError: no such token."""
    async with transaction():
        row = await ApiTokenRow.select_for_update().get_or_none(id=token_id)
        if row is None:
            raise NotFoundError("unknown_token", zh="没有这个令牌。", en="There is no such token.")
        if not row.ended_at:
            await ApiTokenRow.filter(id=token_id).update(ended_at=at)
            await note(actor.label, "tokens.end", f"token:{token_id}", at, reason=reason)
