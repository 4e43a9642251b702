"""The days of bills, newest first, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from tortoise.functions import Min

from backend.domain.bill_day import KEPT_DAYS, day_from, day_of, ready_at
from backend.tables.bill import BillDayRow, BillRow
from backend.tables.top_up import TopUpRow
from campus_code.days import day_number

DAYS_PER_PAGE: Final = 31
BOTH: Final = 2


class DayState(StrEnum):
    """Where a day stands."""

    NOT_READY = "not_ready"
    """WeChat Pay has not made its bills yet."""
    MISSING = "missing"
    FETCHED = "fetched"
    """Both bills are here, and not held against the books yet."""
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class DayListed:
    """A day; without a row nothing was reconciled yet."""

    day_on: date
    state: DayState
    row: BillDayRow | None


async def list_days(at: int, before_on: int) -> list[DayListed]:
    """At most DAYS_PER_PAGE days before one (0: before today), back to the first known."""
    newest = day_of(at) if not before_on else day_from(before_on, "before")
    oldest = await _first_day(at)
    newest = min(newest, day_of(at))
    days = [newest - timedelta(days=one) for one in range(1, DAYS_PER_PAGE + 1)]
    days = [day_on for day_on in days if day_on >= oldest]
    if not days:
        return []
    low, high = day_number(days[-1]), day_number(days[0])
    rows = {row.id: row for row in await BillDayRow.filter(id__gte=low, id__lte=high)}
    here: dict[int, int] = {}
    for day in await BillRow.filter(day_on__gte=low, day_on__lte=high).values_list(
        "day_on", flat=True
    ):
        number = int(str(day))
        here[number] = here.get(number, 0) + 1
    return [
        DayListed(one, _state(one, rows.get(day_number(one)), here, at), rows.get(day_number(one)))
        for one in days
    ]


async def _first_day(at: int) -> date:
    ((first_at,),) = await TopUpRow.annotate(first_at=Min("started_at")).values_list("first_at")
    ((first_on,),) = await BillRow.annotate(first_on=Min("day_on")).values_list("first_on")
    known = [day_of(int(first_at))] if first_at is not None else []
    known += [day_from(int(first_on))] if first_on is not None else []
    return min(known, default=day_of(at) - timedelta(days=KEPT_DAYS))


def _state(day_on: date, row: BillDayRow | None, here: dict[int, int], at: int) -> DayState:
    if here.get(day_number(day_on), 0) < BOTH:
        return DayState.NOT_READY if at < ready_at(day_on) else DayState.MISSING
    if row is None or not row.reconciled_by:
        return DayState.FETCHED
    return DayState.DIFFERS if row.differences else DayState.AGREES
