"""Make one report: sums by what was asked for, with names, and where each line comes from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.domain.accounts import SchoolAccount, is_merchant, merchant_account, purse_of
from backend.domain.errors import InvalidInputError
from backend.domain.lot import Origin
from backend.domain.report import (
    Cell,
    Dimension,
    Line,
    Report,
    ReportKind,
    Span,
    Trace,
)
from backend.domain.report_columns import BY_MERCHANT, COLUMNS, COUNTS, MONEY
from backend.domain.report_words import (
    ACCOUNT_WORDS,
    CHANNEL_WORDS,
    EXCEPTION_WORDS,
    PURSE_WORDS,
)
from backend.tables import report_reads as reads
from backend.tables.books import read_campuses
from backend.tables.merchant import MerchantRow
from backend.tables.remittances import rates_on
from backend.tables.shifts import names_of_cashiers
from backend.tables.staff import StaffRow
from backend.tables.terminal import TerminalRow
from campus_code import RulesBundle

DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What is asked for; `merchant_ids` None: of all merchants. `at` is Unix seconds."""

    kind: ReportKind
    span: Span
    merchant_ids: frozenset[int] | None
    inactive_days: int
    at: int
    book_id: int | None = None


async def make_report(asked: ReportAsked, rules: RulesBundle) -> Report:
    """One table of figures; `book_id` None: of the whole school.

    Raises:
        InvalidInputError: this report is not told by merchant, or not by book.

    """
    if asked.book_id is not None and asked.kind is not ReportKind.TRIAL_BALANCE:
        raise InvalidInputError(
            "book_id", "this report is not told by book", zh="该报表不能按账簿筛选。"
        )
    if asked.merchant_ids is not None and asked.kind not in BY_MERCHANT:
        raise InvalidInputError(
            "merchant_id", "this report is not told by merchant", zh="该报表不能按商户筛选。"
        )
    lines = await _MAKERS[asked.kind](asked, rules)
    return Report(asked.kind, asked.span, COLUMNS[asked.kind], lines)


async def _days(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    return [
        _line(row, {"day_on": row["business_on"]}, _payments(asked, row["business_on"]))
        for row in await reads.sums_by_day(asked.span, asked.merchant_ids)
    ]


async def _merchants(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    names = await _merchant_names()
    return [
        _line(
            row,
            {"name": names.get(row["merchant_id"], "")},
            _payments(asked, merchant_id=row["merchant_id"]),
        )
        for row in await reads.sums_by_merchant(asked.span, asked.merchant_ids)
    ]


async def _periods(asked: ReportAsked, rules: RulesBundle) -> list[Line]:
    names = {one.id: (one.zh, one.en) for one in rules.periods}
    lines = []
    for row in await reads.sums_by_period(asked.span, asked.merchant_ids):
        period_id = row["period_id"]
        unnamed = (period_id, period_id) if period_id else ("餐次以外", "outside all meals")
        zh, en = names.get(period_id, unnamed)
        trace = _payments(asked, period_id=period_id or NO_PERIOD)
        lines.append(_line(row, {"name": zh, "name_en": en}, trace))
    return lines


async def _terminals(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    merchants = await _merchant_names()
    rows = await reads.sums_by(Dimension.TERMINAL, asked.span, asked.merchant_ids)
    ids = [int(row["value"]) for row in rows]
    terminals = {one.id: one for one in await TerminalRow.filter(id__in=ids)}
    lines = []
    for row in rows:
        terminal_id = int(row["value"])
        one = terminals.get(terminal_id)
        cells: dict[str, Cell] = {
            "name": one.name if one else str(terminal_id),
            "merchant": merchants.get(row["merchant_id"], ""),
        }
        lines.append(_line(row, cells, _payments(asked, terminal_id=terminal_id)))
    return lines


async def _classes(asked: ReportAsked, rules: RulesBundle) -> list[Line]:
    lines = []
    for row in await reads.sums_by(Dimension.CLASS, asked.span, asked.merchant_ids):
        class_id = int(row["value"])
        cells = class_cells(class_id, rules)
        lines.append(_line(row, cells, _payments(asked, class_id=class_id)))
    return lines


async def _departments(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    lines = []
    for row in await reads.sums_by(Dimension.DEPARTMENT, asked.span, None):
        value = row["value"]
        cells: dict[str, Cell] = {
            "name": value or "（无院系）",
            "name_en": value or "(no department)",
            "borne_fen": int(row["borne_fen"]),
        }
        trace = _payments(asked, department=value) if value else Trace()
        lines.append(_line(row, cells, trace))
    return lines


async def _cashiers(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    rows = await reads.sums_of_drawers(asked.span)
    staff = await StaffRow.filter(id__in=[row["staff_id"] for row in rows])
    names = {one.id: one.name for one in staff}
    lines = []
    for row in rows:
        cells: dict[str, Cell] = {name: int(value) for name, value in row.items()}
        cells["name"] = names.get(row["staff_id"], f"staff:{row['staff_id']}")
        filters = {**_span(asked), "staff_id": row["staff_id"]}
        lines.append(Line(cells, Trace("drawers", filters)))
    return lines


async def _window_cashiers(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    rows = await reads.sums_of_shifts(asked.span, asked.merchant_ids)
    merchants = await _merchant_names()
    names = await names_of_cashiers([(row["cashier"], row["merchant_id"]) for row in rows])
    lines = []
    for row in rows:
        cashier, merchant_id = row["cashier"], row["merchant_id"]
        unnamed = (f"编号 {cashier}", f"number {cashier}") if cashier else ("未登记", "no number")
        name = names.get((cashier, merchant_id))
        zh, en = unnamed if name is None else (name, name)
        cells: dict[str, Cell] = {key: int(value or 0) for key, value in row.items()}
        cells |= {"name": zh, "name_en": en, "merchant": merchants.get(merchant_id, "")}
        cells["stands_fen"] = int(row["charged_fen"]) - int(row["voided_fen"])
        filters = {**_span(asked), "cashier": cashier, "merchant_id": merchant_id}
        lines.append(Line(cells, Trace("shifts", filters)))
    return lines


async def _channels(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    lines = []
    lots = await reads.sums_of_lots(asked.span)
    accounts = {
        Origin.WECHAT: SchoolAccount.WECHAT_IN_TRANSIT,
        Origin.CASH: SchoolAccount.CASH_DRAWER,
    }
    for origin, sums in lots.items():
        cells = _channel(CHANNEL_WORDS[origin.value], sums)
        lines.append(Line(cells, _postings(asked, int(accounts[origin]))))
    turned = {row["account_id"]: row for row in await reads.turnovers(asked.span)}
    for account in reads.BENEFITS:
        row = turned.get(int(account), {"debit_fen": 0, "credit_fen": 0, "postings": 0})
        sums = {
            "count": int(row["postings"]),
            "fen": int(row["debit_fen"]),
            "returns": 0,
            "returned_fen": int(row["credit_fen"]),
        }
        cells = _channel(ACCOUNT_WORDS[account], sums)
        lines.append(Line(cells, _postings(asked, int(account))))
    return lines


async def _fees(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    names, kept = await _merchant_names(), await reads.commissions(asked.span)
    rows = await reads.sums_by_merchant(asked.span, asked.merchant_ids)
    rates = await rates_on([row["merchant_id"] for row in rows], asked.span.last_on)
    lines = []
    for row in rows:
        merchant_id = row["merchant_id"]
        fee_fen = int(row["fee_fen"])
        school_fen = int(row["charged_fen"]) - int(row["payable_fen"])
        cells: dict[str, Cell] = {
            "name": names.get(merchant_id, ""),
            "charged_fen": int(row["charged_fen"]),
            "fee_fen": fee_fen,
            "school_fee_fen": school_fen,
            "merchant_fee_fen": fee_fen - school_fen,
            "basis_points": rates.get(merchant_id, 0),
            "commission_fen": kept.get(merchant_id, 0),
        }
        filters = {**_span(asked), "merchant_id": merchant_id}
        lines.append(Line(cells, Trace("settlements", filters)))
    return lines


async def _exceptions(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    lines = []
    for row in await reads.exceptions(asked.span):
        zh, en = EXCEPTION_WORDS[row["what"]]
        cells: dict[str, Cell] = {
            "name": zh,
            "name_en": en,
            "reason": row["reason"],
            "count": int(row["count"]),
            "fen": int(row["fen"] or 0),
        }
        lines.append(Line(cells, _exception_trace(asked, row["what"], row["reason"])))
    return lines


def _exception_trace(asked: ReportAsked, what: str, reason: str) -> Trace:
    if what == "quarantine":
        return Trace("quarantine", {})
    if what in {"risk", "suspense", "courtesy"}:
        account = {} if what == "suspense" else {"account": what}
        return Trace("suspense", {**_span(asked), **account, "reason": reason, "state": "all"})
    return Trace("payments", {**_span(asked), "only": what})


async def _inactive(asked: ReportAsked, rules: RulesBundle) -> list[Line]:
    rows = await reads.inactive(asked.at - asked.inactive_days * DAY_SECONDS)
    lines = []
    for row in rows:
        cells = class_cells(row["class_id"], rules)
        cells |= {"cards": int(row["cards"]), "balance_fen": int(row["balance_fen"])}
        filters = {"class_id": row["class_id"], "days": asked.inactive_days}
        lines.append(Line(cells, Trace("inactive-cards", filters)))
    return lines


async def _trial_balance(asked: ReportAsked, _rules: RulesBundle) -> list[Line]:
    names = await _merchant_names()
    lines = []
    for row in await reads.turnovers(asked.span, asked.book_id):
        account_id = row["account_id"]
        trace = _postings(asked, account_id)
        if asked.book_id is not None and purse_of(account_id):
            trace = Trace("postings", {**trace.filters, "book_id": asked.book_id})
        lines.append(_balance(row, account_words(account_id, names), trace))
    if asked.book_id is None:
        return lines
    campuses = {one.id: one.name for one in await read_campuses()}
    for row in await reads.flows(asked.span, asked.book_id):
        name = campuses.get(row["other_book"])
        zh, en = ("校本部", "the school's own book") if name is None else (name, name)
        words = f"与{zh}往来", f"Due between this book and {en}"
        between = {"between": f"{asked.book_id}-{row['other_book']}"}
        lines.append(_balance(row, words, Trace("postings", {**_span(asked), **between})))
    return lines


def _balance(row: Mapping[str, Any], words: tuple[str, str], trace: Trace) -> Line:
    opening, debit, credit = (int(row[name]) for name in ("opening_fen", "debit_fen", "credit_fen"))
    cells: dict[str, Cell] = {
        "name": words[0],
        "name_en": words[1],
        "opening_debit_fen": max(-opening, 0),
        "opening_credit_fen": max(opening, 0),
        "debit_fen": debit,
        "credit_fen": credit,
        "closing_debit_fen": max(debit - credit - opening, 0),
        "closing_credit_fen": max(opening + credit - debit, 0),
        "postings": int(row["postings"]),
    }
    return Line(cells, trace)


NO_PERIOD: Final = "-"
"""How the list of payments is asked for those outside all meals."""

_MAKERS: Final[
    Mapping[ReportKind, Callable[[ReportAsked, RulesBundle], Awaitable[Sequence[Line]]]]
] = {
    ReportKind.DAYS: _days,
    ReportKind.MERCHANTS: _merchants,
    ReportKind.PERIODS: _periods,
    ReportKind.TERMINALS: _terminals,
    ReportKind.CLASSES: _classes,
    ReportKind.DEPARTMENTS: _departments,
    ReportKind.CASHIERS: _cashiers,
    ReportKind.WINDOW_CASHIERS: _window_cashiers,
    ReportKind.CHANNELS: _channels,
    ReportKind.FEES: _fees,
    ReportKind.EXCEPTIONS: _exceptions,
    ReportKind.INACTIVE: _inactive,
    ReportKind.TRIAL_BALANCE: _trial_balance,
}


def class_cells(class_id: int, rules: RulesBundle) -> dict[str, Cell]:
    """A class's name in both languages, its number where the rules know it no more."""
    known = rules.classes.get(class_id)
    zh, en = (known.zh, known.en) if known else (f"卡类 {class_id}", f"class {class_id}")
    return {"name": zh, "name_en": en}


def account_words(account_id: int, merchants: Mapping[int, str]) -> tuple[str, str]:
    """An account's name in both languages."""
    if purse := purse_of(account_id):
        return PURSE_WORDS[purse]
    if is_merchant(account_id):
        name = merchants.get(account_id - merchant_account(0), "")
        return f"应付商户 {name}", f"Payable to {name}"
    return ACCOUNT_WORDS[SchoolAccount(account_id)]


def _line(row: Mapping[str, Any], cells: dict[str, Cell], trace: Trace) -> Line:
    keys = (one.key for one in (*COUNTS, *MONEY) if one.key != "net_fen")
    cells |= {key: int(row[key]) for key in keys}
    cells["net_fen"] = int(row["payable_fen"]) - int(row["corrected_fen"])
    return Line(cells, trace)


def _channel(words: tuple[str, str], sums: Mapping[str, int]) -> dict[str, Cell]:
    zh, en = words
    net_fen = sums["fen"] - sums["returned_fen"]
    return {"name": zh, "name_en": en, **sums, "net_fen": net_fen}


def _span(asked: ReportAsked) -> dict[str, str | int]:
    return {"first_on": asked.span.first_on, "last_on": asked.span.last_on}


def _payments(asked: ReportAsked, day_on: int = 0, **filters: str | int) -> Trace:
    span = {"first_on": day_on, "last_on": day_on} if day_on else _span(asked)
    mine: dict[str, str | int] = {}
    if asked.merchant_ids and len(asked.merchant_ids) == 1:
        mine["merchant_id"] = next(iter(asked.merchant_ids))
    return Trace("payments", {**span, **mine, **filters})


def _postings(asked: ReportAsked, account_id: int) -> Trace:
    return Trace("postings", {**_span(asked), "account_id": account_id})


async def _merchant_names() -> dict[int, str]:
    return {row.id: row.name for row in await MerchantRow.all()}
