"""What the holder spent: a month in full, and the last months beside it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import Day, Fen
from backend.domain.spending import MONTH_MAX, shares_by
from backend.usecases.cardholders.read_spending import Spending, read_spending
from campus_code import RulesBundle

OTHER_TIMES = ("其他时段", "Other times")

routes = Blueprint("student_spending")

Month = Annotated[int, Field(description="YYYYMM · 月份")]


class MonthQuery(Shape):
    """A month YYYYMM; 0 is the current one."""

    month: Annotated[int, Field(ge=0, le=MONTH_MAX)] = 0


class DaySpentTold(TypedDict):
    """A business day on which something was spent."""

    business_on: Day
    charged_fen: Fen


class MerchantSpentTold(TypedDict):
    """One merchant's part."""

    merchant: str
    charged_fen: Fen
    payments: int


class PeriodSpentTold(TypedDict):
    """One meal's part; period_id "" is outside all meals."""

    period_id: str
    zh: str
    en: str
    charged_fen: Fen
    payments: int


class MonthSpentTold(TypedDict):
    """One of the last months."""

    month: Month
    charged_fen: Fen


class SpendingTold(TypedDict):
    """A month over all cards of the holder, merchants with the largest part first.

    `charged_fen` is what the purses paid and did not get back, `returned_fen` what refunds and
    reversals brought back; `payments` and `discount_fen` are of those payments that still stand.
    `months` are the last twelve, the current one last.
    """

    month: Month
    charged_fen: Fen
    discount_fen: Fen
    returned_fen: Fen
    payments: int
    days: list[DaySpentTold]
    merchants: list[MerchantSpentTold]
    periods: list[PeriodSpentTold]
    months: list[MonthSpentTold]


@routes.get("/spending")
@for_student
@described(SpendingTold, query=MonthQuery)
async def show_spending(request: Request) -> HTTPResponse:
    """A month by day, merchant and meal; reversed and refunded money is taken out."""
    parts = parts_of(request)
    rules = parts.rules.bundle
    spending = await read_spending(
        actor_of(request).id,
        month=read_query(request, MonthQuery).month,
        rules=rules,
        at=int(parts.clock()),
    )
    return answer(_told(spending, rules))


def _told(spending: Spending, rules: RulesBundle) -> SpendingTold:
    spent = spending.spent
    by_merchant = shares_by(spent, lambda one: one.merchant)
    by_merchant.sort(key=lambda pair: -pair[1].charged_fen)
    return {
        "month": spending.month,
        "charged_fen": sum(one.charged_fen for one in spent),
        "discount_fen": sum(one.discount_fen for one in spent),
        "returned_fen": sum(one.returned_fen for one in spent),
        "payments": sum(one.payments for one in spent),
        "days": [
            {"business_on": day, "charged_fen": share.charged_fen}
            for day, share in shares_by(spent, lambda one: one.business_on)
        ],
        "merchants": [
            {"merchant": name, "charged_fen": share.charged_fen, "payments": share.payments}
            for name, share in by_merchant
        ],
        "periods": _periods(spending, rules),
        "months": [{"month": one.month, "charged_fen": one.charged_fen} for one in spending.months],
    }


def _periods(spending: Spending, rules: RulesBundle) -> list[PeriodSpentTold]:
    """In the order of the day; a period that the rules no longer know has its id for a name."""
    names = {one.id: (one.zh, one.en) for one in rules.periods} | {"": OTHER_TIMES}
    order = {period_id: place for place, period_id in enumerate(names)}
    shares = shares_by(spending.spent, lambda one: one.period_id)
    shares.sort(key=lambda pair: order.get(pair[0], len(order)))
    told: list[PeriodSpentTold] = []
    for period_id, share in shares:
        zh, en = names.get(period_id, (period_id, period_id))
        told.append(
            {
                "period_id": period_id,
                "zh": zh,
                "en": en,
                "charged_fen": share.charged_fen,
                "payments": share.payments,
            }
        )
    return told
