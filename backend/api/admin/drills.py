"""Drills of an outage, as the office orders and reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.domain.drill import DRILL_SECONDS_MAX, DRILL_TERMINALS_MAX
from backend.domain.terminal import TERMINAL_ID_MAX
from backend.usecases.drills.end_drill import end_drill
from backend.usecases.drills.order_drill import order_drill
from backend.usecases.drills.read_drills import read_drills

routes = Blueprint("admin_drills")

TerminalId = Annotated[int, Field(ge=1, le=TERMINAL_ID_MAX)]


class DrillShape(Shape):
    """Which terminals are to be alone, for how many seconds, and why."""

    terminal_ids: list[TerminalId] = Field(min_length=1, max_length=DRILL_TERMINALS_MAX)
    seconds: int = Field(ge=1, le=DRILL_SECONDS_MAX)
    reason: str = Field(min_length=1, max_length=200)


class DrillNumberTold(TypedDict):
    """The drill's number."""

    drill_id: int


class DrilledTerminalTold(TypedDict):
    """What a terminal took alone, refused, and how long it needed at most; null: not heard yet."""

    terminal_id: int
    told_at: At | None
    payments: int
    charged_fen: int
    refusals: int
    decided_milliseconds_max: int


class DrillReportTold(TypedDict):
    """A drill; `ended_by` is empty when it ended, or is to end, by itself."""

    drill_id: int
    reason: str
    ordered_by: str
    begins_at: At
    ends_at: At
    ended_by: str
    terminals: list[DrilledTerminalTold]


class DrillsTold(TypedDict):
    """The newest drills."""

    drills: list[DrillReportTold]


@routes.post("/drills")
@for_staff("drills.order")
@described(DrillNumberTold, body=DrillShape, status=201)
async def order(request: Request) -> HTTPResponse:
    """201: from their next sync these terminals act as if the server were away; it ends itself."""
    shape = read_json(request, DrillShape)
    drill_id = await order_drill(
        shape.terminal_ids,
        shape.seconds,
        shape.reason,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    body: DrillNumberTold = {"drill_id": drill_id}
    return answer(body, 201)


@routes.post("/drills/<drill_id:int>/ends")
@for_staff("drills.order")
@described(DrillNumberTold)
async def end(request: Request, drill_id: int) -> HTTPResponse:
    """200: it is rolled back; terminals hear of it at their next sync."""
    await end_drill(drill_id, actor=actor_of(request), at=int(parts_of(request).clock()))
    body: DrillNumberTold = {"drill_id": drill_id}
    return answer(body)


@routes.get("/drills")
@for_staff("drills.read")
@described(DrillsTold)
async def read_all(_request: Request) -> HTTPResponse:
    """200: the newest drills, each with what its terminals told."""
    drills: list[DrillReportTold] = [
        {
            "drill_id": report.drill.id,
            "reason": report.drill.reason,
            "ordered_by": report.drill.ordered_by,
            "begins_at": report.drill.begins_at,
            "ends_at": report.drill.ends_at,
            "ended_by": report.drill.ended_by,
            "terminals": [
                {
                    "terminal_id": row.terminal_id,
                    "told_at": row.told_at or None,
                    "payments": row.payments,
                    "charged_fen": row.charged_fen,
                    "refusals": row.refusals,
                    "decided_milliseconds_max": row.decided_milliseconds_max,
                }
                for row in report.terminals
            ],
        }
        for report in await read_drills()
    ]
    body: DrillsTold = {"drills": drills}
    return answer(body)
