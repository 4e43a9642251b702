"""What the holder's guardians limit; he sees it and does not change it."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.limits_told import LimitsTold, limits_told
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.usecases.access.find_actor import nobody
from backend.usecases.limits.read_own_limits import read_own_limits

routes = Blueprint("student_limits")


@routes.get("/limits")
@for_student
@described(LimitsTold)
async def show_own_limits(request: Request) -> HTTPResponse:
    """What is limited and who set it."""
    holder_id = actor_of(request).holder_id
    if holder_id is None:  # for_student lets nobody in without
        raise nobody()
    return answer(limits_told(await read_own_limits(holder_id), parts_of(request).rules.bundle))
