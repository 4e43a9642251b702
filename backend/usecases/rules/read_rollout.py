"""How a trial of rules goes: what its terminals take and refuse, beside all the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.domain.errors import NotFoundError
from backend.tables.rollout import RolloutRow
from backend.tables.terminal import TerminalRow
from backend.tables.trial_counts import payments_since, refusals_since


@dataclass(slots=True)
class Side:
    """The terminals that try, or those that do not: since the trial began."""

    terminals: int = 0
    holding: int = 0
    payments: int = 0
    refusals: int = 0
    readiness_min: int | None = None


@dataclass(frozen=True, slots=True)
class Trying:
    """One terminal of the trial. `score` is its readiness, None when it never told."""

    terminal_id: int
    name: str
    holds: int
    payments: int
    refusals: int
    score: int | None
    seen_at: int | None


@dataclass(slots=True)
class RolloutView:
    """A roll-out with what its two sides did."""

    row: RolloutRow
    canary: Side = field(default_factory=Side)
    others: Side = field(default_factory=Side)
    terminals: list[Trying] = field(default_factory=list)


async def read_rollout(rollout_id: int) -> RolloutView:
    """One roll-out, up to this moment or to its end.

    Raises:
        NotFoundError: there is no such roll-out.

    """
    row = await RolloutRow.get_or_none(id=rollout_id)
    if row is None:
        raise NotFoundError("unknown_rollout", zh="没有这次试行。", en="There is no such roll-out.")
    terminals = await TerminalRow.filter(revoked_at=None).order_by("id")
    payments, refusals = await payments_since(row), await refusals_since(row)
    view = RolloutView(row)
    chosen = frozenset(row.terminal_ids)
    for one in terminals:
        told = _trying(one, payments, refusals)
        is_canary = one.id in chosen
        _count(view.canary if is_canary else view.others, told, row)
        if is_canary:
            view.terminals.append(told)
    return view


def _trying(one: TerminalRow, payments: Mapping[int, int], refusals: Mapping[int, int]) -> Trying:
    score = one.readiness.get("score")
    return Trying(
        one.id,
        one.name,
        one.rules_version,
        payments.get(one.id, 0),
        refusals.get(one.id, 0),
        score if isinstance(score, int) else None,
        None if one.seen_at is None else int(one.seen_at.timestamp()),
    )


def _count(side: Side, told: Trying, row: RolloutRow) -> None:
    side.terminals += 1
    side.holding += told.holds >= row.version
    side.payments += told.payments
    side.refusals += told.refusals
    if told.score is not None:
        worst = side.readiness_min
        side.readiness_min = told.score if worst is None else min(worst, told.score)
