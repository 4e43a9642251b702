from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import Card
from backend.domain.errors import ConflictError
from backend.domain.guardian import Look, Sees, require_shared, what_is_seen
from backend.tables.card_changes import card_of
from backend.tables.guardians import is_adult, newest_card, note_look, require_child

WANTED = {
    Look.CARD: Sees.STATE,
    Look.PAYMENTS: Sees.ALL,
    Look.EMERGENCY_CODE: Sees.ALL,
}
"""How much must be shared for each look; a day's code spends money."""


async def look_at_child(holder_id: int, look: Look, *, actor: Actor, at: int) -> Card:
    """The card a child uses, if this guardian may look at that; the look leaves a line.

    Raises:
        NotFoundError: no child of his. ForbiddenError: not shared. ConflictError: no card.

    """
    tie = await require_child(actor.id, holder_id)
    seen = what_is_seen(tie.sees, is_adult=await is_adult(holder_id))
    require_shared(seen, WANTED[look])
    row = await newest_card(holder_id)
    if row is None:
        raise ConflictError("no_card", zh="还没有校园卡", en="There is no card yet")
    await note_look(actor.id, holder_id, look, at)
    return card_of(row)
