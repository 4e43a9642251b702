"""A member of staff looks at a person's limits; he can see that somebody did."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.holder_limit import LimitsView
from backend.tables.audit import note
from backend.tables.holder_limits import limits_of
from backend.tables.people import require_holder


async def look_at_limits_of(holder_id: int, *, actor: Actor, at: int) -> LimitsView:
    """What guardians limited, with a line in his trail. NotFoundError: there is no such holder."""
    await require_holder(holder_id)
    view = await limits_of(holder_id)
    await note(actor.label, "cardholders.look_at_limits", f"cardholder:{holder_id}", at)
    return view
