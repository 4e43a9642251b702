"""Which rules are in force, and which a few terminals hold before the others."""

from __future__ import annotations

from tortoise.expressions import Subquery

from backend.domain.errors import ConflictError, NotFoundError
from backend.tables.rollout import RolloutRow
from backend.tables.school import RulesRow


async def running_rollout() -> RolloutRow | None:
    """The staged roll-out that runs, if one does."""
    return await RolloutRow.get_or_none(slot=1)


async def rules_in_force() -> RulesRow | None:
    """The bundle in force at every terminal that is in no trial; None while there is none."""
    trying = Subquery(RolloutRow.filter(slot=1).values("version"))
    return await RulesRow.exclude(version__in=trying).order_by("-version").first()


async def version_in_force() -> int:
    """Its version, 0 while there is none."""
    trying = Subquery(RolloutRow.filter(slot=1).values("version"))
    row = await RulesRow.exclude(version__in=trying).order_by("-version").only("version").first()
    return 0 if row is None else int(row.version)


async def end_rollout(rollout_id: int, outcome: str, reason: str, by: str, at: int) -> int:
    """End a roll-out that runs and answer the version that was tried; inside `transaction()`.

    Raises:
        NotFoundError: there is no such roll-out.
        ConflictError: it ended before.

    """
    row = await RolloutRow.get_or_none(id=rollout_id)
    if row is None:
        raise NotFoundError("unknown_rollout", zh="没有这次试行。", en="There is no such roll-out.")
    ended = await RolloutRow.filter(id=rollout_id, slot=1).update(
        outcome=outcome, end_reason=reason, ended_by=by, ended_at=at, slot=None
    )
    if not ended:
        raise ConflictError(
            "rollout_ended", zh="这次试行已经结束。", en="This roll-out has ended already."
        )
    return int(row.version)
