"""Reports as JSON and as files to keep, each line with the list that it comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import Day
from backend.domain.errors import NotFoundError
from backend.domain.place import beyond_reach
from backend.domain.report import (
    INACTIVE_DAYS,
    INACTIVE_DAYS_MAX,
    TITLES,
    Report,
    ReportKind,
    read_span,
)
from backend.domain.report_columns import BY_MERCHANT
from backend.tables.places import merchants_at, merchants_within
from backend.usecases.reports.make_report import ReportAsked, make_report
from campus_code import business_day

routes = Blueprint("admin_reports")

DAY_MAX = 99_991_231
ID_MAX = 2**31 - 1

UnitWord = Literal["text", "count", "fen", "day", "at"]


class ReportQuery(Shape):
    """Business days, first and last with them; 0 and 0: today. `merchant_id` 0: all merchants.

    `place_id`: of the merchants there and below, 0: of all. `days`: since how many days a card
    counts as inactive. `book_id`: of a campus' book ("0": the school's own), "": of the school.
    """

    first_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    last_on: Annotated[int, Field(ge=0, le=DAY_MAX)] = 0
    merchant_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    place_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    days: Annotated[int, Field(ge=1, le=INACTIVE_DAYS_MAX)] = INACTIVE_DAYS
    book_id: Annotated[str, Field(pattern=r"^[0-9]{0,9}$")] = ""


class KindTold(TypedDict):
    """One report that can be asked for."""

    kind: str
    zh: str
    en: str
    is_by_merchant: bool


class KindsTold(TypedDict):
    """Every report."""

    reports: list[KindTold]


class ColumnTold(TypedDict):
    """A column: how its cells are read, and what it is called."""

    key: str
    zh: str
    en: str
    unit: UnitWord


class TraceTold(TypedDict):
    """The list a line's figures come from ("": none), and the filters to ask it with."""

    list: str
    filters: dict[str, str | int]


class LineTold(TypedDict):
    """One line. A text in both languages has a second cell, `<key>_en`."""

    cells: dict[str, str | int | None]
    trace: TraceTold


class ReportTold(TypedDict):
    """A table of figures; `totals` has the sum of each column that can be added up."""

    kind: str
    zh: str
    en: str
    first_on: Day
    last_on: Day
    columns: list[ColumnTold]
    lines: list[LineTold]
    totals: dict[str, int]


@routes.get("/reports")
@for_staff("reports.read", scoped=True)
@described(KindsTold)
async def list_reports(_request: Request) -> HTTPResponse:
    """Every report there is."""
    body: KindsTold = {
        "reports": [
            {"kind": kind.value, "zh": zh, "en": en, "is_by_merchant": kind in BY_MERCHANT}
            for kind, (zh, en) in TITLES.items()
        ]
    }
    return answer(body)


@routes.get("/reports/<kind:str>")
@for_staff("reports.read", scoped=True)
@described(ReportTold, query=ReportQuery)
async def read_report(request: Request, kind: str) -> HTTPResponse:
    """One report; seconds old, from totals a day."""
    return answer(_told(await report_of(request, kind, read_query(request, ReportQuery))))


async def report_of(request: Request, kind: str, query: ReportQuery) -> Report:
    """What a report's page and its files are made of."""
    if kind not in {one.value for one in ReportKind}:
        raise NotFoundError("unknown_report", zh="没有这种报表。", en="There is no such report.")
    actor = actor_of(request)
    book_id = int(query.book_id) if query.book_id else None
    # whoever is at a campus sees its own book, and of the others what it owes them and they owe it
    has_book = book_id is not None and actor.reach.has_place(book_id)
    if not (actor.reach.is_whole_school or kind in BY_MERCHANT or has_book):
        raise beyond_reach("reports.read")
    merchant_ids = merchants_within(actor, query.merchant_id)
    at_place = await merchants_at(actor, query.place_id) if query.place_id else None
    if at_place is not None:
        merchant_ids = at_place if merchant_ids is None else at_place & merchant_ids
    parts = parts_of(request)
    at, rules = int(parts.clock()), parts.rules.bundle
    asked = ReportAsked(
        kind=ReportKind(kind),
        span=read_span(query.first_on, query.last_on, business_day(at, rules)),
        # a book is no merchant's: whose right ends at a campus has shown that it is his
        merchant_ids=None if has_book else merchant_ids,
        inactive_days=query.days,
        at=at,
        book_id=book_id,
    )
    return await make_report(asked, rules)


def _told(made: Report) -> ReportTold:
    zh, en = TITLES[made.kind]
    return {
        "kind": made.kind.value,
        "zh": zh,
        "en": en,
        "first_on": made.span.first_on,
        "last_on": made.span.last_on,
        "columns": [
            {"key": one.key, "zh": one.zh, "en": one.en, "unit": one.unit.value}
            for one in made.columns
        ],
        "lines": [
            {
                "cells": dict(line.cells),
                "trace": {"list": line.trace.list, "filters": dict(line.trace.filters)},
            }
            for line in made.lines
        ],
        "totals": made.totals,
    }
