"""How a trial of rules goes: what its terminals take and refuse, beside all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tortoise.functions import Sum

from backend.domain.errors import NotFoundError
from backend.tables.pulse import PulseRow
from backend.tables.rollout import RolloutRow
from backend.tables.terminal import RefusalCountRow, TerminalRow

MINUTE = 60


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
    payments, refusals = await _payments(row), await _refusals(row)
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


async def _payments(row: RolloutRow) -> Mapping[int, int]:
    since = PulseRow.filter(minute_at__gte=row.begun_at - row.begun_at % MINUTE)
    if row.ended_at:
        since = since.filter(minute_at__lte=row.ended_at)
    return _by_terminal(
        await since.annotate(taken=Sum("payments"))
        .group_by("terminal_id")
        .values_list("terminal_id", "taken")
    )


async def _refusals(row: RolloutRow) -> Mapping[int, int]:
    """Since it began, as terminals count by the day: what they had refused before is taken off."""
    counted = RefusalCountRow.filter(business_on__gte=row.begun_on)
    since = _by_terminal(
        await counted.annotate(refused=Sum("count"))
        .group_by("terminal_id")
        .values_list("terminal_id", "refused")
    )
    before = row.refusals_before
    return {
        terminal_id: max(count - before.get(str(terminal_id), 0), 0)
        for terminal_id, count in since.items()
    }


def _by_terminal(rows: Sequence[tuple[int, int]]) -> dict[int, int]:
    return {terminal_id: int(count or 0) for terminal_id, count in rows}
