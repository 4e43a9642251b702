"""When cards end: a cohort's end by two people, and one person's at the counter."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.card_request import Decision
from backend.domain.ending import EndingAsked
from backend.domain.roster import DEPARTMENT_LENGTH_MAX
from backend.tables.ending import EndingRow
from backend.tables.endings import NO_CLASS
from backend.usecases.endings.ask_ending import ask_ending
from backend.usecases.endings.decide_ending import decide_ending
from backend.usecases.endings.list_endings import list_endings
from backend.usecases.endings.set_end import set_end
from backend.usecases.endings.withdraw_ending import withdraw_ending
from backend.usecases.staff.name_staff import name_staff

AT_MAX = 1 << 40
CLASS_ID_MAX = 255

routes = Blueprint("staff_endings")

Reason = Annotated[str, Field(min_length=1, max_length=200)]


class EndingShape(Shape):
    """A cohort by class (null: any), department (with all below it) or both, and its end."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    ends_at: Annotated[int, Field(ge=1, le=AT_MAX)]
    reason: Reason
    class_id: Annotated[int, Field(ge=0, le=CLASS_ID_MAX)] | None = None
    department: Annotated[str, Field(max_length=DEPARTMENT_LENGTH_MAX)] = ""


class WithdrawShape(Shape):
    """Why it is taken back."""

    reason: Reason


class HolderEndShape(Shape):
    """When one person's cards end (0: they do not), and why."""

    ends_at: Annotated[int, Field(ge=0, le=AT_MAX)]
    reason: Reason


class EndingsQuery(PageShape):
    """A page, newest first."""


class EndingTold(TypedDict):
    """A cohort's end; `class_id` null: any class. `holders` are those it was approved for."""

    ending_id: int
    name: str
    class_id: int | None
    department: str
    ends_at: At
    holders: int
    reason: str
    made_by: str
    made_at: At
    state: Literal["waiting", "approved", "rejected", "withdrawn"]
    decided_by: str
    withdrawn_by: str
    is_own: bool


class EndingsTold(TypedDict):
    """A page of endings, and the names behind their labels."""

    endings: list[EndingTold]
    names: dict[str, str]
    next: str | None


@routes.post("/endings")
@for_staff("endings.make")
@described(EndingTold, body=EndingShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: it waits for another person's approval."""
    shape = read_json(request, EndingShape)
    asked = EndingAsked(
        request_key=shape.request_key,
        name=shape.name,
        ends_at=shape.ends_at,
        reason=shape.reason,
        class_id=shape.class_id,
        department=shape.department,
    )
    actor = actor_of(request)
    row = await ask_ending(asked, actor=actor, at=int(parts_of(request).clock()))
    return answer(_told(row, actor.label), 201)


@routes.get("/endings")
@for_staff("cards.read")
@described(EndingsTold, query=EndingsQuery)
async def read_all(request: Request) -> HTTPResponse:
    """Cohorts whose cards end, newest first."""
    query = read_query(request, EndingsQuery)
    after = read_cursor(query.after, int)
    rows = await list_endings(int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row.id,))
    label = actor_of(request).label
    body: EndingsTold = {
        "endings": [_told(row, label) for row in shown],
        "names": await name_staff(one for row in shown for one in (row.made_by, row.decided_by)),
        "next": following,
    }
    return answer(body)


@routes.post("/endings/<ending_id:int>/approvals")
@for_staff("endings.approve")
@described(EndingTold, status=201)
async def approve(request: Request, ending_id: int) -> HTTPResponse:
    """201: the cards of the cohort, as it is now, end at that time; holders are warned before."""
    return await _decide(request, ending_id, Decision.APPROVED)


@routes.post("/endings/<ending_id:int>/rejections")
@for_staff("endings.approve")
@described(EndingTold, status=201)
async def reject(request: Request, ending_id: int) -> HTTPResponse:
    """201: nobody's card ends by it."""
    return await _decide(request, ending_id, Decision.REJECTED)


@routes.post("/endings/<ending_id:int>/withdrawals")
@for_staff("endings.make")
@described(EndingTold, body=WithdrawShape, status=201)
async def withdraw(request: Request, ending_id: int) -> HTTPResponse:
    """201: nobody's card ends by it any more; those that ended stay ended."""
    actor, at = actor_of(request), int(parts_of(request).clock())
    reason = read_json(request, WithdrawShape).reason
    row = await withdraw_ending(ending_id, reason, actor=actor, at=at)
    return answer(_told(row, actor.label), 201)


@routes.put("/cardholders/<holder_id:int>/end")
@for_staff("cards.issue", whose="holder_id")
@described(NothingTold, body=HolderEndShape)
async def put_end(request: Request, holder_id: int) -> HTTPResponse:
    """Say when one person's cards end; he is warned before."""
    shape = read_json(request, HolderEndShape)
    at = int(parts_of(request).clock())
    await set_end(holder_id, shape.ends_at, shape.reason, actor=actor_of(request), at=at)
    return answer({})


async def _decide(request: Request, ending_id: int, decision: Decision) -> HTTPResponse:
    actor, at = actor_of(request), int(parts_of(request).clock())
    row = await decide_ending(ending_id, decision, actor=actor, at=at)
    return answer(_told(row, actor.label), 201)


def _told(row: EndingRow, label: str) -> EndingTold:
    state: Literal["waiting", "approved", "rejected", "withdrawn"] = "waiting"
    if row.withdrawn_at:
        state = "withdrawn"
    elif row.decision:
        state = "approved" if row.decision == Decision.APPROVED else "rejected"
    return {
        "ending_id": row.id,
        "name": row.name,
        "class_id": None if row.class_id == NO_CLASS else row.class_id,
        "department": row.department,
        "ends_at": row.ends_at,
        "holders": row.holders,
        "reason": row.reason,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "state": state,
        "decided_by": row.decided_by,
        "withdrawn_by": row.withdrawn_by,
        "is_own": row.made_by == label,
    }
