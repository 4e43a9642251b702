"""Door rules and door logs, as the administration sees them."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.passage_told import LookShape, PassageTold, next_before, passage_body
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.door import PASSAGES_KEPT_SECONDS, PASSAGES_SHOWN_MAX
from backend.domain.errors import InvalidInputError, NotFoundError
from backend.tables.doors import newest_door_rules
from backend.usecases.doors.publish_doors import publish_doors
from backend.usecases.doors.read_door_log import read_door_log
from campus_code import DoorRules, ShapeError, door_rules_from_json
from campus_code.door_rules import DOOR_RULES_BYTES_MAX
from campus_code.limits import VERSION_MAX

routes = Blueprint("admin_doors")


class DoorRulesShape(Shape):
    """Whole door rules, as docs/code-format.md has them, in the place of version `after`."""

    bytes_max: ClassVar[int] = 2 * DOOR_RULES_BYTES_MAX

    after: int = Field(ge=0, le=VERSION_MAX)
    rules: dict[str, Any]
    reason: str = Field(default="", max_length=200)


class DoorRulesTold(TypedDict):
    """The rules in force, as they were published."""

    version: int
    published_at: At
    published_by: str
    rules: dict[str, Any]


class DoorVersionTold(TypedDict):
    """The version that is now in force."""

    version: int


class DoorEventTold(PassageTold):
    """One event with whose it was; null: nobody's. `fault`: what is wrong with the code, or ""."""

    holder_id: int | None
    fault: str


class DoorEventsTold(TypedDict):
    """A page, newest first; the next begins before `next_before_id`, 0: there is none."""

    events: list[DoorEventTold]
    next_before_id: int
    kept_seconds: int


@routes.get("/doors")
@for_staff("doors.read")
@described(DoorRulesTold)
async def read(_request: Request) -> HTTPResponse:
    """200: the door rules in force, who published them and when."""
    row = await newest_door_rules()
    if row is None:
        raise NotFoundError(
            "no_door_rules", zh="还没有发布门禁规则。", en="No door rules are published yet."
        )
    body: DoorRulesTold = {
        "version": row.version,
        "published_at": row.published_at,
        "published_by": row.published_by,
        "rules": orjson.loads(row.body),
    }
    return answer(body)


@routes.post("/doors")
@for_staff("doors.publish")
@described(DoorVersionTold, body=DoorRulesShape, status=201)
async def create(request: Request) -> HTTPResponse:
    """201: these rules are in force, and doors are told at once."""
    parts = parts_of(request)
    shape = read_json(request, DoorRulesShape)
    version = await publish_doors(
        _rules(shape.rules),
        shape.after,
        reason=shape.reason,
        rules=parts.rules.bundle,
        actor=actor_of(request),
        at=int(parts.clock()),
        bus=parts.bus,
    )
    body: DoorVersionTold = {"version": version}
    return answer(body, 201)


@routes.post("/doors/<terminal_id:int>/events")
@for_staff("passages.read")
@described(DoorEventsTold, body=LookShape)
async def look_at_events(request: Request, terminal_id: int) -> HTTPResponse:
    """A door's events; each holder in them reads who looked, when and why."""
    shape = read_json(request, LookShape)
    lines = await read_door_log(
        terminal_id,
        shape.reason,
        before_id=shape.before_id,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: DoorEventsTold = {
        "events": [
            {**passage_body(line), "holder_id": line.holder_id, "fault": line.fault}
            for line in lines
        ],
        "next_before_id": next_before(lines, PASSAGES_SHOWN_MAX),
        "kept_seconds": PASSAGES_KEPT_SECONDS,
    }
    return answer(body)


def _rules(value: dict[str, Any]) -> DoorRules:
    try:
        return door_rules_from_json(orjson.dumps(value))
    except ShapeError as error:
        field, _, why = str(error).partition(": ")
        raise InvalidInputError(field, why or "is not a set of door rules") from error
