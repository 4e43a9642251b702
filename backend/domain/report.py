"""Reports: what may be asked for, what a column holds, and what a table of figures adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from backend.domain.bill_day import day_from
from backend.domain.errors import InvalidInputError
from campus_code.days import day_number

RANGE_DAYS_MAX: Final = 400
"""The longest span of days of one report: a year, and what a school's year is longer."""
INACTIVE_DAYS: Final = 180
INACTIVE_DAYS_MAX: Final = 3_650


class Dimension(StrEnum):
    """What the totals a day are kept by, beside merchant and period (`period_total`)."""

    TERMINAL = "terminal"
    CLASS = "class"
    DEPARTMENT = "department"

    @property
    def is_by_merchant(self) -> bool:
        """Departments × merchants × days would be as many rows as payments."""
        return self is not Dimension.DEPARTMENT


class ReportKind(StrEnum):
    """What may be asked for; the word in the address."""

    DAYS = "days"
    MERCHANTS = "merchants"
    PERIODS = "periods"
    TERMINALS = "terminals"
    CLASSES = "classes"
    DEPARTMENTS = "departments"
    CASHIERS = "cashiers"
    WINDOW_CASHIERS = "window-cashiers"
    CHANNELS = "channels"
    FEES = "fees"
    EXCEPTIONS = "exceptions"
    INACTIVE = "inactive"
    TRIAL_BALANCE = "trial-balance"


TITLES: Final[Mapping[ReportKind, tuple[str, str]]] = {
    ReportKind.DAYS: ("日报", "By day"),
    ReportKind.MERCHANTS: ("商户报表", "By merchant"),
    ReportKind.PERIODS: ("餐次报表", "By meal period"),
    ReportKind.TERMINALS: ("终端报表", "By terminal"),
    ReportKind.CLASSES: ("卡类报表", "By class of card"),
    ReportKind.DEPARTMENTS: ("院系报表", "By department"),
    ReportKind.CASHIERS: ("柜台收银报表", "By cashier at the counter"),
    ReportKind.WINDOW_CASHIERS: ("窗口收银员报表", "By cashier at the window"),
    ReportKind.CHANNELS: ("充值渠道报表", "Top-ups by channel"),
    ReportKind.FEES: ("管理费与佣金报表", "Fees and commissions"),
    ReportKind.EXCEPTIONS: ("异常报表", "Exceptions"),
    ReportKind.INACTIVE: ("不活动卡报表", "Inactive cards"),
    ReportKind.TRIAL_BALANCE: ("试算平衡表", "Trial balance"),
}


class Unit(StrEnum):
    """How a column's values are read and shown."""

    TEXT = "text"
    COUNT = "count"
    FEN = "fen"
    DAY = "day"
    AT = "at"


ADDED: Final = frozenset({Unit.COUNT, Unit.FEN})
"""Units that are added up."""

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `is_added`: a total of it means something."""

    key: str
    zh: str
    en: str
    unit: Unit = Unit.FEN
    is_added: bool = True


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a row's figures come from: the list to open, and its filters."""

    list: str = ""
    filters: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report."""

    cells: Mapping[str, Cell]
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Span:
    """Business days, first and last with them (YYYYMMDD)."""

    first_on: int
    last_on: int


@dataclass(frozen=True, slots=True)
class Report:
    """A table of figures."""

    kind: ReportKind
    span: Span
    columns: Sequence[Column]
    lines: Sequence[Line]

    @property
    def totals(self) -> dict[str, int]:
        """The sum of each column that is added up."""
        return {
            column.key: sum(int(line.cells.get(column.key) or 0) for line in self.lines)
            for column in self.columns
            if column.is_added and column.unit in ADDED
        }


def read_span(first_on: int, last_on: int, today_on: int) -> Span:
    """Two days as they were asked for; 0 and 0: today, 0 for one of them: the other.

    Raises:
        InvalidInputError: no such day, the wrong way round, or more than RANGE_DAYS_MAX.

    """
    first_on, last_on = first_on or last_on or today_on, last_on or first_on or today_on
    days = (day_from(last_on, "last_on") - day_from(first_on, "first_on")).days
    if days < 0:
        raise InvalidInputError("last_on", "is before first_on", zh="结束日期不能早于开始日期。")
    if days >= RANGE_DAYS_MAX:
        raise InvalidInputError(
            "first_on",
            f"a report spans {RANGE_DAYS_MAX} days at most",
            zh=f"一份报表最多 {RANGE_DAYS_MAX} 天。",
        )
    return Span(first_on, last_on)


def day_after(day_on: int) -> int:
    """The next day's number."""
    return day_number(day_from(day_on) + timedelta(days=1))


def begin_of(day_on: int, utc_offset_seconds: int, day_starts_minute: int) -> int:
    """The Unix second at which a business day begins."""
    days = (day_from(day_on) - date(1970, 1, 1)).days
    return days * 86_400 + day_starts_minute * 60 - utc_offset_seconds
