"""The books of a lunch as a picture: an SVG that needs no font and no server from afar."""

from __future__ import annotations

from html import escape
from pathlib import Path

from simulators.lunch.books import Books
from simulators.lunch.report import Sheet, notes_of, sheets
from simulators.lunch.rows import Raws

WIDTH = 960
MARGIN = 32
ROW = 26
HEAD = 34
GAP = 22
COLUMNS = ((0, 330, 480, 640, 896), (0, 330, 380), (0, 190, 700, 896))
"""Where the columns of the three sheets stand; numbers end there, words begin there."""
ITEMS_CHARACTERS_MAX = 70
FONTS = "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
STYLE = (
    f"text{{font:14px {FONTS};fill:#1f2933}}"
    ".title{font-size:17px;font-weight:600}.head{fill:#61707f;font-size:13px}"
    ".last{font:600 15px ui-monospace,'DejaVu Sans Mono',monospace;fill:#0b6b3a}"
    ".number{text-anchor:end;font-variant-numeric:tabular-nums}"
)


def draw_books(books: Books, raws: Raws) -> str:
    """The three sheets one under the other, and the last line large and green."""
    shapes: list[str] = []
    y = MARGIN
    for sheet, columns in zip(sheets(books, raws), COLUMNS, strict=True):
        y = _draw_sheet(shapes, sheet, columns, y) + GAP
    shapes.append(_text(MARGIN, y + 6, notes_of(books), "head"))
    y += ROW
    shapes.append(
        f'<rect x="{MARGIN - 12}" y="{y - 4}" width="{WIDTH - 2 * MARGIN + 24}" height="38"'
        ' rx="8" fill="#e6f4ec"/>'
    )
    shapes.append(_text(MARGIN, y + 20, books.last_line, "last"))
    height = y + 38 + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>{escape(books.last_line)}</title><style>{STYLE}</style>"
        f'<rect width="{WIDTH}" height="{height}" rx="14" fill="#fffdf8" stroke="#d9dee3"/>'
        + "".join(shapes)
        + "</svg>\n"
    )


def save_books(path: Path, books: Books, raws: Raws) -> None:
    """Write the picture; an older one is replaced."""
    path.write_text(draw_books(books, raws), encoding="utf-8")


def _draw_sheet(shapes: list[str], sheet: Sheet, columns: tuple[int, ...], y: int) -> int:
    shapes.append(_text(MARGIN, y + 14, sheet.title, "title"))
    y += HEAD
    _draw_row(shapes, sheet, columns, sheet.headings, (y, "head"))
    for row in sheet.rows:
        y += ROW
        shapes.append(
            f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y - 8}" y2="{y - 8}"'
            ' stroke="#e8ecef"/>'
        )
        _draw_row(shapes, sheet, columns, row, (y, ""))
    return y + ROW // 2


def _draw_row(
    shapes: list[str],
    sheet: Sheet,
    columns: tuple[int, ...],
    cells: tuple[str, ...],
    place: tuple[int, str],
) -> None:
    y, name = place
    for cell, x, is_number in zip(cells, columns, sheet.are_numbers, strict=True):
        if not cell:
            continue
        shown = cell if len(cell) <= ITEMS_CHARACTERS_MAX else cell[:ITEMS_CHARACTERS_MAX] + "…"
        classes = f"{name} number" if is_number else name
        shapes.append(_text(MARGIN + x, y + 10, shown, classes.strip()))


def _text(x: int, y: int, words: str, classes: str) -> str:
    return f'<text x="{x}" y="{y}" class="{classes}">{escape(words)}</text>'
