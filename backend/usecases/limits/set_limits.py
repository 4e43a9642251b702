from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.holder_limit import LimitsView, require_limits
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.guardians import lock_holder, require_child
from backend.tables.holder_limits import limits_of, put_limits
from backend.tables.retrying import retried
from backend.usecases.ports import Bus
from campus_code import HolderLimits


async def set_limits(
    holder_id: int, limits: HolderLimits, *, actor: Actor, at: int, bus: Bus
) -> LimitsView:
    """A guardian limits what a minor may spend, from the next tap on; terminals hear of it.

    Of several guardians the last one counts. The same limits again change nothing.

    Raises:
        NotFoundError: no child of his. ForbiddenError: of age.
        ConflictError: terminals can hold no more.

    """
    version = await _set(holder_id, limits, actor, at)
    if version:
        await bus.publish("limits", {"version": version})
    return await limits_of(holder_id)


@retried
async def _set(holder_id: int, limits: HolderLimits, actor: Actor, at: int) -> int:
    async with transaction():
        holder = await lock_holder(holder_id)
        await require_child(actor.id, holder_id)
        require_limits(is_adult=holder.is_adult)
        version = await put_limits(holder, limits, actor.label, at)
        if version:
            detail = {"day_fen": limits.day_fen, "weekday_fen": limits.weekday_fen}
            subject = f"cardholder:{holder_id}"
            kinds = dict(limits.kinds)
            await note(actor.label, "guardians.limit", subject, at, kinds=kinds, **detail)
    return version
