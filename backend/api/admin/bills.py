"""Bills and their days: fetched, uploaded, held against orders and ledger."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.admin.differences import DifferenceTold, told_of
from backend.api.described import described
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Fen
from backend.domain.bill_day import day_from, day_of
from backend.domain.wechat_pay import BillKind, WechatPayOffError
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.tables.bill import BillRow, DifferenceRow
from backend.tables.bills import Reading
from backend.usecases.bills.fetch_bill import fetch_bill, upload_bill
from backend.usecases.bills.list_days import DAYS_PER_PAGE, DayListed, list_days
from backend.usecases.bills.list_in_transit import list_in_transit
from backend.usecases.bills.read_day import DayTold, Side, read_day
from backend.usecases.bills.reconcile_day import reconcile_day
from campus_code.days import day_number

routes = Blueprint("admin_bills")

DAY_MAX = 99_991_231
ID_MAX = (1 << 53) - 1
DIFFERENCES_PER_PAGE = 200

BillDay = Annotated[int, Field(description="Beijing day YYYYMMDD · 北京日期")]
DayWord = Literal["not_ready", "missing", "fetched", "agrees", "differs"]


class DaysQuery(Shape):
    """The days before this one; 0: before today."""

    before: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0


class UploadQuery(Shape):
    """Which bill of which day the body is; both must be said."""

    kind: Literal["trade", "fund_flow"] = "trade"
    day_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0


class AfterQuery(Shape):
    """What comes after this id; 0: from the first."""

    after: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class ListedDayTold(TypedDict):
    """A day and its figures; they are 0 until it was held against the books."""

    day_on: BillDay
    state: DayWord
    payments: int
    refunds: int
    proven_fen: Fen
    fee_fen: Fen
    differences: int
    reconciled_at: At | None


class DaysTold(TypedDict):
    """Days, newest first; `next_before` is null at the end."""

    days: list[ListedDayTold]
    next_before: BillDay | None


class SideTold(TypedDict):
    """What one book says of the day."""

    paid_fen: Fen
    returned_fen: Fen
    payments: int
    refunds: int


class BillDayTold(TypedDict):
    """Three books of one day. `bill` is null until it is here; `unproven_fen` is what the ledger
    has and the bill has not proven; `account_fen` what WeChat Pay says was left at the day's end.
    """

    day_on: BillDay
    bill: SideTold | None
    orders: SideTold
    ledger: SideTold
    fee_fen: Fen | None
    proven_fen: Fen
    account_fen: Fen | None
    entry_id: int
    reconciled_at: At | None
    differences: list[DifferenceTold]
    next_after: int | None


class UploadedTold(TypedDict):
    """What was taken; `is_reconciled`: both bills are here, and the day was held against them."""

    kind: str
    day_on: BillDay
    lines: int
    is_reconciled: bool


class TransitItemTold(TypedDict):
    """An entry that no bill has proven; negative: money on its way to a payer."""

    entry_id: int
    kind: str
    number: str
    amount_fen: Fen
    day_on: BillDay
    at: At


class InTransitTold(TypedDict):
    """Everything on its way to or from WeChat Pay; the total is the sum of all items."""

    total_fen: Fen
    items: list[TransitItemTold]
    next_after: int | None


@routes.get("/bills")
@for_staff("bills.read")
@described(DaysTold, query=DaysQuery)
async def list_bills(request: Request) -> HTTPResponse:
    """The days, newest first, 31 a page."""
    before = read_query(request, DaysQuery).before
    days = await list_days(int(parts_of(request).clock()), before)
    body: DaysTold = {
        "days": [_listed(one) for one in days],
        "next_before": day_number(days[-1].day_on) if len(days) == DAYS_PER_PAGE else None,
    }
    return answer(body)


@routes.post("/bills/uploads")
@for_staff("bills.fetch")
@described(UploadedTold, query=UploadQuery, takes="text/csv", status=201)
async def upload(request: Request) -> HTTPResponse:
    """201: a bill downloaded from WeChat Pay's site, as it is or gzipped, in the body."""
    parts, query = parts_of(request), read_query(request, UploadQuery)
    kind, day_on = BillKind(query.kind), day_from(query.day_on)
    reading = Reading(kind, day_on, account_of(parts))
    by, at = actor_of(request).label, int(parts.clock())
    kept = await upload_bill(reading, request.body or b"", by=by, at=at)
    is_whole = await BillRow.filter(day_on=query.day_on).count() == len(BillKind)
    if is_whole:
        await reconcile_day(parts.ledger, parts.clock, reading, by=by)
    body: UploadedTold = {
        "kind": kind.value,
        "day_on": query.day_on,
        "lines": kept.line_count,
        "is_reconciled": is_whole,
    }
    return answer(body, 201)


@routes.post("/bills/<day_on:int>/fetches")
@for_staff("bills.fetch")
@described(BillDayTold, status=201)
async def fetch(request: Request, day_on: int) -> HTTPResponse:
    """201: what was missing of the day's bills is here, and the day was held against the books."""
    parts = parts_of(request)
    by, at = actor_of(request).label, int(parts.clock())
    readings = [Reading(kind, day_from(day_on), account_of(parts)) for kind in BillKind]
    for reading in readings:
        await fetch_bill(parts.pay, reading, by=by, at=at)
    await reconcile_day(parts.ledger, parts.clock, readings[0], by=by)
    return answer(await _day(parts, day_on, 0), 201)


@routes.get("/bills/<day_on:int>")
@for_staff("bills.read")
@described(BillDayTold, query=AfterQuery)
async def read_bill_day(request: Request, day_on: int) -> HTTPResponse:
    """Bill, orders and ledger of a day, and the differences after an id."""
    after = read_query(request, AfterQuery).after
    return answer(await _day(parts_of(request), day_on, after))


@routes.get("/in-transit")
@for_staff("bills.read")
@described(InTransitTold, query=AfterQuery)
async def read_in_transit(request: Request) -> HTTPResponse:
    """What no bill has proven yet, item by item."""
    page = await list_in_transit(parts_of(request).ledger, read_query(request, AfterQuery).after)
    body: InTransitTold = {
        "total_fen": page.total_fen,
        "items": [
            {
                "entry_id": one.entry_id,
                "kind": one.kind,
                "number": one.number,
                "amount_fen": one.amount_fen,
                "day_on": day_number(day_of(one.at)),
                "at": one.at,
            }
            for one in page.items
        ],
        "next_after": page.next_after or None,
    }
    return answer(body)


def account_of(parts: Parts) -> WechatPayAccount:
    """The merchant's account. Raises WechatPayOffError when the school has none."""
    if parts.config.pay is None:
        raise WechatPayOffError
    return parts.config.pay


async def _day(parts: Parts, day_on: int, after: int) -> BillDayTold:
    told = await read_day(parts.ledger, account_of(parts), day_from(day_on))
    query = DifferenceRow.filter(day_on=day_on, id__gt=after).order_by("id")
    rows = await query.limit(DIFFERENCES_PER_PAGE + 1)
    shown = rows[:DIFFERENCES_PER_PAGE]
    return _told(told, [told_of(row) for row in shown], len(rows) > len(shown))


def _told(day: DayTold, differences: list[DifferenceTold], has_more: bool) -> BillDayTold:  # noqa: FBT001
    row = day.row
    return {
        "day_on": day_number(day.day_on),
        "bill": None if day.bill is None else _side(day.bill),
        "orders": _side(day.orders),
        "ledger": _side(day.ledger),
        "fee_fen": day.fee_fen,
        "proven_fen": row.proven_fen if row else 0,
        "account_fen": day.account_fen,
        "entry_id": row.entry_id if row else 0,
        "reconciled_at": row.reconciled_at if row and row.reconciled_by else None,
        "differences": differences,
        "next_after": differences[-1]["difference_id"] if has_more else None,
    }


def _side(side: Side) -> SideTold:
    return {
        "paid_fen": side.paid_fen,
        "returned_fen": side.returned_fen,
        "payments": side.payments,
        "refunds": side.refunds,
    }


def _listed(one: DayListed) -> ListedDayTold:
    row = one.row
    return {
        "day_on": day_number(one.day_on),
        "state": one.state.value,
        "payments": row.payments if row else 0,
        "refunds": row.refunds if row else 0,
        "proven_fen": row.proven_fen if row else 0,
        "fee_fen": row.fee_fen if row else 0,
        "differences": row.differences if row else 0,
        "reconciled_at": row.reconciled_at if row and row.reconciled_by else None,
    }
