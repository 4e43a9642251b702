"""A guardian limits what a minor spends: a day, a weekday, a kind of merchant."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_guardian
from backend.api.described import described
from backend.api.limits_told import LimitsShape, LimitsTold, limits_told
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.domain.holder_limit import read_limits
from backend.usecases.limits.look_at_limits import look_at_limits
from backend.usecases.limits.set_limits import set_limits

routes = Blueprint("guardian_limits")


@routes.get("/children/<holder_id:int>/limits")
@for_guardian
@described(LimitsTold)
async def show_limits(request: Request, holder_id: int) -> HTTPResponse:
    """What is limited, who set it, and the kinds of merchants; 403 adult_limits for an adult."""
    parts = parts_of(request)
    view = await look_at_limits(holder_id, actor=actor_of(request), at=int(parts.clock()))
    return answer(limits_told(view, parts.rules.bundle))


@routes.put("/children/<holder_id:int>/limits")
@for_guardian
@described(LimitsTold, body=LimitsShape)
async def write_limits(request: Request, holder_id: int) -> HTTPResponse:
    """Set all of it, from the next tap on; 403 adult_limits, 400 for a kind that is not there."""
    parts = parts_of(request)
    shape, rules = read_json(request, LimitsShape), parts.rules.bundle
    limits = read_limits(shape.day_fen, shape.weekday_fen, shape.kinds, rules)
    view = await set_limits(
        holder_id, limits, actor=actor_of(request), at=int(parts.clock()), bus=parts.bus
    )
    return answer(limits_told(view, rules))
