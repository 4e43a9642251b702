"""The holder's own passages through doors: personal data, and his to see."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.passage_told import PageQuery, PassagesTold, next_before, passage_body
from backend.api.reading import answer, read_query
from backend.domain.door import PASSAGES_KEPT_SECONDS, PASSAGES_SHOWN_MAX
from backend.usecases.doors.read_own_passages import read_own_passages

routes = Blueprint("student_passages")


@routes.get("/passages")
@for_student
@described(PassagesTold, query=PageQuery)
async def show_passages(request: Request) -> HTTPResponse:
    """Where and when the own cards were shown at doors, and for how long that is kept."""
    before_id = read_query(request, PageQuery).before_id
    lines = await read_own_passages(actor_of(request).id, before_id=before_id)
    body: PassagesTold = {
        "passages": [passage_body(line) for line in lines],
        "next_before_id": next_before(lines, PASSAGES_SHOWN_MAX),
        "kept_seconds": PASSAGES_KEPT_SECONDS,
    }
    return answer(body)
