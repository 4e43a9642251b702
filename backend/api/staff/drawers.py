"""Cash drawers at the counter, and cash that is paid out of them by two people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Fen
from backend.domain.drawer import DRAWER_FEN_MAX, NOTE_LENGTH_MAX, unknown_drawer
from backend.domain.place import ID_MAX as PLACE_ID_MAX
from backend.tables.drawer import CashOutRequestRow, DrawerRow
from backend.tables.drawers import DrawerFilter, list_drawers
from backend.tables.places import places_within
from backend.tables.staff_members import names_of
from backend.usecases.drawers.approve_drawer import approve_drawer
from backend.usecases.drawers.ask_cash_out import CashOutAsked, ask_cash_out
from backend.usecases.drawers.close_drawer import Count, close_drawer
from backend.usecases.drawers.decide_cash_out import decide_cash_out
from backend.usecases.drawers.open_drawer import open_drawer

routes = Blueprint("staff_drawers")

STAFF_ID_MAX = (1 << 40) - 1
DAY_MAX = 99_991_231
HOLDER_ID_MAX = (1 << 40) - 1
CASH_OUT_FEN_MAX = 10_000_000


class OpeningShape(Shape):
    """The float a drawer begins with, and where it stands (0: nowhere in particular)."""

    opened_fen: Annotated[int, Field(ge=0, le=DRAWER_FEN_MAX)]
    place_id: Annotated[int, Field(ge=0, le=PLACE_ID_MAX)] = 0


class ClosingShape(Shape):
    """What was counted; a difference needs a note."""

    counted_fen: Annotated[int, Field(ge=0, le=DRAWER_FEN_MAX)]
    note: Annotated[str, Field(max_length=NOTE_LENGTH_MAX)] = ""


class CashOutShape(Shape):
    """`request_key` is made by the asking client and stored before it is sent."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    holder_id: Annotated[int, Field(ge=1, le=HOLDER_ID_MAX)]
    amount_fen: Annotated[int, Field(ge=1, le=CASH_OUT_FEN_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class DrawersQuery(PageShape):
    """Which drawers, newest first; "" and 0: all. Days are Beijing's, of when it was opened."""

    state: Literal["", "open", "differs", "closed"] = ""
    staff_id: Annotated[int, Field(ge=0, le=STAFF_ID_MAX)] = 0
    first_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0


class CashOutsQuery(PageShape):
    """Which requests, newest first."""

    state: Literal["all", "waiting", "approved", "rejected"] = "waiting"


class DrawerTold(TypedDict):
    """A drawer. What it must hold is told when it is closed, not before it is counted."""

    drawer_id: int
    staff_id: int
    place_id: int
    state: Literal["open", "differs", "closed"]
    opened_at: At
    opened_fen: Fen
    closed_at: At
    counted_fen: Fen | None
    expected_fen: Fen | None
    note: str
    approved_by: str


class DrawersTold(TypedDict):
    """A page of drawers; `people` has the names behind `staff:3`."""

    drawers: list[DrawerTold]
    people: dict[str, str]
    next: str | None


class CashOutTold(TypedDict):
    """A request for cash, and how far it is."""

    request_id: int
    holder_id: int
    amount_fen: Fen
    reason: str
    made_by: str
    made_at: At
    decided_by: str
    decided_at: At
    state: Literal["waiting", "approved", "rejected"]


class CashOutsTold(TypedDict):
    """A page of requests; `people` has the names behind `staff:3`."""

    cash_outs: list[CashOutTold]
    people: dict[str, str]
    next: str | None


@routes.get("/drawers")
@for_staff("drawers.work", scoped=True)
@described(DrawersTold, query=DrawersQuery)
async def read_drawers(request: Request) -> HTTPResponse:
    """Drawers, everybody's within reach."""
    return answer(await drawers_page(request, read_query(request, DrawersQuery)))


async def drawers_page(request: Request, query: DrawersQuery) -> DrawersTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    asked = DrawerFilter(query.state, query.staff_id, query.first_on, query.last_on)
    own = DrawerRow.filter(**places_within(actor_of(request)))
    rows = await list_drawers(own, asked, int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda row: (row.id,))
    labels = [one for row in shown for one in (f"staff:{row.staff_id}", row.approved_by)]
    body: DrawersTold = {
        "drawers": [_told(row) for row in shown],
        "people": await names_of(labels),
        "next": following,
    }
    return body


@routes.post("/drawers")
@for_staff("drawers.work", scoped=True)
@described(DrawerTold, body=OpeningShape, status=201)
async def open_own(request: Request) -> HTTPResponse:
    """201: cash that the asker takes and pays goes through this drawer from now on."""
    shape = read_json(request, OpeningShape)
    at = int(parts_of(request).clock())
    row = await open_drawer(shape.opened_fen, actor_of(request), at, place_id=shape.place_id)
    return answer(_told(row), 201)


@routes.post("/drawers/<drawer_id:int>/closings")
@for_staff("drawers.work", scoped=True)
@described(DrawerTold, body=ClosingShape, status=201)
async def close_own(request: Request, drawer_id: int) -> HTTPResponse:
    """201: closed; a difference waits for another person, until then it may be counted again."""
    parts, shape = parts_of(request), read_json(request, ClosingShape)
    count = Count(drawer_id, shape.counted_fen, shape.note)
    await close_drawer(parts.ledger, parts.clock, count, actor_of(request))
    return await _answer(drawer_id)


@routes.post("/drawers/<drawer_id:int>/approvals")
@for_staff("drawers.approve", scoped=True)
@described(DrawerTold, status=201)
async def approve(request: Request, drawer_id: int) -> HTTPResponse:
    """201: the difference is booked; a repeat changes nothing."""
    parts = parts_of(request)
    await approve_drawer(parts.ledger, parts.clock, drawer_id, actor_of(request))
    return await _answer(drawer_id)


@routes.get("/cash-outs")
@for_staff("drawers.work")
@described(CashOutsTold, query=CashOutsQuery)
async def list_cash_outs(request: Request) -> HTTPResponse:
    """The requests that wait for approval, or were decided."""
    return answer(await cash_outs_page(request, read_query(request, CashOutsQuery)))


async def cash_outs_page(_request: Request, query: CashOutsQuery) -> CashOutsTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = CashOutRequestRow.all()
    if query.state != "all":
        rows = rows.filter(decision="" if query.state == "waiting" else query.state)
    if after:
        rows = rows.filter(id__lt=after[0])
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    labels = [label for row in shown for label in (row.made_by, row.decided_by)]
    body: CashOutsTold = {
        "cash_outs": [_cash_out(row) for row in shown],
        "people": await names_of(labels),
        "next": following,
    }
    return body


@routes.post("/cash-outs")
@for_staff("drawers.work")
@described(CashOutTold, body=CashOutShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: the request waits for another person's approval."""
    parts, shape = parts_of(request), read_json(request, CashOutShape)
    asked = CashOutAsked(shape.request_key, shape.holder_id, shape.amount_fen, shape.reason)
    row = await ask_cash_out(parts.ledger, asked, actor_of(request), int(parts.clock()))
    return answer(_cash_out(row), 201)


@routes.post("/cash-outs/<request_id:int>/approvals")
@for_staff("drawers.approve")
@described(CashOutTold, status=201)
async def pay_out(request: Request, request_id: int) -> HTTPResponse:
    """201: out of the purse and the asker's drawer; hand the cash over now."""
    return await _decide(request, request_id, is_approved=True)


@routes.post("/cash-outs/<request_id:int>/rejections")
@for_staff("drawers.approve")
@described(CashOutTold, status=201)
async def keep_in(request: Request, request_id: int) -> HTTPResponse:
    """201: it will not be paid."""
    return await _decide(request, request_id, is_approved=False)


async def _decide(request: Request, request_id: int, *, is_approved: bool) -> HTTPResponse:
    parts, actor = parts_of(request), actor_of(request)
    await decide_cash_out(parts.ledger, parts.clock, request_id, actor, is_approved=is_approved)
    return answer(_cash_out(await CashOutRequestRow.get(id=request_id)), 201)


async def _answer(drawer_id: int) -> HTTPResponse:
    row = await DrawerRow.get_or_none(id=drawer_id)
    if row is None:
        raise unknown_drawer()
    return answer(_told(row), 201)


def _told(row: DrawerRow) -> DrawerTold:
    is_equal = row.counted_fen == row.expected_fen
    state: Literal["open", "differs", "closed"] = "open"
    if row.closed_at:
        state = "closed" if is_equal or row.approved_by else "differs"
    return {
        "drawer_id": row.id,
        "staff_id": row.staff_id,
        "place_id": row.place_id,
        "state": state,
        "opened_at": row.opened_at,
        "opened_fen": row.opened_fen,
        "closed_at": row.closed_at,
        "counted_fen": row.counted_fen if row.closed_at else None,
        "expected_fen": row.expected_fen if row.closed_at else None,
        "note": row.note,
        "approved_by": row.approved_by,
    }


def _cash_out(row: CashOutRequestRow) -> CashOutTold:
    state: Literal["waiting", "approved", "rejected"] = "waiting"
    if row.decision:
        state = "approved" if row.decision == "approved" else "rejected"
    return {
        "request_id": row.id,
        "holder_id": row.holder_id,
        "amount_fen": row.amount_fen,
        "reason": row.reason,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "state": state,
    }
