"""Cases: alerts with an owner and a clock, notes, and what it came to. No money moves here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.admin.alerts import AlertTold, alert_told
from backend.api.described import NothingTold, described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At
from backend.domain.errors import InvalidInputError
from backend.domain.risk import (
    NOTE_LENGTH_MAX,
    REASON_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    Finding,
    unknown_case,
)
from backend.tables.cases import case_workers
from backend.tables.risk import AlertRow, CaseNoteRow, CaseRow
from backend.usecases.cases.close_case import close_case
from backend.usecases.cases.hand_over_case import hand_over_case
from backend.usecases.cases.note_case import note_case
from backend.usecases.cases.open_case import open_case
from campus_code.limits import AT_MAX

ALERTS_MAX = 100
ID_MAX = 2**53 - 1

routes = Blueprint("admin_cases")


class CasesQuery(PageShape):
    """Cases in a state (all: ""), of an owner (all: 0)."""

    state: Literal["", "open", "closed"] = "open"
    owner_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class NewCaseShape(Shape):
    """A case of one or more open alerts, for somebody who may work on cases."""

    title: Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH_MAX)]
    alert_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=ID_MAX)]], Field(min_length=1, max_length=ALERTS_MAX)
    ]
    owner_id: Annotated[int, Field(ge=1, le=ID_MAX)]


class HandOverShape(Shape):
    """To whom, until when, and why."""

    owner_id: Annotated[int, Field(ge=1, le=ID_MAX)]
    due_at: Annotated[int, Field(ge=1, le=AT_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class CaseNoteShape(Shape):
    """What was found out."""

    text: Annotated[str, Field(min_length=1, max_length=NOTE_LENGTH_MAX)]


class CloseCaseShape(Shape):
    """What it came to, and why it is closed."""

    finding: Annotated[str, Field(max_length=16)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class CaseTold(TypedDict):
    """A case; `is_late`: it is open and its day is over."""

    case_id: int
    title: str
    owner_id: int
    opened_by: str
    opened_at: At
    due_at: At
    is_late: bool
    closed_at: At | None
    closed_by: str
    finding: str
    closing_reason: str


class CaseNoteTold(TypedDict):
    """What somebody found out."""

    text: str
    made_by: str
    made_at: At


class WholeCaseTold(CaseTold):
    """A case with its alerts and notes."""

    alerts: list[AlertTold]
    notes: list[CaseNoteTold]


class WorkerOfCasesTold(TypedDict):
    """Somebody who may own a case."""

    staff_id: int
    name: str


class CaseWorkersTold(TypedDict):
    """Everybody who may own a case."""

    workers: list[WorkerOfCasesTold]


class CasesTold(TypedDict):
    """A page, newest first."""

    cases: list[CaseTold]
    next: str | None


@routes.get("/cases")
@for_staff("cases.read")
@described(CasesTold, query=CasesQuery)
async def list_cases(request: Request) -> HTTPResponse:
    """Cases, newest first."""
    return answer(await cases_page(request, read_query(request, CasesQuery)))


async def cases_page(request: Request, query: CasesQuery) -> CasesTold:
    """A page of the list."""
    at = int(parts_of(request).clock())
    after = read_cursor(query.after, int)
    rows = CaseRow.all()
    if query.state:
        is_open = query.state == "open"
        rows = rows.filter(closed_at=0) if is_open else rows.filter(closed_at__gt=0)
    if query.owner_id:
        rows = rows.filter(owner_id=query.owner_id)
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    body: CasesTold = {"cases": [_told(row, at) for row in shown], "next": following}
    return body


@routes.get("/case-workers")
@for_staff("cases.read")
@described(CaseWorkersTold)
async def list_workers(_request: Request) -> HTTPResponse:
    """Who may own a case."""
    body: CaseWorkersTold = {
        "workers": [{"staff_id": row.id, "name": row.name} for row in await case_workers()]
    }
    return answer(body)


@routes.get("/cases/<case_id:int>")
@for_staff("cases.read")
@described(WholeCaseTold)
async def show_case(request: Request, case_id: int) -> HTTPResponse:
    """One case, with its alerts and notes."""
    return await _answer(request, case_id)


@routes.post("/cases")
@for_staff("cases.work")
@described(WholeCaseTold, body=NewCaseShape, status=201)
async def make(request: Request) -> HTTPResponse:
    """201: the alerts are in it, its owner has the school's days for it."""
    shape = read_json(request, NewCaseShape)
    row = await open_case(
        shape.title,
        shape.alert_ids,
        shape.owner_id,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return await _answer(request, int(row.id), 201)


@routes.put("/cases/<case_id:int>/owner")
@for_staff("cases.work")
@described(NothingTold, body=HandOverShape)
async def hand_over(request: Request, case_id: int) -> HTTPResponse:
    """Another owner, or another day."""
    shape = read_json(request, HandOverShape)
    await hand_over_case(
        case_id,
        shape.owner_id,
        shape.due_at,
        shape.reason,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer({})


@routes.post("/cases/<case_id:int>/notes")
@for_staff("cases.work")
@described(NothingTold, body=CaseNoteShape, status=201)
async def add_note(request: Request, case_id: int) -> HTTPResponse:
    """201: the note stands; it is never changed."""
    text = read_json(request, CaseNoteShape).text
    at = int(parts_of(request).clock())
    await note_case(case_id, text, actor=actor_of(request), at=at)
    return answer({}, 201)


@routes.post("/cases/<case_id:int>/closings")
@for_staff("cases.work")
@described(NothingTold, body=CloseCaseShape, status=201)
async def close(request: Request, case_id: int) -> HTTPResponse:
    """201: closed, with its alerts."""
    shape = read_json(request, CloseCaseShape)
    if shape.finding not in set(Finding):
        raise InvalidInputError("finding", f"must be one of {', '.join(Finding)}")
    await close_case(
        case_id,
        Finding(shape.finding),
        shape.reason,
        actor=actor_of(request),
        at=int(parts_of(request).clock()),
    )
    return answer({}, 201)


async def _answer(request: Request, case_id: int, status: int = 200) -> HTTPResponse:
    row = await CaseRow.get_or_none(id=case_id)
    if row is None:
        raise unknown_case()
    alerts = await AlertRow.filter(case_id=case_id).order_by("id").limit(ALERTS_MAX)
    notes = await CaseNoteRow.filter(case_id=case_id).order_by("id")
    body: WholeCaseTold = {
        **_told(row, int(parts_of(request).clock())),
        "alerts": [alert_told(one) for one in alerts],
        "notes": [
            {"text": one.text, "made_by": one.made_by, "made_at": one.made_at} for one in notes
        ],
    }
    return answer(body, status)


def _told(row: CaseRow, at: int) -> CaseTold:
    return {
        "case_id": row.id,
        "title": row.title,
        "owner_id": row.owner_id,
        "opened_by": row.opened_by,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "is_late": not row.closed_at and row.due_at < at,
        "closed_at": row.closed_at or None,
        "closed_by": row.closed_by,
        "finding": row.finding,
        "closing_reason": row.closing_reason,
    }
