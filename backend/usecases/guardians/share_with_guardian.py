from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.domain.guardian import Sees, require_adult
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.guardian import GuardianshipRow
from backend.tables.guardians import lock_holder
from backend.tables.retrying import retried


@retried
async def share_with_guardian(
    holder_id: int, guardian_id: int, sees: Sees, *, actor: Actor, at: int
) -> None:
    """An adult decides what one of his guardians sees, from this moment on.

    ForbiddenError for a minor, NotFoundError for nobody's or another's guardian.
    """
    async with transaction():
        holder = await lock_holder(holder_id)
        require_adult(is_adult=holder.is_adult)
        tie = await GuardianshipRow.get_or_none(
            holder_id=holder_id, guardian_id=guardian_id, ended_at=None
        )
        if tie is None:
            raise NotFoundError("unknown_guardian", zh="没有这位家长", en="No such guardian")
        await GuardianshipRow.filter(id=tie.id).update(sees=sees)
        subject = f"cardholder:{holder_id}"
        await note(actor.label, "guardians.share", subject, at, guardian_id=guardian_id, sees=sees)
