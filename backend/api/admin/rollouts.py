"""Roll-outs in stages: how a trial goes, and ending it well."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.rollout import Taps, judge_trial
from backend.tables.rollout import RolloutRow
from backend.usecases.rules.promote_rollout import promote_rollout
from backend.usecases.rules.read_rollout import RolloutView, Side, read_rollout

routes = Blueprint("admin_rollouts")


class PromoteShape(Shape):
    """Why it is good enough for everybody."""

    reason: str = Field(min_length=1, max_length=200)


class RolloutTold(TypedDict):
    """A roll-out; `outcome` is empty while it runs, then promoted or rolled_back."""

    rollout_id: int
    version: int
    base_version: int
    terminals: int
    reason: str
    begun_by: str
    begun_at: At
    ended_by: str
    ended_at: At | None
    end_reason: str
    outcome: str


class RolloutsTold(TypedDict):
    """A page, newest first."""

    rollouts: list[RolloutTold]
    next: str | None


class TrialSideTold(TypedDict):
    """So many terminals, how many hold the version, what they took and refused since it began.

    `readiness_min`: the worst of them, null when none told.
    """

    terminals: int
    holding: int
    payments: int
    refusals: int
    readiness_min: int | None


class TryingTold(TypedDict):
    """A terminal of the trial, with the version it holds."""

    terminal_id: int
    name: str
    holds: int
    payments: int
    refusals: int
    score: int | None
    seen_at: At | None


class WatchedRolloutTold(TypedDict):
    """A roll-out, its two sides, and each terminal that tries.

    `verdict` beside the others: too few taps to tell, no worse, or worse by so many of a thousand
    taps refused.
    """

    rollout: RolloutTold
    canary: TrialSideTold
    others: TrialSideTold
    verdict: Literal["early", "fine", "worse"]
    worse_per_mille: int
    terminals: list[TryingTold]


class PromotedTold(TypedDict):
    """The version that is in force everywhere now."""

    version: int


@routes.get("/rules/rollouts")
@for_staff("rules.review")
@described(RolloutsTold, query=PageShape)
async def read_all(request: Request) -> HTTPResponse:
    """200: roll-outs, newest first; at most the first of them runs."""
    query = read_query(request, PageShape)
    after = read_cursor(query.after, int)
    rows = RolloutRow.all() if after is None else RolloutRow.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    body: RolloutsTold = {"rollouts": [_told(row) for row in shown], "next": following}
    return answer(body)


@routes.get("/rules/rollouts/<rollout_id:int>")
@for_staff("rules.review")
@described(WatchedRolloutTold)
async def read(_request: Request, rollout_id: int) -> HTTPResponse:
    """200: how it goes; refusals are as terminals told at their last sync."""
    return answer(_watched(await read_rollout(rollout_id)))


@routes.post("/rules/rollouts/<rollout_id:int>/promotions")
@for_staff("rules.publish")
@described(PromotedTold, body=PromoteShape, status=201)
async def promote(request: Request, rollout_id: int) -> HTTPResponse:
    """201: what was tried is in force everywhere."""
    parts = parts_of(request)
    shape = read_json(request, PromoteShape)
    version = await promote_rollout(
        rollout_id,
        shape.reason,
        actor=actor_of(request),
        at=int(parts.clock()),
        bus=parts.bus,
    )
    await parts.rules.refresh()
    body: PromotedTold = {"version": version}
    return answer(body, 201)


def _told(row: RolloutRow) -> RolloutTold:
    return {
        "rollout_id": row.id,
        "version": row.version,
        "base_version": row.base_version,
        "terminals": len(row.terminal_ids),
        "reason": row.reason,
        "begun_by": row.begun_by,
        "begun_at": row.begun_at,
        "ended_by": row.ended_by,
        "ended_at": row.ended_at or None,
        "end_reason": row.end_reason,
        "outcome": row.outcome,
    }


def _taps(side: Side) -> Taps:
    return Taps(side.payments, side.refusals)


def _watched(view: RolloutView) -> WatchedRolloutTold:
    verdict, more = judge_trial(_taps(view.canary), _taps(view.others))
    return {
        "rollout": _told(view.row),
        "canary": _side(view.canary),
        "others": _side(view.others),
        "verdict": verdict.value,
        "worse_per_mille": more,
        "terminals": [
            {
                "terminal_id": one.terminal_id,
                "name": one.name,
                "holds": one.holds,
                "payments": one.payments,
                "refusals": one.refusals,
                "score": one.score,
                "seen_at": one.seen_at,
            }
            for one in view.terminals
        ],
    }


def _side(side: Side) -> TrialSideTold:
    return {
        "terminals": side.terminals,
        "holding": side.holding,
        "payments": side.payments,
        "refusals": side.refusals,
        "readiness_min": side.readiness_min,
    }
