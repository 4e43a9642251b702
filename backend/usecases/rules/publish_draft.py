"""Put a draft of rules in force: everywhere at once, or at a few terminals first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tortoise.exceptions import IntegrityError
from tortoise.functions import Sum

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.rollout import require_canary
from backend.domain.rules_text import read_bundle
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drafts import change_draft, open_draft
from backend.tables.rollout import RolloutRow, RulesDraftRow
from backend.tables.rollouts import rules_in_force
from backend.tables.rules_books import next_rules_version, put_rules, require_in_use
from backend.tables.terminal import RefusalCountRow, TerminalRow
from backend.usecases.ports import Bus
from campus_code import RulesBundle, business_day, rules_from_json


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published by whoever saw `revision`; no terminals: all of them at once."""

    draft_id: int
    revision: int
    terminal_ids: Sequence[int]
    reason: str


@dataclass(frozen=True, slots=True)
class Published:
    """Under which version, and the roll-out that began with it (0: it is in force everywhere)."""

    version: int
    rollout_id: int


async def publish_draft(wanted: Publication, *, actor: Actor, at: float, bus: Bus) -> Published:
    """Write it as the next version of the rules and end the draft; terminals are woken up.

    The version is given here: that nobody overwrites unseen what is in force is asked by the base
    the draft began from.

    Raises:
        InvalidInputError: naming the path that is wrong, or why these terminals cannot try it.
        ConflictError: it ended or was changed, other rules came into force since it was begun,
            some are being tried, or a class or group still in use is missing.

    """
    draft = await open_draft(wanted.draft_id)
    version = await next_rules_version()
    bundle = replace(read_bundle(draft.body.encode()), version=version)
    await _require_base(draft)
    await require_in_use(bundle)
    if wanted.terminal_ids:
        await _require_trial(bundle, wanted.terminal_ids)
    rollout_id = 0
    async with transaction():
        await change_draft(
            draft,
            wanted.revision,
            published_version=version,
            ended_at=int(at),
            changed_by=actor.label,
            changed_at=int(at),
        )
        await put_rules(bundle, actor.label, at)
        if wanted.terminal_ids:
            rollout_id = await _begin(wanted, bundle, draft.base_version, actor, int(at))
        verb = "rules.try_out" if rollout_id else "rules.publish"
        about = {"reason": wanted.reason, "draft": draft.id, "terminals": len(wanted.terminal_ids)}
        await note(actor.label, verb, f"rules:{version}", int(at), **about)
    await bus.publish("rules", {"version": version})
    return Published(version, rollout_id)


async def _require_base(draft: RulesDraftRow) -> None:
    row = await rules_in_force()
    if row is not None and row.version != draft.base_version:
        raise ConflictError(
            "draft_outdated",
            zh="草稿开始后规则已更新，请对照差异、另起草稿。",
            en="Other rules came into force since this draft was begun; begin a new one.",
            version=row.version,
        )


async def _require_trial(bundle: RulesBundle, terminal_ids: Sequence[int]) -> None:
    row = await rules_in_force()
    if row is None:
        raise ConflictError(
            "no_rules", zh="还没有发布规则。", en="No rules bundle has been published yet."
        )
    living = {row.id for row in await TerminalRow.filter(revoked_at=None).only("id")}
    require_canary(rules_from_json(row.body.encode()), bundle, terminal_ids, living)


async def _begin(
    wanted: Publication, bundle: RulesBundle, base_version: int, actor: Actor, at: int
) -> int:
    business_on = business_day(at, bundle)
    counted = (
        await RefusalCountRow.filter(business_on=business_on)
        .annotate(refused=Sum("count"))
        .group_by("terminal_id")
        .values_list("terminal_id", "refused")
    )
    try:
        row = await RolloutRow.create(
            version=bundle.version,
            base_version=base_version,
            terminal_ids=sorted(set(wanted.terminal_ids)),
            refusals_before={str(terminal_id): int(count) for terminal_id, count in counted},
            reason=wanted.reason,
            begun_by=actor.label,
            begun_at=at,
            begun_on=business_on,
            slot=1,
        )
    except IntegrityError as error:
        raise ConflictError(
            "rollout_running",
            zh="有一版规则正在试行，请先全部发布或撤回。",
            en="A bundle is being tried at a few terminals; promote it or roll it back first.",
        ) from error
    return int(row.id)
