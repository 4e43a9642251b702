"""The card office and doors: zones granted to people by name, and their passages, with a reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.passage_told import LookShape, PassagesTold, next_before, passage_body
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.door import PASSAGES_KEPT_SECONDS, PASSAGES_SHOWN_MAX
from backend.domain.errors import InvalidInputError
from backend.usecases.doors.grant_zones import grant_zones
from backend.usecases.doors.read_grants import read_grants
from backend.usecases.doors.read_passages import read_passages
from campus_code.door_list import GRANTS_MAX, UNTIL_MAX
from campus_code.door_rules import ZONE_MAX

routes = Blueprint("staff_doors")


class GrantShape(Shape):
    """A zone, until a Unix second; 0: without end."""

    zone: int = Field(ge=1, le=ZONE_MAX)
    until: int = Field(default=0, ge=0, le=UNTIL_MAX)


class GrantsShape(Shape):
    """All zones the holder is to have by name; who is not named loses them."""

    grants: Annotated[list[GrantShape], Field(max_length=GRANTS_MAX)]


class GrantTold(TypedDict):
    """A granted zone; `until` 0: without end."""

    zone: int
    until: At


class GrantsTold(TypedDict):
    """Every zone the holder was granted by name."""

    grants: list[GrantTold]


@routes.get("/cardholders/<holder_id:int>/zones")
@for_staff("doors.read", whose="holder_id")
@described(GrantsTold)
async def show_zones(request: Request, holder_id: int) -> HTTPResponse:
    """Which zones he was granted by name; he can see that somebody looked."""
    at = int(parts_of(request).clock())
    return answer(_told(await read_grants(holder_id, actor=actor_of(request), at=at)))


@routes.put("/cardholders/<holder_id:int>/zones")
@for_staff("doors.grant", whose="holder_id")
@described(GrantsTold, body=GrantsShape)
async def grant(request: Request, holder_id: int) -> HTTPResponse:
    """Grant these zones and no others; doors hear of it at once."""
    parts = parts_of(request)
    named = read_json(request, GrantsShape).grants
    zones = {one.zone: one.until for one in named}
    if len(zones) != len(named):
        raise InvalidInputError("grants", "a zone is named twice")
    await grant_zones(
        holder_id, zones, actor=actor_of(request), at=int(parts.clock()), bus=parts.bus
    )
    return answer(_told(zones))


@routes.post("/cardholders/<holder_id:int>/passages")
@for_staff("passages.read", whose="holder_id")
@described(PassagesTold, body=LookShape)
async def look_at_passages(request: Request, holder_id: int) -> HTTPResponse:
    """His passages; he reads who looked, when and why."""
    shape = read_json(request, LookShape)
    lines = await read_passages(
        holder_id,
        shape.reason,
        before_id=shape.before_id,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: PassagesTold = {
        "passages": [passage_body(line) for line in lines],
        "next_before_id": next_before(lines, PASSAGES_SHOWN_MAX),
        "kept_seconds": PASSAGES_KEPT_SECONDS,
    }
    return answer(body)


def _told(zones: dict[int, int]) -> GrantsTold:
    return {"grants": [{"zone": zone, "until": until} for zone, until in sorted(zones.items())]}
