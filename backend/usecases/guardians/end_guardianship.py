from __future__ import annotations

from backend.domain.access import Actor, Audience
from backend.domain.errors import NotFoundError
from backend.domain.guardian import require_adult
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.guardian import GuardianshipRow
from backend.tables.guardians import lock_holder
from backend.tables.holder_limits import end_limits
from backend.tables.retrying import retried


@retried
async def end_guardianship(holder_id: int, guardian_id: int, *, actor: Actor, at: int) -> None:
    """Send a guardian away: an adult his own, the card office anybody's.

    With the last of them go the limits: nobody would be left who may change them.

    ForbiddenError for a minor, NotFoundError for nobody's or another's guardian.
    """
    async with transaction():
        holder = await lock_holder(holder_id)
        if actor.audience is Audience.STUDENT:
            require_adult(is_adult=holder.is_adult)
        tie = await GuardianshipRow.get_or_none(
            holder_id=holder_id, guardian_id=guardian_id, ended_at=None
        )
        if tie is None:
            raise NotFoundError("unknown_guardian", zh="没有这位家长", en="No such guardian")
        await GuardianshipRow.filter(id=tie.id).update(ended_at=utc(at))
        subject = f"cardholder:{holder_id}"
        await note(actor.label, "guardians.end", subject, at, guardian_id=guardian_id)
        if not await GuardianshipRow.filter(holder_id=holder_id, ended_at=None).exists():
            await end_limits([holder_id], actor.label, at)
