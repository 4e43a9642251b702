"""Closing business days: what a day looks like, and a person's word that it is whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, cast

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.paging import PageShape, read_cursor, turn
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json, read_query
from backend.api.told import At, Day, Fen
from backend.domain.day_close import REASON_LENGTH_MAX, DayPicture
from backend.tables.merchant import MerchantRow
from backend.tables.remittance import DayCloseRow
from backend.tables.report import DayTotalRow
from backend.tables.staff_members import names_of
from backend.usecases.days.close_day import CloseAsked, close_day
from backend.usecases.days.look_at_day import look_at_day
from backend.usecases.settlements.roll_up import roll_up
from campus_code import business_day

routes = Blueprint("admin_days")

TERMINALS_MAX = 1_000_000


class CloseShape(Shape):
    """How many missing terminals were shown, and why the day may be closed."""

    missing: Annotated[int, Field(ge=0, le=TERMINALS_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH_MAX)]


class MissingTerminalTold(TypedDict):
    """A terminal that may still hold something of the day.

    `seen_at` 0: never. What it journals has sequences up to `highest_sequence`; the server has
    taken over up to `confirmed_sequence`, `waiting` records are still there by its own word.
    """

    terminal_id: int
    name: str
    merchant_id: int
    merchant: str
    seen_at: At
    highest_sequence: int
    confirmed_sequence: int
    waiting: int


class DayDrawerTold(TypedDict):
    """A drawer nobody has counted, or whose difference nobody has approved."""

    drawer_id: int
    staff_id: int
    name: str
    opened_at: At
    is_counted: bool


class CloseTold(TypedDict):
    """A close, and the figures it was made on."""

    business_on: Day
    closed_by: str
    closed_at: At
    reason: str
    payments: int
    charged_fen: Fen
    debit_fen: Fen
    credit_fen: Fen
    missing: int


class ListedDayCloseTold(TypedDict):
    """A business day with payments, and its close (null: not closed yet)."""

    business_on: Day
    is_over: bool
    payments: int
    charged_fen: Fen
    close: CloseTold | None


class DayClosesTold(TypedDict):
    """Business days, newest first."""

    days: list[ListedDayCloseTold]
    people: dict[str, str]
    next: str | None


class DayPictureTold(TypedDict):
    """A business day as it stands now; with its close, what came later shows as a difference.

    `accounts`: what is in the school's own accounts; suspense and quarantine are of all days.
    """

    business_on: Day
    begins_at: At
    ends_at: At
    is_over: bool
    payments: int
    charged_fen: Fen
    corrected_fen: Fen
    debit_fen: Fen
    credit_fen: Fen
    missing: list[MissingTerminalTold]
    drawers: list[DayDrawerTold]
    suspense_fen: Fen
    suspense_items: int
    quarantined: int
    unsettled: int
    accounts: dict[str, Fen]
    close: CloseTold | None
    people: dict[str, str]


@routes.get("/days")
@for_staff("days.read")
@described(DayClosesTold, query=PageShape)
async def list_days(request: Request) -> HTTPResponse:
    """Business days on which somebody paid."""
    return answer(await days_page(request, read_query(request, PageShape)))


async def days_page(request: Request, query: PageShape) -> DayClosesTold:
    """A page of the list."""
    after = read_cursor(query.after, int)
    totals = DayTotalRow.filter(dimension="department")
    if after:
        totals = totals.filter(business_on__lt=after[0])
    numbers = (
        await totals.order_by("-business_on")
        .distinct()
        .limit(query.limit + 1)
        .values("business_on")
    )
    shown, following = turn(
        [int(row["business_on"]) for row in numbers], query.limit, lambda day: (day,)
    )
    closes = {row.business_on: row for row in await DayCloseRow.filter(business_on__in=shown)}
    sums = await _sums(shown)
    parts = parts_of(request)
    today = business_day(int(parts.clock()), parts.rules.bundle)
    body: DayClosesTold = {
        "days": [
            {
                "business_on": day,
                "is_over": day < today,
                "payments": sums[day][0],
                "charged_fen": sums[day][1],
                "close": _close(closes[day]) if day in closes else None,
            }
            for day in shown
        ],
        "people": await names_of(row.closed_by for row in closes.values()),
        "next": following,
    }
    return body


@routes.get("/days/<business_on:int>")
@for_staff("days.read")
@described(DayPictureTold)
async def read_day(request: Request, business_on: int) -> HTTPResponse:
    """What closing this day would stand for: missing terminals, balance, drawers, suspense."""
    parts = parts_of(request)
    await roll_up()
    looked = await look_at_day(business_on, parts.rules.bundle)
    return answer(await _picture(looked.picture, looked.closed, int(parts.clock())))


@routes.post("/days/<business_on:int>/closes")
@for_staff("days.close")
@described(CloseTold, body=CloseShape, status=201)
async def close(request: Request, business_on: int) -> HTTPResponse:
    """201: closed, once and for ever; 409 says why it may not be."""
    parts, shape = parts_of(request), read_json(request, CloseShape)
    await roll_up()
    asked = CloseAsked(business_on, shape.missing, shape.reason)
    at = int(parts.clock())
    return answer(_close(await close_day(asked, parts.rules.bundle, actor_of(request), at)), 201)


async def _sums(days: list[int]) -> dict[int, tuple[int, int]]:
    rows = await DayTotalRow.filter(dimension="department", business_on__in=days)
    sums = dict.fromkeys(days, (0, 0))
    for row in rows:
        payments, charged_fen = sums[row.business_on]
        sums[row.business_on] = (payments + row.payments, charged_fen + row.charged_fen)
    return sums


async def _picture(picture: DayPicture, closed: DayCloseRow | None, at: int) -> DayPictureTold:
    merchants = await MerchantRow.filter(id__in={one.merchant_id for one in picture.missing})
    names = {row.id: row.name for row in merchants}
    labels = [f"staff:{one.staff_id}" for one in picture.drawers]
    people = await names_of([*labels, closed.closed_by if closed else ""])
    made: dict[str, Any] = asdict(picture)
    made |= {
        "is_over": at >= picture.ends_at,
        "missing": [
            {**asdict(one), "merchant": names.get(one.merchant_id, "")} for one in picture.missing
        ],
        "drawers": [
            {**asdict(one), "name": people.get(f"staff:{one.staff_id}", "")}
            for one in picture.drawers
        ],
        "close": _close(closed) if closed else None,
        "people": people,
    }
    return cast("DayPictureTold", made)


def _close(row: DayCloseRow) -> CloseTold:
    return {
        "business_on": row.business_on,
        "closed_by": row.closed_by,
        "closed_at": row.closed_at,
        "reason": row.reason,
        "payments": row.payments,
        "charged_fen": row.charged_fen,
        "debit_fen": row.debit_fen,
        "credit_fen": row.credit_fen,
        "missing": row.missing,
    }
