"""POST /terminal/door_events: what a door wrote down, in order."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import parts_of, verifier_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.door import DoorUpload
from backend.domain.errors import InvalidInputError
from backend.usecases.doors.take_door_events import take_door_events
from campus_code import DOOR_EVENTS_MAX, ShapeError, door_event_from_bytes
from campus_code.door_event import DOOR_EVENT_BYTES_MAX
from campus_code.limits import VERSION_MAX

routes = Blueprint("terminal_door_events")

EventText = Annotated[str, Field(max_length=DOOR_EVENT_BYTES_MAX)]


class DoorEventsShape(Shape):
    """Events in their bytes, sequences rising by one; none asks how far the log is here."""

    bytes_max: ClassVar[int] = 512 * 1024

    first_sequence: int = Field(ge=1, le=VERSION_MAX)
    hash_before: str = Field(pattern=r"^[0-9a-f]{64}$")
    events: Annotated[list[EventText], Field(max_length=DOOR_EVENTS_MAX)]


class DoorStandingTold(TypedDict):
    """How far the door's log is here, and the chain's hash there."""

    confirmed_through: int
    last_hash: str


@routes.post("/door_events")
@for_terminal
@described(DoorStandingTold, body=DoorEventsShape)
async def upload(request: Request) -> HTTPResponse:
    """200: every event is kept, whatever it says; the same again changes nothing."""
    parts = parts_of(request)
    shape = read_json(request, DoorEventsShape)
    terminal_id = terminal_of(request).terminal_id
    standing = await take_door_events(
        _upload(terminal_id, shape), verifier_of(parts, terminal_id), int(parts.clock())
    )
    body: DoorStandingTold = {
        "confirmed_through": standing.through,
        "last_hash": standing.chain,
    }
    return answer(body)


def _upload(terminal_id: int, shape: DoorEventsShape) -> DoorUpload:
    bodies = tuple(text.encode() for text in shape.events)
    events = []
    for place, body in enumerate(bodies):
        try:
            event = door_event_from_bytes(body)
        except ShapeError as error:
            raise InvalidInputError(f"events.{place}", str(error)) from error
        if event.sequence != shape.first_sequence + place:
            raise InvalidInputError(f"events.{place}", "sequences do not rise by one")
        events.append(event)
    hash_before = bytes.fromhex(shape.hash_before)
    return DoorUpload(terminal_id, shape.first_sequence, hash_before, tuple(events), bodies)
