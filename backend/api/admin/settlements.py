"""Settling by hand what the worker settles by itself: merchants are owed for days that are over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import Day, Fen
from backend.domain.settlement import require_settleable
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.settlements.settle_day import settle_day, unsettled_days
from campus_code import business_day

BUSINESS_ON_MAX = 99_991_231

routes = Blueprint("admin_settlements")


class DayShape(Shape):
    """The last business day to settle; what earlier days left open is settled before it."""

    business_on: Annotated[int, Field(ge=1, le=BUSINESS_ON_MAX)]


class SettledTold(TypedDict):
    """What one merchant gets for a day; `net_fen` holds what came late for earlier days too."""

    merchant_id: int
    business_on: Day
    payments: int
    late_payments: int
    gross_fen: Fen
    refunded_fen: Fen
    net_fen: Fen


class SettledDaysTold(TypedDict):
    """What was settled now; empty when all of it was before."""

    settlements: list[SettledTold]


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
                "net_fen": made.net_fen,
            }
        )
    body: SettledDaysTold = {"settlements": settled}
    return answer(body, 201)
