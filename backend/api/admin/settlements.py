"""Settlements: the list, what the school keeps, and settling by hand what the worker settles."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Day, Fen
from backend.domain.access import Actor
from backend.domain.commission import BASIS_POINTS_MAX, REASON_LENGTH_MAX
from backend.domain.settlement import require_settleable
from backend.tables.places import merchants_within
from backend.tables.remittance import CommissionRow
from backend.tables.remittances import SettlementFilter, read_settlements
from backend.tables.staff_members import names_of
from backend.usecases.merchants.set_commission import CommissionSaid, set_commission
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.settlements.settle_day import settle_day, unsettled_days
from campus_code import business_day

BUSINESS_ON_MAX = 99_991_231
ID_MAX = 2**31 - 1

routes = Blueprint("admin_settlements")


class DayShape(Shape):
    """The last business day to settle; what earlier days left open is settled before it."""

    business_on: Annotated[int, Field(ge=1, le=BUSINESS_ON_MAX)]


class SettlementsFilter(Shape):
    """Which settlements, newest business day first; 0: all. `state`: whether they were sent."""

    first_on: Annotated[int, Field(ge=0, le=BUSINESS_ON_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=BUSINESS_ON_MAX)] = BUSINESS_ON_MAX
    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    state: Literal["", "owed", "asked", "paid"] = ""


class SettlementsQuery(SettlementsFilter, PageShape):
    """A page of settlements."""


class ListedSettlementTold(TypedDict):
    """One settlement: net = gross − refunded − fee, and what other days owed or brought late.

    `state`: owed (nobody asked that it be sent), asked (waits for a second person) or paid.
    """

    settlement_id: int
    merchant_id: int
    merchant: str
    business_on: Day
    payments: int
    offline_payments: int
    late_payments: int
    gross_fen: Fen
    refunded_fen: Fen
    fee_fen: Fen
    net_fen: Fen
    settled_at: At
    state: Literal["owed", "asked", "paid"]
    remittance_id: int


class ListedSettlementsTold(TypedDict):
    """A page of settlements."""

    settlements: list[ListedSettlementTold]
    next: str | None


class RateShape(Shape):
    """What the school keeps of settlements from a business day on, in hundredths of a per cent."""

    begins_on: Annotated[int, Field(ge=1, le=BUSINESS_ON_MAX)]
    basis_points: Annotated[int, Field(ge=0, le=BASIS_POINTS_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class RateTold(TypedDict):
    """One rate of a merchant's history."""

    merchant_id: int
    begins_on: Day
    basis_points: int
    reason: str
    set_by: str
    set_at: At


class RatesTold(TypedDict):
    """A merchant's rates, newest first; `people` has the names behind `staff:3`."""

    rates: list[RateTold]
    people: dict[str, str]


class SettledTold(TypedDict):
    """What one merchant gets for a day; `net_fen` holds what came late for earlier days too."""

    merchant_id: int
    business_on: Day
    payments: int
    late_payments: int
    gross_fen: Fen
    refunded_fen: Fen
    fee_fen: Fen
    net_fen: Fen


class SettledDaysTold(TypedDict):
    """What was settled now; empty when all of it was before."""

    settlements: list[SettledTold]


@routes.get("/settlements")
@for_staff("settlements.read", scoped=True)
@described(ListedSettlementsTold, query=SettlementsQuery)
async def list_settlements(request: Request) -> HTTPResponse:
    """Settlements with what was kept, and how far the money is."""
    query = read_query(request, SettlementsQuery)
    after = read_cursor(query.after, int, int)
    asked = settlement_filter(query, actor_of(request))
    rows = await read_settlements(
        asked, (int(after[0]), int(after[1])) if after else None, query.limit + 1
    )
    shown, following = turn(rows, query.limit, lambda one: (one.business_on, one.settlement_id))
    body: ListedSettlementsTold = {
        "settlements": [cast("ListedSettlementTold", asdict(one)) for one in shown],
        "next": following,
    }
    return answer(body)


def settlement_filter(query: SettlementsFilter, actor: Actor) -> SettlementFilter:
    """What the list and its file read, within the asker's reach."""
    mine = merchants_within(actor, query.merchant_id)
    return SettlementFilter(query.first_on, query.last_on, mine, query.state)


@routes.get("/merchants/<merchant_id:int>/commissions")
@for_staff("settlements.read")
@described(RatesTold)
async def read_rates(_request: Request, merchant_id: int) -> HTTPResponse:
    """What the school keeps of this merchant's settlements, and did before."""
    rows = await CommissionRow.filter(merchant_id=merchant_id).order_by("-begins_on")
    body: RatesTold = {
        "rates": [_rate(row) for row in rows],
        "people": await names_of(row.set_by for row in rows),
    }
    return answer(body)


@routes.post("/merchants/<merchant_id:int>/commissions")
@for_staff("commissions.set")
@described(RateTold, body=RateShape, status=201)
async def add_rate(request: Request, merchant_id: int) -> HTTPResponse:
    """201: it holds from that day on; 409 for a day that is settled or has its own rate."""
    shape = read_json(request, RateShape)
    said = CommissionSaid(merchant_id, shape.begins_on, shape.basis_points, shape.reason)
    row = await set_commission(said, actor_of(request), int(parts_of(request).clock()))
    return answer(_rate(row), 201)


def _rate(row: CommissionRow) -> RateTold:
    return {
        "merchant_id": row.merchant_id,
        "begins_on": row.begins_on,
        "basis_points": row.basis_points,
        "reason": row.reason,
        "set_by": row.set_by,
        "set_at": row.set_at,
    }


@routes.post("/settlements")
@for_staff("settlements.make")
@described(SettledDaysTold, body=DayShape, status=201)
async def make(request: Request) -> HTTPResponse:
    """201: every merchant is settled through this day, which must be over. Again: no more."""
    parts = parts_of(request)
    business_on = read_json(request, DayShape).business_on
    require_settleable(business_on, business_day(int(parts.clock()), parts.rules.bundle))
    await roll_up()
    settled: list[SettledTold] = []
    for merchant_id, day in await unsettled_days(parts.ledger, business_on + 1):
        made = await settle_day(parts.ledger, parts.clock, merchant_id, day)
        if made is None:  # the worker was quicker
            continue
        settled.append(
            {
                "merchant_id": made.merchant_id,
                "business_on": made.business_on,
                "payments": made.payments,
                "late_payments": made.late_payments,
                "gross_fen": made.gross_fen,
                "refunded_fen": made.refunded_fen,
                "fee_fen": made.fee_fen,
                "net_fen": made.net_fen,
            }
        )
    body: SettledDaysTold = {"settlements": settled}
    return answer(body, 201)
