"""Messages that could not be sent, and trying them again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At
from backend.domain.message import Delivery
from backend.tables.message import OutboxRow
from backend.usecases.messages.retry_dead_letter import retry_dead_letter

routes = Blueprint("admin_dead_letters")

LINES_MAX = 200
ID_MAX = (1 << 53) - 1


class DeadLettersQuery(Shape):
    """Those before this id; 0: from the newest."""

    before: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class DeadLetterTold(TypedDict):
    """A message nobody got: what it was about, which way it went, and why it failed.

    Neither its words nor whom it was for.
    """

    message_id: int
    topic: str
    template: str
    channel: str
    fault: str
    tries: int
    made_at: At
    done_at: At


class DeadLettersTold(TypedDict):
    """The newest first, and how many there are at all."""

    count: int
    dead_letters: list[DeadLetterTold]


class RetriedTold(TypedDict):
    """By which way it is tried now."""

    message_id: int
    channel: str


@routes.get("/dead-letters")
@for_staff("messages.read")
@described(DeadLettersTold, query=DeadLettersQuery)
async def list_dead_letters(request: Request) -> HTTPResponse:
    """What was given up, newest first."""
    before = read_query(request, DeadLettersQuery).before or ID_MAX
    dead = OutboxRow.filter(state=Delivery.DROPPED)
    rows = await dead.filter(id__lt=before).order_by("-id").limit(LINES_MAX)
    body: DeadLettersTold = {
        "count": await dead.count(),
        "dead_letters": [
            {
                "message_id": row.id,
                "topic": row.topic,
                "template": row.template,
                "channel": row.channel,
                "fault": row.fault,
                "tries": row.tries,
                "made_at": row.made_at,
                "done_at": row.done_at,
            }
            for row in rows
        ],
    }
    return answer(body)


@routes.post("/dead-letters/<message_id:int>/retries")
@for_staff("messages.retry")
@described(RetriedTold, status=201)
async def retry(request: Request, message_id: int) -> HTTPResponse:
    """Try one again; 409 when nobody wants it any more."""
    at = int(parts_of(request).clock())
    row = await retry_dead_letter(message_id, actor=actor_of(request), at=at)
    body: RetriedTold = {"message_id": row.id, "channel": row.channel}
    return answer(body, 201)
