"""When the windows serve, and what my class pays there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.api.told import Fen
from backend.domain.window_prices import GroupPrices
from backend.usecases.windows.read_windows import read_windows
from campus_code import period_at

routes = Blueprint("student_windows")

Minute = Annotated[int, Field(description="minute of the local day · 当天第几分钟")]


class PeriodTold(TypedDict):
    """A meal: begins <= minute < ends."""

    id: str
    zh: str
    en: str
    begins_minute: Minute
    ends_minute: Minute


class PriceTold(TypedDict):
    """A set price in one period ("" is outside all): before and after discount and fee."""

    period_id: str
    nominal_fen: Fen
    charged_fen: Fen


class GroupTold(TypedDict):
    """A kind of window. `serves` names the periods in which it takes my class.

    Where `price_mode` is `free` the cashier types the amount and there are no prices.
    """

    group_id: str
    zh: str
    en: str
    price_mode: Literal["free", "fixed", "count"]
    is_accepted: bool
    serves: list[str]
    prices: list[PriceTold]
    windows: list[str]


class WindowsTold(TypedDict):
    """The meals, the one now ("" for none), and every kind of window."""

    periods: list[PeriodTold]
    now: str
    groups: list[GroupTold]


@routes.get("/windows")
@for_student
@described(WindowsTold)
async def show_windows(request: Request) -> HTTPResponse:
    """Meals, windows and prices, by the rules in force and for the holder's own class."""
    parts = parts_of(request)
    rules = parts.rules.bundle
    at = int(parts.clock())
    view = await read_windows(actor_of(request).id, rules=rules, at=at)
    now = period_at(at, rules)
    body: WindowsTold = {
        "periods": [
            {
                "id": one.id,
                "zh": one.zh,
                "en": one.en,
                "begins_minute": one.begins_minute,
                "ends_minute": one.ends_minute,
            }
            for one in rules.periods
        ],
        "now": now.id if now else "",
        "groups": [_group(one, view.merchants.get(one.group.id, ())) for one in view.groups],
    }
    return answer(body)


def _group(one: GroupPrices, merchants: Sequence[str]) -> GroupTold:
    return {
        "group_id": one.group.id,
        "zh": one.group.zh,
        "en": one.group.en,
        "price_mode": one.group.price_mode,
        "is_accepted": one.is_accepted,
        "serves": list(one.serves),
        "prices": [
            {
                "period_id": price.period_id,
                "nominal_fen": price.nominal_fen,
                "charged_fen": price.charged_fen,
            }
            for price in one.prices
        ],
        "windows": list(merchants),
    }
