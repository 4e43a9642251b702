"""What merchants took and were paid: those within reach, for a cashier the own one."""

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
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Day, Fen
from backend.domain.report import Span
from backend.tables.merchant import MerchantRow, PeriodTotalRow
from backend.tables.payment_lists import PaymentFilter, read_payments
from backend.tables.places import merchants_within, within
from backend.tables.remittances import SettlementFilter
from backend.tables.remittances import read_settlements as list_settlements
from backend.tables.statements import came_back_of
from backend.tables.takings import read_takings, refunds_of
from backend.tables.terminal import TerminalRow
from campus_code import business_day

routes = Blueprint("merchant_takings")

BUSINESS_ON_MAX = 99_991_231
ROWS_MAX = 1_000
ID_MAX = 2**31 - 1
DAY_SECONDS = 86_400


class TotalsQuery(Shape):
    """One business day, YYYYMMDD; 0: the newest of all."""

    business_on: Annotated[int, Field(ge=0, le=BUSINESS_ON_MAX)] = 0


class OwnQuery(Shape):
    """Whose: 0 is one's own merchant, and all of them for an office."""

    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


class OwnPageQuery(PageShape):
    """A page, newest first; `merchant_id` 0: one's own, and all of them for an office."""

    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


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


class PeriodTakingsTold(TypedDict):
    """What was taken in one meal period of the day; names of the rules in force."""

    period_id: str
    zh: str
    en: str
    payments: int
    charged_fen: Fen
    corrected_fen: Fen
    net_fen: Fen


class TillTakingsTold(TypedDict):
    """What one terminal took on the day, and when it was heard of last (0: never)."""

    terminal_id: int
    name: str
    payments: int
    charged_fen: Fen
    seen_at: At


class TodayTold(TypedDict):
    """Today's takings, seconds old; what is settled and not sent yet; yesterday's to compare."""

    merchant_id: int
    merchant: str
    business_on: Day
    payments: int
    charged_fen: Fen
    corrected_fen: Fen
    net_fen: Fen
    yesterday_on: Day
    yesterday_fen: Fen
    owed_fen: Fen
    basis_points: int
    periods: list[PeriodTakingsTold]
    terminals: list[TillTakingsTold]


class MerchantPaymentTold(TypedDict):
    """One payment as a merchant may see it: nothing of who paid."""

    payment_id: int
    occurred_at: At
    business_on: Day
    terminal: str
    charged_fen: Fen
    returned_fen: Fen
    was_offline: bool
    outcome: str


class MerchantPaymentsTold(TypedDict):
    """A page of payments."""

    payments: list[MerchantPaymentTold]
    next: str | None


class MerchantRefundTold(TypedDict):
    """A refund or void of one of the merchant's payments, asked for or done."""

    request_id: int
    kind: str
    state: Literal["waiting", "approved", "rejected"]
    payment_id: int
    occurred_at: At
    charged_fen: Fen
    amount_fen: Fen
    reason: str
    made_at: At


class MerchantRefundsTold(TypedDict):
    """A page of refunds and voids."""

    refunds: list[MerchantRefundTold]
    next: str | None


class SettlementTold(TypedDict):
    """What one merchant is paid for a business day: net = gross − refunded − fee.

    `state`: owed (nobody asked that it be sent), asked, or paid.
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


class SettlementsTold(TypedDict):
    """A page of settlements, newest day first."""

    settlements: list[SettlementTold]
    next: str | None


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
@described(SettlementsTold, query=OwnPageQuery)
async def read_settlements(request: Request) -> HTTPResponse:
    """Settlements with what the school kept, and how far the money is."""
    query = read_query(request, OwnPageQuery)
    after = read_cursor(query.after, int, int)
    mine = merchants_within(actor_of(request), query.merchant_id)
    asked = SettlementFilter(0, BUSINESS_ON_MAX, mine)
    rows = await list_settlements(
        asked, (int(after[0]), int(after[1])) if after else None, query.limit + 1
    )
    shown, following = turn(rows, query.limit, lambda one: (one.business_on, one.settlement_id))
    body: SettlementsTold = {
        "settlements": [cast("SettlementTold", asdict(one)) for one in shown],
        "next": following,
    }
    return answer(body)


@routes.get("/today")
@for_staff("merchants.read", scoped=True)
@described(TodayTold, query=OwnQuery)
async def read_today(request: Request) -> HTTPResponse:
    """What was taken today, by meal period and terminal."""
    parts = parts_of(request)
    mine = merchants_within(actor_of(request), read_query(request, OwnQuery).merchant_id)
    rules, at = parts.rules.bundle, int(parts.clock())
    today = business_day(at, rules)
    made = await read_takings(mine, today, business_day(at - DAY_SECONDS, rules))
    names = {one.id: (one.zh, one.en) for one in rules.periods}
    body: TodayTold = {
        "merchant_id": made.merchant_id,
        "merchant": made.merchant,
        "business_on": today,
        "payments": sum(one.payments for one in made.periods),
        "charged_fen": sum(one.charged_fen for one in made.periods),
        "corrected_fen": sum(one.corrected_fen for one in made.periods),
        "net_fen": sum(one.net_fen for one in made.periods),
        "yesterday_on": business_day(at - DAY_SECONDS, rules),
        "yesterday_fen": made.yesterday_fen,
        "owed_fen": made.owed_fen,
        "basis_points": made.basis_points,
        "periods": [
            {
                **cast("PeriodTakingsTold", asdict(one)),
                "zh": names.get(one.period_id, ("其他时段", ""))[0],
                "en": names.get(one.period_id, ("", "other times"))[1],
            }
            for one in made.periods
        ],
        "terminals": [cast("TillTakingsTold", asdict(one)) for one in made.terminals],
    }
    return answer(body)


@routes.get("/payments")
@for_staff("merchants.read", scoped=True)
@described(MerchantPaymentsTold, query=OwnPageQuery)
async def read_own_payments(request: Request) -> HTTPResponse:
    """Payments, newest business day first."""
    parts, query = parts_of(request), read_query(request, OwnPageQuery)
    after = read_cursor(query.after, int, int)
    today = business_day(int(parts.clock()), parts.rules.bundle)
    mine = merchants_within(actor_of(request), query.merchant_id)
    asked = PaymentFilter(Span(0, today), merchant_ids=mine)
    rows = await read_payments(
        asked, (int(after[0]), int(after[1])) if after else None, query.limit + 1
    )
    shown, following = turn(rows, query.limit, lambda row: (row.business_on, row.id))
    tills = await TerminalRow.filter(id__in={row.terminal_id for row in shown})
    names = {row.id: row.name for row in tills}
    back = await came_back_of(shown) if shown else {}
    body: MerchantPaymentsTold = {
        "payments": [
            {
                "payment_id": row.id,
                "occurred_at": row.occurred_at,
                "business_on": row.business_on,
                "terminal": names.get(row.terminal_id, ""),
                "charged_fen": row.charged_fen,
                "returned_fen": back[row.id].fen,
                "was_offline": row.was_offline,
                "outcome": row.outcome,
            }
            for row in shown
        ],
        "next": following,
    }
    return answer(body)


@routes.get("/refunds")
@for_staff("merchants.read", scoped=True)
@described(MerchantRefundsTold, query=OwnPageQuery)
async def read_refunds(request: Request) -> HTTPResponse:
    """Refunds and voids of the merchant's payments, newest first."""
    query = read_query(request, OwnPageQuery)
    after = read_cursor(query.after, int)
    mine = merchants_within(actor_of(request), query.merchant_id)
    rows = await refunds_of(mine, int(after[0]) if after else 0, query.limit + 1)
    shown, following = turn(rows, query.limit, lambda one: (one.request_id,))
    body: MerchantRefundsTold = {
        "refunds": [cast("MerchantRefundTold", asdict(one)) for one in shown],
        "next": following,
    }
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
