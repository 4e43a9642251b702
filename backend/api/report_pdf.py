"""A report as PDF: A4 across, heads on every page, figures below each other.

Chinese comes from STSong-Light, which every reader of PDF has: no font is shipped or embedded.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from backend.domain.report import TITLES, Column, Report, Unit
from backend.domain.sheet import yuan_text

FONT: Final = "STSong-Light"
HEAD: Final = colors.HexColor("#0b6b54")
LINE: Final = colors.HexColor("#dfe6e1")
BAND: Final = colors.HexColor("#f2f5f2")
CELL_CHARACTERS_MAX: Final = 60
BODY = ParagraphStyle("body", fontName=FONT, fontSize=8, leading=10, wordWrap="CJK")
RIGHT = ParagraphStyle("right", parent=BODY, alignment=2)
HEADS = ParagraphStyle("heads", parent=BODY, textColor=colors.white)
RIGHT_HEADS = ParagraphStyle("right-heads", parent=HEADS, alignment=2)
TITLE = ParagraphStyle("title", fontName=FONT, fontSize=14, leading=18)
UNDER = ParagraphStyle("under", parent=BODY, textColor=colors.HexColor("#56625c"))


def draw_report(made: Report, school: str, said_at: str, *, language: str) -> bytes:
    """The file. `said_at` is when, as text; `language` "zh" or "en"."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    zh, en = TITLES[made.kind]
    title = zh if language == "zh" else en
    span = f"{_day(made.span.first_on)} – {_day(made.span.last_on)}"
    unit = "金额单位：元" if language == "zh" else "Amounts in yuan"
    body = io.BytesIO()
    document = SimpleDocTemplate(
        body,
        pagesize=landscape(A4),
        title=f"{title} {span}",
        author=school,
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        invariant=1,  # the same report is the same bytes
    )
    story = [
        Paragraph(escape(f"{school} · {title}"), TITLE),
        Paragraph(escape(f"{span} · {unit} · {said_at}"), UNDER),
        Spacer(1, 4 * mm),
        _table(made, language, document.width),
    ]
    page = partial(_number_page, said=f"{title} {span}")
    document.build(story, onFirstPage=page, onLaterPages=page)
    return body.getvalue()


def _table(made: Report, language: str, width: float) -> LongTable:
    heads = [
        Paragraph(
            escape(one.zh if language == "zh" else one.en),
            RIGHT_HEADS if _is_figure(one) else HEADS,
        )
        for one in made.columns
    ]
    rows: list[list[Any]] = [heads]
    rows += [[_cell(line.cells, one, language) for one in made.columns] for line in made.lines]
    totals = made.totals
    if totals and made.lines:
        first = "合计" if language == "zh" else "Total"
        last: list[Any] = [
            Paragraph(_text(totals[one.key], one), RIGHT) if one.key in totals else ""
            for one in made.columns
        ]
        rows.append([Paragraph(first, BODY), *last[1:]])
    table = LongTable(rows, colWidths=_widths(made.columns, width), repeatRows=1)
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), HEAD),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), (colors.white, BAND)),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    if totals and made.lines:
        style.append(("LINEABOVE", (0, -1), (-1, -1), 1.0, HEAD))
    table.setStyle(TableStyle(style))
    return table


def _widths(columns: Sequence[Column], width: float) -> list[float]:
    """Words get twice the room of figures."""
    parts = [2.2 if one.unit is Unit.TEXT else 1.2 for one in columns]
    return [width * part / sum(parts) for part in parts]


def _cell(cells: Any, column: Column, language: str) -> Paragraph:  # noqa: ANN401 - a mapping of cells
    value = cells.get(column.key)
    if language == "en":
        value = cells.get(f"{column.key}_en", value)
    style = RIGHT if _is_figure(column) else BODY
    return Paragraph(escape(_text(value, column)), style)


def _text(value: str | int | None, column: Column) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value[:CELL_CHARACTERS_MAX]
    if column.unit is Unit.FEN:
        whole = yuan_text(value)
        head, _, rest = whole.partition(".")
        return f"{int(head.lstrip('-')):,}.{rest}" if value >= 0 else f"-{int(head[1:]):,}.{rest}"
    if column.unit is Unit.DAY:
        return _day(value)
    return f"{value:,}"


def _is_figure(column: Column) -> bool:
    return column.unit in {Unit.FEN, Unit.COUNT}


def _day(number: int) -> str:
    return f"{number // 10_000:04}-{number // 100 % 100:02}-{number % 100:02}"


def _number_page(canvas: Any, document: Any, *, said: str) -> None:  # noqa: ANN401 - reportlab's own
    canvas.saveState()
    canvas.setFont(FONT, 7)
    canvas.setFillColor(colors.HexColor("#56625c"))
    width, _ = landscape(A4)
    canvas.drawString(12 * mm, 8 * mm, said)
    canvas.drawRightString(width - 12 * mm, 8 * mm, str(document.page))
    canvas.restoreState()
