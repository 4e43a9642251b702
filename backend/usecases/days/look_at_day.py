"""Look at a business day before it is closed, or after."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.day_close import DayPicture
from backend.domain.report import begin_of, day_after
from backend.domain.visit import HALL
from backend.tables.day_books import read_picture
from backend.tables.remittance import DayCloseRow
from campus_code import RulesBundle


@dataclass(frozen=True, slots=True)
class DayLooked:
    """A day as it stands now, and the close, where there is one."""

    picture: DayPicture
    closed: DayCloseRow | None


async def look_at_day(business_on: int, rules: RulesBundle) -> DayLooked:
    """The day's picture. InvalidInputError: there is no such day."""
    offset, starts = rules.utc_offset_seconds, rules.day_starts_minute
    begins_at = begin_of(business_on, offset, starts)
    ends_at = begin_of(day_after(business_on), offset, starts)
    hall = frozenset(group.id for group in rules.groups.values() if group.kind == HALL)
    picture = await read_picture(business_on, begins_at, ends_at, hall)
    return DayLooked(picture, await DayCloseRow.get_or_none(business_on=business_on))
