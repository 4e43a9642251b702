"""Leavings: a cohort that may take back what is left, opened by one person, approved by another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At
from backend.tables.leaving import LeavingRow
from backend.usecases.leavings.ask_leaving import LeavingAsked, ask_leaving
from backend.usecases.leavings.decide_leaving import decide_leaving
from backend.usecases.leavings.end_leaving import end_leaving

routes = Blueprint("staff_leavings")

AT_MAX = 1 << 40
NUMBERS_MAX = 2_000
LINES_MAX = 100


class LeavingShape(Shape):
    """A cohort by class, department (with all below it) or numbers; what is not said is null."""

    bytes_max = 96 * 1024

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    opens_at: Annotated[int, Field(ge=0, le=AT_MAX)]
    closes_at: Annotated[int, Field(ge=1, le=AT_MAX)]
    class_id: Annotated[int, Field(ge=0, le=255)] | None = None
    department: Annotated[str, Field(max_length=96)] = ""
    numbers: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=32)]], Field(max_length=NUMBERS_MAX)
    ] = []  # noqa: RUF012 - pydantic copies it


class StaffLeavingTold(TypedDict):
    """A leaving, how many people it lets go, and how far it is; `ended_at` 0: not ended early."""

    leaving_id: int
    name: str
    opens_at: At
    closes_at: At
    holders: int
    made_by: str
    decided_by: str
    decision: Literal["waiting", "approved", "rejected"]
    ended_at: At


class StaffLeavingsTold(TypedDict):
    """The newest leavings."""

    leavings: list[StaffLeavingTold]


@routes.get("/leavings")
@for_staff("top_ups.read")
@described(StaffLeavingsTold)
async def read_leavings(_request: Request) -> HTTPResponse:
    """The newest leavings."""
    rows = await LeavingRow.all().order_by("-id").limit(LINES_MAX)
    body: StaffLeavingsTold = {"leavings": [_told(row) for row in rows]}
    return answer(body)


@routes.post("/leavings")
@for_staff("leavings.make")
@described(StaffLeavingTold, body=LeavingShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: it waits for another person's approval."""
    shape = read_json(request, LeavingShape)
    asked = LeavingAsked(
        shape.request_key,
        shape.name,
        shape.opens_at,
        shape.closes_at,
        class_id=shape.class_id,
        department=shape.department,
        numbers=shape.numbers,
    )
    row = await ask_leaving(asked, actor_of(request), int(parts_of(request).clock()))
    return answer(_told(row), 201)


@routes.post("/leavings/<leaving_id:int>/approvals")
@for_staff("leavings.approve")
@described(StaffLeavingTold, status=201)
async def approve(request: Request, leaving_id: int) -> HTTPResponse:
    """201: the cohort may leave in its time."""
    at = int(parts_of(request).clock())
    await decide_leaving(leaving_id, actor_of(request), at, is_approved=True)
    return answer(_told(await LeavingRow.get(id=leaving_id)), 201)


@routes.post("/leavings/<leaving_id:int>/rejections")
@for_staff("leavings.approve")
@described(StaffLeavingTold, status=201)
async def reject(request: Request, leaving_id: int) -> HTTPResponse:
    """201: nobody leaves by it."""
    at = int(parts_of(request).clock())
    await decide_leaving(leaving_id, actor_of(request), at, is_approved=False)
    return answer(_told(await LeavingRow.get(id=leaving_id)), 201)


@routes.post("/leavings/<leaving_id:int>/ends")
@for_staff("leavings.make")
@described(StaffLeavingTold, status=201)
async def end(request: Request, leaving_id: int) -> HTTPResponse:
    """201: nobody leaves by it from now on."""
    await end_leaving(leaving_id, actor_of(request), int(parts_of(request).clock()))
    return answer(_told(await LeavingRow.get(id=leaving_id)), 201)


def _told(row: LeavingRow) -> StaffLeavingTold:
    decision: Literal["waiting", "approved", "rejected"] = "waiting"
    if row.decision:
        decision = "approved" if row.decision == "approved" else "rejected"
    return {
        "leaving_id": row.id,
        "name": row.name,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "holders": row.holders,
        "made_by": row.made_by,
        "decided_by": row.decided_by,
        "decision": decision,
        "ended_at": row.ended_at,
    }
