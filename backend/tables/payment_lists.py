"""The lists behind a report's figures: payments by business day, postings by day of booking.

Newest day first. Totals a day say which days have anything of what is asked for, so a list never
looks through days that cannot have a line, and a page costs what its own days cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tortoise.expressions import F, Q, Subquery

from backend.domain.accounts import PURSES_MAX, SchoolAccount, purse_account
from backend.domain.bill_day import bounds_of, day_from, day_of
from backend.domain.report import Dimension, Span
from backend.tables import sql
from backend.tables.account import PostingRow
from backend.tables.cardholder import CardholderRow
from backend.tables.merchant import PeriodTotalRow
from backend.tables.payment import PaymentRow
from backend.tables.report import AccountDayRow, BookFlowRow, DayTotalRow, LaneDayRow
from campus_code.days import day_number

ONLY: Final = ("dispute", "refund", "void", "reversal")
"""Payments with which something went otherwise, as the report of exceptions counts them."""
GIVERS: Final = tuple(
    int(one)
    for one in (SchoolAccount.OPENING, SchoolAccount.BENEFIT_SOURCE, SchoolAccount.PROMOTION)
)
"""Where purses are filled from without a row that names the holder."""
_BOOK_OF: Final = "(SELECT a.book_id FROM account a WHERE a.id={})"
_NEWEST = (1 << 63) - 1
_PURSE_BASE = purse_account(0, "cash")


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments; 0, "" and None: all. `sequences`: the first and last of a terminal's own."""

    span: Span
    merchant_ids: frozenset[int] | None = None
    terminal_id: int = 0
    class_id: int | None = None
    period_id: str | None = None
    department: str = ""
    only: str = ""
    sequences: tuple[int, int] | None = None

    @property
    def of_merchants(self) -> dict[str, Any]:
        """The filter by merchant; nothing for all."""
        if self.merchant_ids is None:
            return {}
        return {"merchant_id__in": sorted(self.merchant_ids)}


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One posting, and the Beijing day on which it was booked."""

    row: PostingRow
    booked_on: int


async def read_payments(
    asked: PaymentFilter, after: tuple[int, int] | None, rows_max: int
) -> list[PaymentRow]:
    """Payments after one (business day, id), newest day first and newest entry of a day first."""
    day_on, before_id = after or (asked.span.last_on, _NEWEST)
    if asked.only:
        return await _exceptional(asked, after, rows_max)
    found: list[PaymentRow] = []
    for day in await _days_of(asked, min(day_on, asked.span.last_on)):
        query = PaymentRow.filter(business_on=day, **_equals(asked))
        if day == day_on:
            query = query.filter(id__lt=before_id)
        query = _of_department(query, asked.department).annotate(place=F("id") + 0)
        # by an expression: ordered by its key the table would be read backwards from its end
        found += await query.order_by("-place").limit(rows_max - len(found))
        if len(found) >= rows_max:
            break
    return found


async def _days_of(asked: PaymentFilter, last_on: int) -> list[int]:
    """Business days with such payments, newest first."""
    span = {"business_on__gte": asked.span.first_on, "business_on__lte": last_on}
    query = DayTotalRow.filter(payments__gt=0, **span)
    if asked.department:
        query = query.filter(dimension=Dimension.DEPARTMENT.value, value=asked.department)
    elif asked.terminal_id:
        query = query.filter(dimension=Dimension.TERMINAL.value, value=str(asked.terminal_id))
    elif asked.class_id is not None:
        query = query.filter(dimension=Dimension.CLASS.value, value=str(asked.class_id))
    else:
        more = {} if asked.period_id is None else {"period_id": asked.period_id}
        totals = PeriodTotalRow.filter(payments__gt=0, **span, **more, **asked.of_merchants)
        return _numbers(await totals.order_by("-business_on").distinct().values("business_on"))
    return _numbers(await query.order_by("-business_on").distinct().values("business_on"))


def _numbers(rows: list[dict[str, Any]]) -> list[int]:
    return [row["business_on"] for row in rows]


def _equals(asked: PaymentFilter) -> dict[str, Any]:
    equals: dict[str, Any] = asked.of_merchants
    if asked.terminal_id:
        equals["terminal_id"] = asked.terminal_id
    if asked.sequences is not None:
        equals["sequence__gte"], equals["sequence__lte"] = asked.sequences
    if asked.class_id is not None:
        equals["class_id"] = asked.class_id
    if asked.period_id is not None:
        equals["period_id"] = asked.period_id
    return equals


def _of_department(query: Any, department: str) -> Any:  # noqa: ANN401 - Tortoise's query
    if not department:
        return query
    holders = CardholderRow.filter(department=department)
    return query.filter(holder_id__in=Subquery(holders.values("id")))


async def _exceptional(
    asked: PaymentFilter, after: tuple[int, int] | None, rows_max: int
) -> list[PaymentRow]:
    """Found by the small tables that tell what went otherwise, by when that was told."""
    begins_at, _ = bounds_of(day_from(asked.span.first_on))
    _, ends_at = bounds_of(day_from(asked.span.last_on))
    table, column, at, more = {
        "dispute": ("dispute", "id", "opened_at", ""),
        "refund": ("correction", "payment_id", "posted_at", " AND kind='refund'"),
        "void": ("correction", "payment_id", "posted_at", " AND kind='void'"),
        "reversal": ("reversal", "payment_id", "posted_at", ""),
    }[asked.only]
    told = sql.select(column, table, f"{at}>={begins_at} AND {at}<{ends_at}{more}")
    wanted = f"y.id IN ({told})"
    if asked.merchant_ids is not None:
        wanted += f" AND y.merchant_id IN ({sql.numbers(asked.merchant_ids)})"
    if after:
        day_on, before_id = (int(one) for one in after)
        wanted += f" AND (y.business_on<{day_on} OR (y.business_on={day_on} AND y.id<{before_id}))"
    tail = f" ORDER BY y.business_on DESC,y.id DESC LIMIT {int(rows_max)}"
    ids = [row["id"] for row in await _rows(sql.select("y.id", "payment y", wanted, tail))]
    return await PaymentRow.filter(id__in=ids).order_by("-business_on", "-id")


async def read_postings(
    whose: tuple[int, int | None], span: Span, after: tuple[int, int] | None, rows_max: int
) -> list[PostingLine]:
    """Postings of (account, book; None: any) after one (day of booking, id), newest day first.

    The account of nobody's purse stands for all purses of its kind, as in the trial balance.
    """
    day_on, _ = after or (span.last_on, _NEWEST)
    days = await _booked_days(whose, Span(span.first_on, min(day_on, span.last_on)))
    return await _on_days(days, _touches(*whose), after, rows_max)


async def read_crossings(
    books: tuple[int, int], span: Span, after: tuple[int, int] | None, rows_max: int
) -> list[PostingLine]:
    """The postings between two books, either way, as `read_postings` tells those of an account."""
    day_on, _ = after or (span.last_on, _NEWEST)
    inside = Q(booked_on__gte=span.first_on, booked_on__lte=min(day_on, span.last_on))
    rows = await BookFlowRow.filter(inside, source_book__in=books, target_book__in=books)
    days = {row.booked_on for row in rows}
    one, other = (int(book) for book in books)
    source, target = _BOOK_OF.format("posting.source_id"), _BOOK_OF.format("posting.target_id")
    crossing = f"({source}={one} AND {target}={other}) OR ({source}={other} AND {target}={one})"
    return await _on_days(sorted(days, reverse=True), crossing, after, rows_max)


async def _on_days(
    days: Sequence[int], condition: str, after: tuple[int, int] | None, rows_max: int
) -> list[PostingLine]:
    """The postings of these days, newest first, that fit a condition."""
    day_on, before_id = after or (0, _NEWEST)
    found: list[PostingLine] = []
    for day in days:
        below = before_id if day == day_on else _NEWEST
        rows = await _booked_on(condition, day, below, rows_max - len(found))
        found += [PostingLine(row, day) for row in rows]
        if len(found) >= rows_max:
            break
    return found


async def _booked_days(whose: tuple[int, int | None], span: Span) -> list[int]:
    """Beijing days on which something of an account in a book was booked, newest first."""
    account_id, book_id = whose
    days = AccountDayRow.filter(booked_on__gte=span.first_on, booked_on__lte=span.last_on)
    if account_id < _PURSE_BASE + PURSES_MAX:
        mine = days.filter(account_id=account_id)
        if book_id is not None:
            mine = mine.filter(book_id=book_id)
        # purses of a kind have a row for each book
        return sorted({row.booked_on for row in await mine.only("booked_on")}, reverse=True)
    # one purse: what its holder did, and the days on which somebody may have been given something
    given = {row.booked_on for row in await days.filter(account_id__in=GIVERS).only("booked_on")}
    holder_id = (account_id - _PURSE_BASE) // PURSES_MAX
    told = {day_number(day_of(at)) for at in await _moments_of(holder_id)}
    return sorted(
        (day for day in told | given if span.first_on <= day <= span.last_on), reverse=True
    )


async def _moments_of(holder_id: int) -> list[int]:
    """When anything was posted that a row tells of a holder."""
    mine = f"holder_id={int(holder_id)}"
    found: list[int] = []
    for table in ("payment", "credit", "lot", "lot_return"):
        found += [row["at"] for row in await _rows(sql.select("posted_at AS at", table, mine))]
    for table in ("reversal", "correction"):
        joined = f"{table} c JOIN payment y ON y.id=c.payment_id"
        rows = await _rows(sql.select("c.posted_at AS at", joined, f"y.{mine}"))
        found += [row["at"] for row in rows]
    return found


async def _booked_on(condition: str, day_on: int, below: int, rows_max: int) -> list[PostingRow]:
    spans = await LaneDayRow.filter(booked_on=day_on, after_id__lt=below).order_by("-after_id")
    ids: list[int] = []
    for span in spans:
        inside = f"id>{span.after_id} AND id<={min(span.through_id, below - 1)}"
        tail = f" ORDER BY id DESC LIMIT {rows_max - len(ids)}"
        wanted = f"{inside} AND ({condition})"
        ids += [row["id"] for row in await _rows(sql.select("id", "posting", wanted, tail))]
        if len(ids) >= rows_max:
            break
    return await PostingRow.filter(id__in=ids).order_by("-id")


def _touches(account_id: int, book_id: int | None) -> str:
    """The condition on a posting; nobody's purse stands for all of its kind, in one book or any."""
    if _PURSE_BASE <= account_id < _PURSE_BASE + PURSES_MAX:
        place = account_id % PURSES_MAX
        return " OR ".join(
            f"({side}>={_PURSE_BASE} AND {side}%{PURSES_MAX}={place}{_in_book(side, book_id)})"
            for side in ("source_id", "target_id")
        )
    return f"source_id={int(account_id)} OR target_id={int(account_id)}"


def _in_book(side: str, book_id: int | None) -> str:
    """That the account on one side of a posting stands in a book; nothing for any book."""
    if book_id is None:
        return ""
    return f" AND {_BOOK_OF.format(f'posting.{side}')}={int(book_id)}"


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers and words of our own came into it."""
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
