"""Refunds of top-ups: one person asks, another approves. (/staff/refunds are those of lunches.)"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.lot_told import LotTold, lot_told
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Fen
from backend.domain.lot import remaining
from backend.domain.refund import REASON_LENGTH_MAX, RefundState
from backend.domain.top_up import TOP_UP_FEN_MAX
from backend.tables.audit import note
from backend.tables.lots import lots_of, lots_passing
from backend.tables.refunds import unknown_refund
from backend.tables.staff_members import names_of
from backend.tables.top_up import RefundRow
from backend.usecases.refunds.approve_refund import approve_refund
from backend.usecases.refunds.ask_refund import RefundAsked, ask_refund
from backend.usecases.refunds.reject_refund import reject_refund
from backend.usecases.refunds.settle_refund import settle_refund

routes = Blueprint("staff_top_up_refunds")

LOT_ID_MAX = (1 << 53) - 1
LINES_MAX = 200
DAYS_DEFAULT = 30
DAYS_MAX = 365


class RefundShape(Shape):
    """`request_key` is made by the asking client and stored before it is sent."""

    request_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{8,64}$")]
    lot_id: Annotated[int, Field(ge=1, le=LOT_ID_MAX)]
    amount_fen: Annotated[int, Field(ge=1, le=TOP_UP_FEN_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class SettlementShape(Shape):
    """What was done on WeChat Pay's own site."""

    note: Annotated[str, Field(min_length=1, max_length=200)]


class RefundsQuery(PageShape):
    """Which refunds, newest first: in one state or all, of one holder or all (0)."""

    holder_id: Annotated[int, Field(ge=0, le=LOT_ID_MAX)] = 0
    state: Literal[
        "", "asked", "rejected", "booked", "processing", "done", "closed", "abnormal", "refused"
    ] = ""


class PassingQuery(Shape):
    """Within how many days a lot passes its date."""

    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = DAYS_DEFAULT


class RefundTold(TypedDict):
    """A refund, who asked for it and who decided; `fault` says what is wrong with it, if anything.

    `sent_at`: when WeChat Pay was last asked, `ended_at`: when it was over; 0: not yet.
    """

    refund_id: int
    number: str
    holder_id: int
    lot_id: int
    amount_fen: Fen
    reason: str
    state: RefundState
    fault: str
    made_by: str
    made_at: At
    decided_by: str
    settled_by: str
    sent_at: At
    ended_at: At


class RefundsTold(TypedDict):
    """A page of refunds; `people` has the names behind `staff:3`."""

    refunds: list[RefundTold]
    people: dict[str, str]
    next: str | None


class LotsTold(TypedDict):
    """A holder's cash purse and the lots in it, oldest first."""

    balance_fen: Fen
    lots: list[LotTold]


class PassingLotTold(TypedDict):
    """A lot that soon nobody can send back any more."""

    holder_id: int
    lot: LotTold


class PassingLotsTold(TypedDict):
    """The lots that pass their date soonest."""

    lots: list[PassingLotTold]


@routes.get("/cardholders/<holder_id:int>/lots")
@for_staff("top_ups.read", whose="holder_id")
@described(LotsTold)
async def read_lots(request: Request, holder_id: int) -> HTTPResponse:
    """What a holder brought in and what of it is left; the look stands in his trail."""
    balance_fen, lots = await lots_of(holder_id)
    at = int(parts_of(request).clock())
    await note(actor_of(request).label, "lots.read", f"cardholder:{holder_id}", at)
    told = [lot_told(one) for one in remaining(balance_fen, lots)]
    body: LotsTold = {"balance_fen": balance_fen, "lots": told}
    return answer(body)


@routes.get("/passing-lots")
@for_staff("top_ups.read")
@described(PassingLotsTold, query=PassingQuery)
async def read_passing(request: Request) -> HTTPResponse:
    """What WeChat Pay takes back now and not any more in so many days."""
    at = int(parts_of(request).clock())
    found = await lots_passing(at, read_query(request, PassingQuery).days)
    body: PassingLotsTold = {
        "lots": [
            {"holder_id": one.holder_id, "lot": lot_told(one.remaining)}
            for one in found[:LINES_MAX]
        ]
    }
    await note(actor_of(request).label, "lots.read", "passing", at, lines=len(body["lots"]))
    return answer(body)


@routes.get("/top-up-refunds")
@for_staff("top_ups.read")
@described(RefundsTold, query=RefundsQuery)
async def read_refunds(request: Request) -> HTTPResponse:
    """The refunds that wait, are on their way or are over."""
    told = await refunds_page(request, read_query(request, RefundsQuery))
    at, lines = int(parts_of(request).clock()), len(told["refunds"])
    await note(actor_of(request).label, "refunds.read", "refunds", at, lines=lines)
    return answer(told)


async def refunds_page(_request: Request, query: RefundsQuery) -> RefundsTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    rows = RefundRow.filter(id__lt=after[0]) if after else RefundRow.all()
    if query.state:
        rows = rows.filter(state=query.state)
    if query.holder_id:
        rows = rows.filter(holder_id=query.holder_id)
    found = await rows.order_by("-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.id,))
    labels = [label for row in shown for label in (row.made_by, row.decided_by, row.settled_by)]
    body: RefundsTold = {
        "refunds": [_told(row) for row in shown],
        "people": await names_of(labels),
        "next": following,
    }
    return body


@routes.post("/top-up-refunds")
@for_staff("refunds.ask")
@described(RefundTold, body=RefundShape, status=201)
async def ask(request: Request) -> HTTPResponse:
    """201: the request waits for another person's approval."""
    parts, shape = parts_of(request), read_json(request, RefundShape)
    asked = RefundAsked(shape.request_key, shape.lot_id, shape.amount_fen, shape.reason)
    row = await ask_refund(
        parts.ledger,
        asked,
        actor_of(request),
        at=int(parts.clock()),
        randomness=parts.randomness,
    )
    return answer(_told(row), 201)


@routes.post("/top-up-refunds/<refund_id:int>/approvals")
@for_staff("refunds.approve")
@described(RefundTold, status=201)
async def approve(request: Request, refund_id: int) -> HTTPResponse:
    """201: the money has left the purse, WeChat Pay is asked next; a repeat changes nothing."""
    parts = parts_of(request)
    await approve_refund(parts.ledger, parts.clock, refund_id, actor_of(request))
    return await _answer(refund_id)


@routes.post("/top-up-refunds/<refund_id:int>/rejections")
@for_staff("refunds.ask")
@described(RefundTold, status=201)
async def reject(request: Request, refund_id: int) -> HTTPResponse:
    """201: it will not be done; whoever asked may take it back."""
    await reject_refund(refund_id, actor_of(request), int(parts_of(request).clock()))
    return await _answer(refund_id)


@routes.post("/top-up-refunds/<refund_id:int>/settlements")
@for_staff("refunds.approve")
@described(RefundTold, body=SettlementShape, status=201)
async def settle(request: Request, refund_id: int) -> HTTPResponse:
    """201: an abnormal one is taken as done, its payer was paid on WeChat Pay's own site."""
    said = read_json(request, SettlementShape).note
    await settle_refund(refund_id, said, actor_of(request), int(parts_of(request).clock()))
    return await _answer(refund_id)


async def _answer(refund_id: int) -> HTTPResponse:
    row = await RefundRow.get_or_none(id=refund_id)
    if row is None:
        raise unknown_refund()
    return answer(_told(row), 201)


def _told(row: RefundRow) -> RefundTold:
    return {
        "refund_id": row.id,
        "number": row.out_refund_no,
        "holder_id": row.holder_id,
        "lot_id": row.lot_id,
        "amount_fen": row.amount_fen,
        "reason": row.reason,
        "state": RefundState(row.state),
        "fault": row.fault,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "decided_by": row.decided_by,
        "settled_by": row.settled_by,
        "sent_at": row.sent_at,
        "ended_at": row.ended_at,
    }
