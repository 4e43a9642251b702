"""What an export is made of: columns with two languages, and cells no spreadsheet will run.

A text is a text: in XLSX by its type, in CSV behind an apostrophe where it begins like a formula,
or would after a separator that another country's spreadsheet splits at. XLSX keeps every text as
it is; CSV is for whoever reads it with a program or has nothing else.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from backend.domain.lot import yuan
from backend.domain.roster import FORMULA_STARTS

EXPORT_ROWS_MAX: Final = 120_000
"""The most one export holds: a school's whole roster fits."""
PERSONAL_ROWS_MAX: Final = 500
"""The most rows of personal data one person may take out alone."""
BOM: Final = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's own encoding."""

Value = str | int | None

_FORMULA: Final = re.compile(
    # at the beginning, or behind what somebody's spreadsheet takes for the end of a cell
    rf"(^|[,;|\t\r\n，；])([\s\0{BOM}\u200b-\u200f\u2060]*)(?=[{re.escape(''.join(FORMULA_STARTS))}])"
)


class Kind(StrEnum):
    """What stands in a column: words, a count, fen, Unix seconds (0: empty), a YYYYMMDD day."""

    TEXT = "text"
    NUMBER = "number"
    FEN = "fen"
    TIME = "time"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; both languages stand in its head."""

    zh: str
    en: str
    kind: Kind = Kind.TEXT

    @property
    def head(self) -> str:
        """What the first row says."""
        return f"{self.zh} · {self.en}"


def harmless(text: str) -> str:
    """The same text for a CSV's cell, which no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'\2", text)


def local_time(at: int, utc_offset_seconds: int) -> datetime:
    """The school's own time of a Unix second, without its zone, as spreadsheets want it."""
    zone = timezone(timedelta(seconds=utc_offset_seconds))
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None)


def yuan_text(fen: int) -> str:
    """An amount that may be owed, as spreadsheets read it: -12.34."""
    return f"-{yuan(-fen)}" if fen < 0 else yuan(fen)


def cell_text(value: Value, kind: Kind, utc_offset_seconds: int) -> str:
    """A value as CSV holds it; what is not there is empty."""
    if value is None or (not value and kind in {Kind.TIME, Kind.DAY}):
        return ""
    if isinstance(value, str):
        return harmless(value)
    match kind:
        case Kind.FEN:
            return yuan_text(value)
        case Kind.TIME:
            return local_time(value, utc_offset_seconds).isoformat(" ", "seconds")
        case Kind.DAY:
            return f"{value // 10_000:04}-{value // 100 % 100:02}-{value % 100:02}"
        case _:
            return str(value)


def csv_text(
    rows: Sequence[Sequence[Value]], columns: Sequence[Column], utc_offset_seconds: int
) -> str:
    """Rows as CSV, every cell in quotes, so that a separator in a text stays in its cell."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writer.writerow(
            cell_text(value, column.kind, utc_offset_seconds)
            for value, column in zip(row, columns, strict=True)
        )
    return written.getvalue()


def csv_head(columns: Sequence[Column]) -> str:
    """The mark that says UTF-8, and the heads."""
    heads = [[column.head for column in columns]]
    return BOM + csv_text(heads, [Column(one.zh, one.en) for one in columns], 0)
