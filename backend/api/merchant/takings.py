"""What merchants took and were paid: those within reach, for a cashier the own one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Day, Fen
from backend.tables.merchant import MerchantRow, PeriodTotalRow, SettlementRow
from backend.tables.places import within

routes = Blueprint("merchant_takings")

BUSINESS_ON_MAX = 99_991_231
ROWS_MAX = 1_000


class TotalsQuery(Shape):
    """One business day, YYYYMMDD; 0: the newest of all."""

    business_on: Annotated[int, Field(ge=0, le=BUSINESS_ON_MAX)] = 0


class TotalTold(TypedDict):
    """What one merchant took in one meal period of a business day."""

    merchant_id: int
    merchant: str
    business_on: Day
    period_id: str
    payments: int
    offline_payments: int
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    payable_fen: Fen
    corrected_fen: Fen


class TotalsTold(TypedDict):
    """Totals, newest day first."""

    totals: list[TotalTold]


class SettlementTold(TypedDict):
    """What one merchant is paid for a business day: net = gross − refunded."""

    merchant_id: int
    business_on: Day
    payments: int
    offline_payments: int
    late_payments: int
    gross_fen: Fen
    refunded_fen: Fen
    net_fen: Fen
    settled_at: At


class SettlementsTold(TypedDict):
    """Settlements, newest day first."""

    settlements: list[SettlementTold]


@routes.get("/totals")
@for_staff("merchants.read", scoped=True)
@described(TotalsTold, query=TotalsQuery)
async def read_totals(request: Request) -> HTTPResponse:
    """`?business_on=YYYYMMDD`: totals by merchant and period; seconds old, never blocking."""
    day = read_query(request, TotalsQuery).business_on
    chosen = {"business_on": day} if day else {}
    rows = (
        await PeriodTotalRow.filter(**chosen, **within(actor_of(request)))
        .order_by("-business_on", "merchant_id", "period_id")
        .limit(ROWS_MAX)
    )
    names = {row.id: row.name for row in await MerchantRow.all()}
    body: TotalsTold = {"totals": [_total(row, names[row.merchant_id]) for row in rows]}
    return answer(body)


@routes.get("/settlements")
@for_staff("merchants.read", scoped=True)
@described(SettlementsTold)
async def read_settlements(request: Request) -> HTTPResponse:
    """Settlements, newest day first."""
    rows = (
        await SettlementRow.filter(**within(actor_of(request)))
        .order_by("-business_on", "merchant_id")
        .limit(ROWS_MAX)
    )
    body: SettlementsTold = {"settlements": [_settlement(row) for row in rows]}
    return answer(body)


def _total(row: PeriodTotalRow, merchant: str) -> TotalTold:
    return {
        "merchant_id": row.merchant_id,
        "merchant": merchant,
        "business_on": row.business_on,
        "period_id": row.period_id,
        "payments": row.payments,
        "offline_payments": row.offline_payments,
        "nominal_fen": row.nominal_fen,
        "discount_fen": row.discount_fen,
        "fee_fen": row.fee_fen,
        "charged_fen": row.charged_fen,
        "payable_fen": row.payable_fen,
        "corrected_fen": row.corrected_fen,
    }


def _settlement(row: SettlementRow) -> SettlementTold:
    return {
        "merchant_id": row.merchant_id,
        "business_on": row.business_on,
        "payments": row.payments,
        "offline_payments": row.offline_payments,
        "late_payments": row.late_payments,
        "gross_fen": row.gross_fen,
        "refunded_fen": row.refunded_fen,
        "net_fen": row.net_fen,
        "settled_at": row.settled_at,
    }
