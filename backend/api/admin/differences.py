"""Differences between bill, orders and ledger: one person asks for a way, another accepts it."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from tortoise.expressions import Q
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Fen
from backend.domain.bill_day import day_from
from backend.domain.difference import DifferenceState, Way, ways_of
from backend.domain.reconciliation import Cause, Subject
from backend.domain.wechat_pay import BillKind, WechatPayOffError
from backend.tables.bill import BillRow, DifferenceRow
from backend.tables.bills import Reading, find_difference
from backend.tables.staff_members import names_of
from backend.usecases.bills.approve_difference import Settling, approve_difference
from backend.usecases.bills.ask_difference import WayAsked, ask_difference
from backend.usecases.bills.reconcile_day import reconcile_day
from backend.usecases.bills.reject_difference import reject_difference

routes = Blueprint("admin_differences")

ID_MAX = (1 << 53) - 1
WayWord = Literal["hold", "give_back", "credit", "book", "query"]
StateWord = Literal["open", "asked", "held", "settled"]
UNSETTLED = ("open", "asked", "held")
DAY_MAX = 99_991_231


class WayShape(Shape):
    """How to settle it, and why. `named_id`: the holder of a credit out of suspense; the account
    (4 bank in transit, 12 WeChat fees) or the open item that a movement is booked against.
    """

    way: WayWord
    named_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    note: Annotated[str, Field(min_length=1, max_length=120)]


class DifferenceTold(TypedDict):
    """One number on which the books differ; an amount is null where a book lacks it.

    `ways` is what may be asked for now; `item_id` what waits in suspense for it (0: nothing).
    """

    difference_id: int
    day_on: Annotated[int, Field(description="Beijing day YYYYMMDD · 北京日期")]
    subject: str
    cause: str
    reference: str
    transaction_id: str
    bill_fen: Fen | None
    ours_fen: Fen | None
    ledger_fen: Fen | None
    proposal: str
    state: StateWord
    ways: list[str]
    way: str
    named_id: int
    note: str
    asked_by: str
    asked_at: At
    decided_by: str
    decided_at: At
    entry_id: int
    item_id: int


class DifferencesQuery(PageShape):
    """Which differences, newest day first; "" and 0: all. "unsettled": open, asked or held."""

    state: Literal["all", "unsettled", "open", "asked", "held", "settled"] = "unsettled"
    cause: Annotated[str, Field(max_length=20)] = ""
    day_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0


class DifferencesTold(TypedDict):
    """A page of differences of all days; `people` has the names behind `staff:3`."""

    differences: list[DifferenceTold]
    people: dict[str, str]
    next: str | None


@routes.get("/differences")
@for_staff("bills.read")
@described(DifferencesTold, query=DifferencesQuery)
async def list_differences(request: Request) -> HTTPResponse:
    """What does not agree, over all days."""
    return answer(await differences_page(request, read_query(request, DifferencesQuery)))


async def differences_page(_request: Request, query: DifferencesQuery) -> DifferencesTold:
    """A page of the list."""
    after = read_cursor(query.after, int, int)
    rows = DifferenceRow.all()
    if query.state != "all":
        rows = rows.filter(state__in=UNSETTLED if query.state == "unsettled" else (query.state,))
    if query.cause:
        rows = rows.filter(cause=query.cause)
    if query.day_on:
        rows = rows.filter(day_on=query.day_on)
    if after:
        day_on, before_id = (int(one) for one in after)
        rows = rows.filter(Q(day_on__lt=day_on) | Q(day_on=day_on, id__lt=before_id))
    found = await rows.order_by("-day_on", "-id").limit(query.limit + 1)
    shown, following = turn(found, query.limit, lambda row: (row.day_on, row.id))
    labels = [label for row in shown for label in (row.asked_by, row.decided_by)]
    body: DifferencesTold = {
        "differences": [told_of(row) for row in shown],
        "people": await names_of(labels),
        "next": following,
    }
    return body


@routes.post("/differences/<difference_id:int>/requests")
@for_staff("differences.settle")
@described(DifferenceTold, body=WayShape, status=201)
async def ask(request: Request, difference_id: int) -> HTTPResponse:
    """201: it waits for another person; 409 says why it is not to be settled like that."""
    shape = read_json(request, WayShape)
    asked = WayAsked(Way(shape.way), shape.named_id, shape.note)
    at = int(parts_of(request).clock())
    await ask_difference(difference_id, asked, actor_of(request), at)
    return answer(told_of(await find_difference(difference_id)), 201)


@routes.post("/differences/<difference_id:int>/approvals")
@for_staff("differences.settle")
@described(DifferenceTold, status=201)
async def approve(request: Request, difference_id: int) -> HTTPResponse:
    """201: what was asked for is booked, and the day was held against the books anew."""
    parts = parts_of(request)
    settling = _settling(parts)
    await approve_difference(settling, difference_id, actor_of(request))
    row = await find_difference(difference_id)
    if await BillRow.filter(day_on=row.day_on).count() == len(BillKind):
        reading = Reading(BillKind.TRADE, day_from(row.day_on), settling.account)
        await reconcile_day(parts.ledger, parts.clock, reading, by=actor_of(request).label)
    return answer(told_of(await find_difference(difference_id)), 201)


@routes.post("/differences/<difference_id:int>/rejections")
@for_staff("differences.settle")
@described(DifferenceTold, status=201)
async def reject(request: Request, difference_id: int) -> HTTPResponse:
    """201: it stands as it did before; whoever asked may take it back like this."""
    at = int(parts_of(request).clock())
    await reject_difference(difference_id, actor_of(request), at)
    return answer(told_of(await find_difference(difference_id)), 201)


def told_of(row: DifferenceRow) -> DifferenceTold:
    """A difference, as answers tell it."""
    ways = ways_of(Subject(row.subject), Cause(row.cause), DifferenceState(row.state))
    return {
        "difference_id": row.id,
        "day_on": row.day_on,
        "subject": row.subject,
        "cause": row.cause,
        "reference": row.reference,
        "transaction_id": row.transaction_id,
        "bill_fen": row.bill_fen,
        "ours_fen": row.ours_fen,
        "ledger_fen": row.ledger_fen,
        "proposal": row.proposal,
        "state": cast("StateWord", row.state),
        "ways": sorted(ways),
        "way": row.way,
        "named_id": row.named_id,
        "note": row.note,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "entry_id": row.entry_id,
        "item_id": row.item_id,
    }


def _settling(parts: Parts) -> Settling:
    if parts.config.pay is None:
        raise WechatPayOffError
    return Settling(parts.ledger, parts.clock, parts.randomness, parts.pay, parts.config.pay)
