"""Lists as files: one place that makes CSV and XLSX, counts rows, asks for the second person.

A list that can be exported says so beside its route:

    class TopUpsExportQuery(ExportQuery, TopUpsFilter): ...

    TOP_UPS = exported(
        Export("top_ups", "充值", "Top-ups", "top_ups.read", TopUpsExportQuery, COLUMNS, pages)
    )

    @routes.get("/top-ups/export")
    @for_staff(TOP_UPS.verb)
    @described(None, query=TopUpsExportQuery, media=EXPORT_MEDIA)
    async def export_top_ups(request: Request) -> HTTPResponse:
        return await export_list(request, TOP_UPS, read_query(request, TopUpsExportQuery))

`pages` yields pages of rows by key, as its list does; a row has a value for each column. With
`count` the rows are personal data: above PERSONAL_ROWS_MAX they leave by `/admin/exports` only,
asked for by one person and approved by another. Every file is a line in the audit trail.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, Final, Literal

from sanic import HTTPResponse, Request
from xlsxwriter import Workbook

from backend.api.access import actor_of
from backend.api.parts import parts_of
from backend.api.reading import Shape
from backend.domain.export import Format, needs_approval, too_many_rows
from backend.domain.sheet import (
    EXPORT_ROWS_MAX,
    PERSONAL_ROWS_MAX,
    Column,
    Kind,
    Value,
    csv_head,
    csv_text,
    local_time,
    yuan_text,
)
from backend.usecases.exports.note_export import note_export

MEDIA: Final = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EXPORT_MEDIA: Final = tuple(MEDIA.values())
"""For `described`: which of them it is, the query's `format` says."""
SPOOL_BYTES: Final = 4 * 1024 * 1024
"""Of a file that is being made, in memory; the rest waits on disk."""
COLUMN_WIDTH: Final = 18
CELL_CHARACTERS_MAX: Final = 32_767
"""What a cell of a spreadsheet holds."""
FORMATS: Final = {
    Kind.FEN: "#,##0.00",
    Kind.TIME: "yyyy-mm-dd hh:mm:ss",
    Kind.DAY: "yyyy-mm-dd",
    Kind.NUMBER: "0",
    Kind.TEXT: "@",
}

Row = Sequence[Value]
Pages = AsyncIterator[Sequence[Row]]


class ExportQuery(Shape):
    """What every export takes beside its list's filters."""

    format: Literal["csv", "xlsx"] = "csv"

    def filters(self) -> dict[str, Any]:
        """What narrows the list, by name; what stands at its default does not."""
        return self.model_dump(exclude={"format"}, exclude_defaults=True)


@dataclass(frozen=True, slots=True)
class Export:
    """A list that may leave as a file; `verb` is what whoever takes it must be allowed.

    `count` says how many rows a query finds, and that they are personal data.
    """

    what: str
    zh: str
    en: str
    verb: str
    query: type[ExportQuery]
    columns: Sequence[Column]
    pages: Callable[[Any, Request], Pages]
    count: Callable[[Any, Request], Awaitable[int]] | None = None


EXPORTS: Final[dict[str, Export]] = {}
"""Every list that may leave as a file, by name."""


def exported(export: Export) -> Export:
    """Make a list known, so that a file of it can be asked for."""
    EXPORTS[export.what] = export
    return export


async def export_list(request: Request, export: Export, query: ExportQuery) -> HTTPResponse:
    """The file of one list for these filters, noted in the audit trail.

    Raises:
        ForbiddenError: more personal data than one person may take out alone.
        ConflictError: more rows than a file holds.

    """
    actor = actor_of(request)
    rows_max = PERSONAL_ROWS_MAX if export.count is not None else EXPORT_ROWS_MAX
    made = await make_file(request, export, query, rows_max)
    if made is None:
        if export.count is not None:
            raise needs_approval(await export.count(query, request))
        raise too_many_rows()
    at = int(parts_of(request).clock())
    names = list(query.filters())
    await note_export(export.what, made.rows, query.format, names, actor=actor, at=at)
    return made.answer


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file, and how many rows it has."""

    answer: HTTPResponse
    rows: int


async def make_file(
    request: Request, export: Export, query: ExportQuery, rows_max: int = EXPORT_ROWS_MAX
) -> MadeFile | None:
    """Make the file of a list, page by page; None when there are more rows than `rows_max`."""
    parts = parts_of(request)
    offset = parts.rules.bundle.utc_offset_seconds
    file_format = Format(query.format)
    rows = 0
    async with parts.exporting:
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as file:
            sheet: _Csv | _Xlsx = (
                _Csv(file, export, offset)
                if file_format is Format.CSV
                else _Xlsx(file, export, offset)
            )
            with sheet:
                async for page in export.pages(query, request):
                    rows += len(page)
                    if rows > rows_max:
                        return None
                    await asyncio.to_thread(sheet.add, page)
                await asyncio.to_thread(sheet.finish)
            file.seek(0)
            body = await asyncio.to_thread(file.read)
    day = local_time(int(parts.clock()), offset).strftime("%Y%m%d")
    name = f"{export.what.replace('_', '-')}-{day}.{file_format.value}"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
    }
    media = MEDIA[file_format]
    kind = f"{media}; charset=utf-8" if file_format is Format.CSV else media
    return MadeFile(HTTPResponse(body, content_type=kind, headers=headers), rows)


@dataclass
class _Csv:
    """UTF-8 with its mark, every cell in quotes."""

    file: IO[bytes]
    export: Export
    offset: int

    def __enter__(self) -> None:
        self.file.write(csv_head(self.export.columns).encode())

    def __exit__(self, *_error: object) -> None: ...

    def add(self, rows: Sequence[Row]) -> None:
        """Write a page."""
        self.file.write(csv_text(rows, self.export.columns, self.offset).encode())

    def finish(self) -> None:
        """Nothing is left to do."""


@dataclass
class _Xlsx:
    """A workbook of one sheet, written row by row: memory does not grow with it."""

    file: IO[bytes]
    export: Export
    offset: int
    rows: int = 0
    made: io.BytesIO = field(default_factory=io.BytesIO)

    def __enter__(self) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self.book = Workbook(self.file, options)
        self.sheet = self.book.add_worksheet(self.export.en[:31])
        self.formats = [
            self.book.add_format({"num_format": FORMATS[column.kind]})
            for column in self.export.columns
        ]
        head = self.book.add_format({"bold": True})
        self.sheet.set_column(0, len(self.export.columns) - 1, COLUMN_WIDTH)
        self.sheet.freeze_panes(1, 0)
        for place, column in enumerate(self.export.columns):
            self.sheet.write_string(0, place, column.head, head)
        self.is_finished = False

    def __exit__(self, *_error: object) -> None:
        if not self.is_finished:
            self.finish()  # or its temporary files stay

    def add(self, rows: Sequence[Row]) -> None:
        """Write a page; each cell by its column's kind, so a text is never anything else."""
        for row in rows:
            self.rows += 1
            cells = zip(row, self.export.columns, self.formats, strict=True)
            for place, (value, column, look) in enumerate(cells):
                self._write(place, value, column.kind, look)

    def _write(self, place: int, value: Value, kind: Kind, look: object) -> None:
        if value is None or (not value and kind in {Kind.TIME, Kind.DAY}):
            return
        if isinstance(value, str):
            self.sheet.write_string(self.rows, place, value[:CELL_CHARACTERS_MAX], look)
        elif kind is Kind.TIME:
            self.sheet.write_datetime(self.rows, place, local_time(value, self.offset), look)
        elif kind is Kind.DAY:
            day = datetime.strptime(str(value), "%Y%m%d")  # noqa: DTZ007 - a day has no zone
            self.sheet.write_datetime(self.rows, place, day, look)
        elif kind is Kind.FEN:
            self.sheet.write_number(self.rows, place, float(yuan_text(value)), look)
        else:
            self.sheet.write_number(self.rows, place, value, look)

    def finish(self) -> None:
        """Put the workbook together."""
        self.is_finished = True
        self.book.close()
