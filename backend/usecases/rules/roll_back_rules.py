"""Take rules back: what an older version said comes into force again, under a new number."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.rollout import RolloutOutcome
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.rollouts import end_rollout, rules_in_force, running_rollout
from backend.tables.rules_books import next_rules_version, put_rules, require_in_use
from backend.tables.school import RulesRow
from backend.usecases.ports import Bus
from campus_code import RulesBundle, rules_from_json


async def roll_back_rules(version: int, reason: str, *, actor: Actor, at: float, bus: Bus) -> int:
    """Publish what `version` said as the newest version and answer that; a trial that runs ends.

    Terminals take only what is newer than they hold, so nothing ever goes back in numbers.

    Raises:
        NotFoundError: there is no such version.
        ConflictError: it is in force already, or a class or group in use since is missing in it.

    """
    old = await RulesRow.get_or_none(version=version)
    if old is None:
        raise NotFoundError("unknown_rules", zh="没有这一版规则。", en="No such version of rules.")
    running, standing = await running_rollout(), await rules_in_force()
    if running is None and standing is not None and standing.version == version:
        raise ConflictError(
            "rules_in_force", zh="这一版正在执行。", en="This version is in force already."
        )
    if running is not None and running.version == version:
        raise ConflictError(
            "rules_on_trial", zh="这一版正在试行。", en="This version is being tried right now."
        )
    bundle = rules_from_json(old.body.encode())
    await require_in_use(bundle)
    async with transaction():
        if running is not None:
            await end_rollout(running.id, RolloutOutcome.ROLLED_BACK, reason, actor.label, int(at))
        newest = await _write_again(bundle, actor, at)
        about = {"reason": reason, "version": version}
        await note(actor.label, "rules.roll_back", f"rules:{newest}", int(at), **about)
    await bus.publish("rules", {"version": newest})
    return newest


async def _write_again(bundle: RulesBundle, actor: Actor, at: float) -> int:
    newest = await next_rules_version()
    await put_rules(replace(bundle, version=newest), actor.label, at)
    return newest
