"""What a few terminals tried comes into force at all of them."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.rollout import RolloutOutcome
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.rollouts import end_rollout
from backend.usecases.ports import Bus


async def promote_rollout(rollout_id: int, reason: str, *, actor: Actor, at: int, bus: Bus) -> int:
    """End the trial: the version that was tried is the newest, so it is in force; answers it.

    Raises:
        NotFoundError: there is no such roll-out.
        ConflictError: it ended before.

    """
    async with transaction():
        version = await end_rollout(rollout_id, RolloutOutcome.PROMOTED, reason, actor.label, at)
        await note(actor.label, "rules.promote", f"rules:{version}", at, reason=reason)
    await bus.publish("rules", {"version": version})
    return version
