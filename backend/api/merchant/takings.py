"""What merchants took and were paid. A cashier sees the own merchant only."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_staff
from backend.api.reading import answer, read_number
from backend.tables.merchant import MerchantRow, PeriodTotalRow, SettlementRow

routes = Blueprint("merchant_takings")

BUSINESS_ON_MAX = 99_991_231
ROWS_MAX = 1_000
TOTAL_FIELDS = (
    "payments",
    "offline_payments",
    "nominal_fen",
    "discount_fen",
    "fee_fen",
    "charged_fen",
    "payable_fen",
    "corrected_fen",
)
SETTLEMENT_FIELDS = (
    "payments",
    "offline_payments",
    "late_payments",
    "gross_fen",
    "refunded_fen",
    "net_fen",
    "settled_at",
)


def _scope(request: Request) -> dict[str, int]:
    """Which merchants the asker may see, as a filter."""
    merchant_id = actor_of(request).merchant_id
    return {} if merchant_id is None else {"merchant_id": merchant_id}


@routes.get("/totals")
@for_staff("merchants.read")
async def read_totals(request: Request) -> HTTPResponse:
    """`?business_on=YYYYMMDD`: totals by merchant and period; seconds old, never blocking."""
    day = read_number(request, "business_on", 0, 0, BUSINESS_ON_MAX)
    chosen = {"business_on": day} if day else {}
    rows = (
        await PeriodTotalRow.filter(**chosen, **_scope(request))
        .order_by("-business_on", "merchant_id", "period_id")
        .limit(ROWS_MAX)
    )
    names = {row.id: row.name for row in await MerchantRow.all()}
    return answer(
        {
            "totals": [
                {
                    "merchant_id": row.merchant_id,
                    "merchant": names[row.merchant_id],
                    "business_on": row.business_on,
                    "period_id": row.period_id,
                    **{name: getattr(row, name) for name in TOTAL_FIELDS},
                }
                for row in rows
            ]
        }
    )


@routes.get("/settlements")
@for_staff("merchants.read")
async def read_settlements(request: Request) -> HTTPResponse:
    """Settlements, newest day first."""
    rows = (
        await SettlementRow.filter(**_scope(request))
        .order_by("-business_on", "merchant_id")
        .limit(ROWS_MAX)
    )
    return answer(
        {
            "settlements": [
                {
                    "merchant_id": row.merchant_id,
                    "business_on": row.business_on,
                    **{name: getattr(row, name) for name in SETTLEMENT_FIELDS},
                }
                for row in rows
            ]
        }
    )
