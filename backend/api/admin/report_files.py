"""Reports and the lists behind them as files: CSV, XLSX, and reports as PDF."""

from __future__ import annotations

import asyncio
from typing import Final, Literal, TypeVar

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_staff
from backend.api.admin.ledger_lists import (
    PaymentsFilter,
    PostingsFilter,
    filter_of,
    find_postings,
    payments_told,
    posting_told,
    today_of,
)
from backend.api.admin.reports import ReportQuery, report_of
from backend.api.admin.settlements import SettlementsFilter, settlement_filter
from backend.api.admin.suspense import SuspenseItems, suspense_filter
from backend.api.described import described
from backend.api.exporting import (
    EXPORT_MEDIA,
    Export,
    ExportQuery,
    Pages,
    Row,
    export_list,
    exported,
    make_file,
)
from backend.api.parts import parts_of
from backend.api.reading import read_query
from backend.api.report_pdf import draw_report
from backend.domain.export import too_many_rows
from backend.domain.report import TITLES, Report, Unit, read_span
from backend.domain.sheet import Column, Kind, local_time
from backend.tables.payment_lists import read_payments
from backend.tables.remittances import read_settlements
from backend.tables.suspense_items import read_items
from backend.usecases.exports.note_export import note_export

routes = Blueprint("admin_report_files")

PDF: Final = "application/pdf"
PDF_ROWS_MAX: Final = 3_000
"""Lines of a PDF: some ninety pages; what is longer is read in a spreadsheet."""
PAGE_ROWS: Final = 1_000
KINDS: Final = {
    Unit.TEXT: Kind.TEXT,
    Unit.COUNT: Kind.NUMBER,
    Unit.FEN: Kind.FEN,
    Unit.DAY: Kind.DAY,
    Unit.AT: Kind.TIME,
}


class ReportFileQuery(ReportQuery):
    """The report's own filters, which file, and in which language a PDF is written."""

    format: Literal["csv", "xlsx", "pdf"] = "xlsx"
    language: Literal["zh", "en"] = "zh"


@routes.get("/reports/<kind:str>/export")
@for_staff("reports.read", scoped=True)
@described(None, query=ReportFileQuery, media=(*EXPORT_MEDIA, PDF))
async def export_report(request: Request, kind: str) -> HTTPResponse:
    """The report as a file, its totals in the last line; noted in the trail."""
    query = read_query(request, ReportFileQuery)
    made = await report_of(request, kind, query)
    actor, at = actor_of(request), int(parts_of(request).clock())
    if query.format == "pdf":
        answer = await _pdf(request, made, query.language)
    else:
        said = ExportQuery(format=query.format)
        file = await make_file(request, _export_of(made), said)
        if file is None:
            raise too_many_rows()
        answer = file.answer
    names = list(query.model_dump(exclude={"format"}, exclude_defaults=True))
    what = f"report_{made.kind.value.replace('-', '_')}"
    await note_export(what, len(made.lines), query.format, names, actor=actor, at=at)
    return answer


async def _pdf(request: Request, made: Report, language: str) -> HTTPResponse:
    parts = parts_of(request)
    if len(made.lines) > PDF_ROWS_MAX:
        raise too_many_rows()
    now = local_time(int(parts.clock()), parts.rules.bundle.utc_offset_seconds)
    said_at = now.isoformat(" ", "minutes")
    school = parts.rules.bundle.school
    body = await asyncio.to_thread(draw_report, made, school, said_at, language=language)
    name = f"report-{made.kind.value}-{made.span.first_on}-{made.span.last_on}.pdf"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
    }
    return HTTPResponse(body, content_type=PDF, headers=headers)


def _export_of(made: Report) -> Export:
    """A report as a list of one page."""
    zh, en = TITLES[made.kind]
    columns = [Column(one.zh, one.en, KINDS[one.unit]) for one in made.columns]
    totals = made.totals
    rows: list[Row] = [[line.cells.get(one.key) for one in made.columns] for line in made.lines]
    if totals and rows:
        last: list[str | int | None] = [totals.get(one.key) for one in made.columns]
        rows.append(["合计 · Total", *last[1:]])
        if made.columns[0].unit is not Unit.TEXT:
            columns[0] = Column(columns[0].zh, columns[0].en, Kind.TEXT)
            rows[:-1] = [[str(row[0]), *row[1:]] for row in rows[:-1]]

    async def pages(_query: object, _request: Request) -> Pages:
        yield rows

    what = f"report_{made.kind.value.replace('-', '_')}"
    return Export(what, zh, en, "reports.read", ExportQuery, columns, pages)


class PaymentsFileQuery(ExportQuery, PaymentsFilter):
    """The list's own filters, and which file."""


class PostingsFileQuery(ExportQuery, PostingsFilter):
    """The list's own filters, and which file."""


class SettlementsFileQuery(ExportQuery, SettlementsFilter):
    """The list's own filters, and which file."""


class SuspenseFileQuery(ExportQuery, SuspenseItems):
    """The list's own filters, and which file."""


AnyDated = TypeVar("AnyDated", PaymentsFileQuery, PostingsFileQuery)


async def _payment_pages(query: PaymentsFileQuery, request: Request) -> Pages:
    asked = filter_of(query, actor_of(request), query.last_on)
    after: tuple[int, int] | None = None
    while rows := await read_payments(asked, after, PAGE_ROWS):
        yield [[one.get(key) for key in PAYMENT_KEYS] for one in await payments_told(rows)]  # type: ignore[misc]
        after = (rows[-1].business_on, rows[-1].id)


async def _posting_pages(query: PostingsFileQuery, _request: Request) -> Pages:
    span = read_span(query.first_on, query.last_on, query.last_on)
    after: tuple[int, int] | None = None
    while rows := await find_postings(query, span, after, PAGE_ROWS):
        told = [posting_told(one) for one in rows]
        yield [[one.get(key) for key in POSTING_KEYS] for one in told]  # type: ignore[misc]
        after = (rows[-1].booked_on, rows[-1].row.id)


async def _settlement_pages(query: SettlementsFileQuery, request: Request) -> Pages:
    asked = settlement_filter(query, actor_of(request))
    after: tuple[int, int] | None = None
    while rows := await read_settlements(asked, after, PAGE_ROWS):
        yield [[getattr(one, key) for key in SETTLEMENT_KEYS] for one in rows]
        after = (rows[-1].business_on, rows[-1].settlement_id)


async def _suspense_pages(query: SuspenseFileQuery, _request: Request) -> Pages:
    asked = suspense_filter(query)
    after: tuple[int, int] | None = None
    while rows := await read_items(asked, 0, after, PAGE_ROWS):
        yield [[getattr(one, key) for key in SUSPENSE_KEYS] for one in rows]
        after = (rows[-1].opened_at, rows[-1].id)


PAYMENT_COLUMNS: Final = {
    "payment_id": Column("消费编号", "Payment", Kind.NUMBER),
    "business_on": Column("营业日", "Business day", Kind.DAY),
    "occurred_at": Column("发生时间", "Time", Kind.TIME),
    "posted_at": Column("入账时间", "Posted", Kind.TIME),
    "merchant": Column("商户", "Merchant"),
    "terminal": Column("终端", "Terminal"),
    "sequence": Column("流水号", "Sequence", Kind.NUMBER),
    "class_id": Column("卡类", "Class", Kind.NUMBER),
    "period_id": Column("餐次", "Meal period"),
    "nominal_fen": Column("原价", "Nominal", Kind.FEN),
    "discount_fen": Column("优惠", "Discount", Kind.FEN),
    "fee_fen": Column("管理费", "Fee", Kind.FEN),
    "charged_fen": Column("实收", "Charged", Kind.FEN),
    "borne_fen": Column("学校承担", "Borne by the school", Kind.FEN),
    "returned_fen": Column("已退", "Given back", Kind.FEN),
    "outcome": Column("结果", "Outcome"),
    "reason": Column("原因", "Reason"),
}
"""Without the holder: a file of payments is no file of people."""
POSTING_COLUMNS: Final = {
    "posting_id": Column("分录编号", "Posting", Kind.NUMBER),
    "entry_id": Column("凭证编号", "Entry", Kind.NUMBER),
    "booked_on": Column("记账日", "Booked on", Kind.DAY),
    "kind": Column("类别", "Kind"),
    "source": Column("借方科目", "Debit"),
    "target": Column("贷方科目", "Credit"),
    "amount_fen": Column("金额", "Amount", Kind.FEN),
    "corrects_id": Column("更正的凭证", "Corrects", Kind.NUMBER),
}
SETTLEMENT_COLUMNS: Final = {
    "settlement_id": Column("结算编号", "Settlement", Kind.NUMBER),
    "business_on": Column("营业日", "Business day", Kind.DAY),
    "merchant": Column("商户", "Merchant"),
    "payments": Column("笔数", "Payments", Kind.NUMBER),
    "late_payments": Column("其中迟到", "Late", Kind.NUMBER),
    "gross_fen": Column("营业额", "Gross", Kind.FEN),
    "refunded_fen": Column("退款与冲正", "Given back", Kind.FEN),
    "fee_fen": Column("佣金", "Commission", Kind.FEN),
    "net_fen": Column("应付", "Net", Kind.FEN),
    "settled_at": Column("结算时间", "Settled", Kind.TIME),
    "state": Column("状态", "State"),
}
SUSPENSE_COLUMNS: Final = {
    "id": Column("项目编号", "Item", Kind.NUMBER),
    "account_id": Column("科目编号", "Account", Kind.NUMBER),
    "amount_fen": Column("金额", "Amount", Kind.FEN),
    "reason": Column("原因", "Reason"),
    "opened_at": Column("挂账时间", "Opened", Kind.TIME),
    "settled_by_id": Column("结清凭证", "Settled by", Kind.NUMBER),
}
PAYMENT_KEYS, POSTING_KEYS = tuple(PAYMENT_COLUMNS), tuple(POSTING_COLUMNS)
SETTLEMENT_KEYS, SUSPENSE_KEYS = tuple(SETTLEMENT_COLUMNS), tuple(SUSPENSE_COLUMNS)


PAYMENTS: Final = exported(
    Export(
        "payments",
        "消费",
        "Payments",
        "reports.read",
        PaymentsFileQuery,
        tuple(PAYMENT_COLUMNS.values()),
        _payment_pages,
    )
)
POSTINGS: Final = exported(
    Export(
        "postings",
        "分录",
        "Postings",
        "books.read",
        PostingsFileQuery,
        tuple(POSTING_COLUMNS.values()),
        _posting_pages,
    )
)
SETTLEMENTS: Final = exported(
    Export(
        "settlements",
        "结算",
        "Settlements",
        "settlements.read",
        SettlementsFileQuery,
        tuple(SETTLEMENT_COLUMNS.values()),
        _settlement_pages,
    )
)
SUSPENSE: Final = exported(
    Export(
        "suspense",
        "挂账",
        "Suspense",
        "books.read",
        SuspenseFileQuery,
        tuple(SUSPENSE_COLUMNS.values()),
        _suspense_pages,
    )
)


@routes.get("/payments/export")
@for_staff("reports.read", scoped=True)
@described(None, query=PaymentsFileQuery, media=EXPORT_MEDIA)
async def export_payments(request: Request) -> HTTPResponse:
    """Payments as a file, without who paid."""
    query = read_query(request, PaymentsFileQuery)
    return await export_list(request, PAYMENTS, _dated(request, query))


@routes.get("/postings/export")
@for_staff("books.read")
@described(None, query=PostingsFileQuery, media=EXPORT_MEDIA)
async def export_postings(request: Request) -> HTTPResponse:
    """An account's postings as a file."""
    query = read_query(request, PostingsFileQuery)
    return await export_list(request, POSTINGS, _dated(request, query))


@routes.get("/settlements/export")
@for_staff("settlements.read", scoped=True)
@described(None, query=SettlementsFileQuery, media=EXPORT_MEDIA)
async def export_settlements(request: Request) -> HTTPResponse:
    """Settlements as a file."""
    return await export_list(request, SETTLEMENTS, read_query(request, SettlementsFileQuery))


@routes.get("/suspense/export")
@for_staff("books.read")
@described(None, query=SuspenseFileQuery, media=EXPORT_MEDIA)
async def export_suspense(request: Request) -> HTTPResponse:
    """Items in suspense as a file."""
    return await export_list(request, SUSPENSE, read_query(request, SuspenseFileQuery))


def _dated(request: Request, query: AnyDated) -> AnyDated:
    """The same query with its days said, so that its pages know them."""
    span = read_span(query.first_on, query.last_on, today_of(request))
    return query.model_copy(update={"first_on": span.first_on, "last_on": span.last_on})
