"""A workbook's cells by their columns' kinds, and that nothing of it stays on the disk."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sanic import Request

from backend.api.exporting import Export, ExportQuery, Row, _Xlsx
from backend.domain.sheet import Column, Kind

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHANGHAI = 8 * 3600
NOON = 1_767_240_000
"""2026-01-01 12:00 in Shanghai."""
NOON_AS_A_SPREADSHEET_COUNTS = 46023.5
COLUMNS = (
    Column("文字", "Text"),
    Column("元", "Yuan", Kind.FEN),
    Column("时间", "Time", Kind.TIME),
    Column("日", "Day", Kind.DAY),
    Column("数", "Number", Kind.NUMBER),
)


async def nothing(_query: ExportQuery, _request: Request) -> AsyncIterator[Sequence[Row]]:
    yield []


EXPORT = Export("sample", "样表", "Sample", "books.read", ExportQuery, COLUMNS, nothing)


def written(rows: Sequence[Row]) -> dict[str, tuple[str | None, str]]:
    """Place → (type, value) of the cells below the head."""
    file = io.BytesIO()
    sheet = _Xlsx(file, EXPORT, SHANGHAI)
    with sheet:
        sheet.add(rows)
        sheet.finish()
    with zipfile.ZipFile(file) as book:
        whole = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own
    cells = list(whole.iter(f"{CELL}c"))[len(COLUMNS) :]
    return {one.get("r", ""): (one.get("t"), "".join(one.itertext())) for one in cells}


def test_each_kind_is_what_a_spreadsheet_can_add_up_or_sort() -> None:
    told = written([("=1+1", -1234, NOON, 20_260_101, 7)])
    assert told["A2"] == ("inlineStr", "=1+1")
    assert told["B2"] == (None, "-12.34")
    assert float(told["C2"][1]) == NOON_AS_A_SPREADSHEET_COUNTS
    assert float(told["D2"][1]) == int(NOON_AS_A_SPREADSHEET_COUNTS)
    assert told["E2"] == (None, "7")


def test_what_is_not_there_is_an_empty_cell_and_nothing_is_a_number() -> None:
    assert written([(None, None, 0, 0, 0)]) == {"E2": (None, "0")}


def test_a_text_that_no_cell_holds_is_cut_and_breaks_nothing() -> None:
    ((_, text),) = written([("长" * 40_000, None, None, None, None)]).values()
    assert len(text) == 32_767


def test_a_file_that_was_given_up_leaves_nothing_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sheet = _Xlsx(io.BytesIO(), EXPORT, SHANGHAI)
    with sheet:
        sheet.add([("a", 1, 1, 20_260_101, 1)])
    assert list(tmp_path.iterdir()) == []
