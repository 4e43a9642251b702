from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.guardian import Look
from backend.domain.holder_limit import LimitsView, require_limits
from backend.tables.guardians import is_adult, note_look, require_child
from backend.tables.holder_limits import limits_of


async def look_at_limits(holder_id: int, *, actor: Actor, at: int) -> LimitsView:
    """What is limited for a child, whichever guardian set it; the look leaves a line.

    Raises:
        NotFoundError: no child of his. ForbiddenError: of age.

    """
    await require_child(actor.id, holder_id)
    require_limits(is_adult=await is_adult(holder_id))
    await note_look(actor.id, holder_id, Look.LIMITS, at)
    return await limits_of(holder_id)
