"""The text WeChat Pay's bills are written in: bytes in, cells by column name out.

A header line, data lines whose every cell begins with a backquote, a summary header, a summary
line. There may be a byte order mark, and lines end in CRLF or LF. A cell that people wrote (a
product's name) may hold commas, and even a comma and a backquote; it is known by what stands to
its left and right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Final

from backend.domain.errors import ConflictError

BILL_BYTES_MAX: Final = 64 * 1024 * 1024
BILL_LINES_MAX: Final = 1_000_000
BEIJING: Final = timezone(timedelta(hours=8))
TICK: Final = "`"
_YUAN: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")


class BillFault(Enum):
    """Why a bill is refused, with one sentence in each language."""

    SIZE = ("账单超过允许的大小", "the bill is longer than is allowed")
    ENCODING = ("账单不是 UTF-8", "the bill is not UTF-8")
    HEADER = ("表头缺少或重复了列", "the header lacks a column, or has one twice")
    RAGGED = ("列数与表头不符", "there are more or fewer cells than the header names")
    TICK = ("数据没有以反引号开头", "a cell does not begin with a backquote")
    AMOUNT = ("金额不是精确到分的元", "an amount is not yuan with whole fen")
    TIME = ("时间格式不对", "a time cannot be read")
    DAY = ("不是所要那一天的账单", "a line is of another day")
    MERCHANT = ("不是本商户的账单", "a line is of another merchant")
    APP = ("不是本小程序的账单", "a line is of another app")
    CURRENCY = ("币种不是人民币", "a line is in another currency")
    KIND = ("交易状态或收支类型不认识", "a line is of a kind that nobody knows")
    REFERENCE = ("缺少单号", "a line lacks its number")
    REPEATED_LINE = ("同一笔出现了两次", "a line is there twice")
    NO_SUMMARY = ("没有汇总行，账单可能不完整", "there is no summary: the file may be cut off")
    TOTALS = ("汇总与明细不符", "the summary is not the sum of the lines")
    REPEATED_FILE = ("这个账单文件已经导入过", "this very file was read before")


class BillRefusedError(ConflictError):
    """The file is not used at all. `line` counts from 1, 0 is the whole file."""

    def __init__(self, fault: BillFault, line: int = 0, column: str = "") -> None:
        zh, en = fault.value
        where_zh = f"第 {line} 行：" if line else ""
        where_en = f"line {line}: " if line else ""
        named_zh = f"（{column}）" if column else ""
        named_en = f" ({column})" if column else ""
        super().__init__(
            "bill_refused",
            zh=f"{where_zh}{zh}{named_zh}。",
            en=f"{where_en}{en}{named_en}",
            fault=fault.name.lower(),
            line=line,
            column=column,
        )
        self.fault = fault
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of bill: the columns that must be there, and the first of its summary.

    `free` are neighbouring columns that hold what people wrote.
    """

    columns: tuple[str, ...]
    free: tuple[str, ...]
    summary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One data line: its number in the file and its cells by column, backquotes taken off."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """A cell."""
        return self.cells[column]

    def refuse(self, fault: BillFault, column: str = "") -> BillRefusedError:
        """The error that names this line."""
        return BillRefusedError(fault, self.number, column)

    def reference(self, column: str) -> str:
        """A number that must be there; WeChat Pay writes 0 for none."""
        text = self.cells[column]
        if text in {"", "0"}:
            raise self.refuse(BillFault.REFERENCE, column)
        return text

    def fen(self, column: str, *, may_be_negative: bool = False) -> int:
        """An amount, in fen."""
        read = read_yuan(self.cells[column])
        if read is None or (read < 0 and not may_be_negative):
            raise self.refuse(BillFault.AMOUNT, column)
        return read

    def count(self, column: str) -> int:
        """A number of things."""
        if not _COUNT.fullmatch(self.cells[column]):
            raise self.refuse(BillFault.TOTALS, column)
        return int(self.cells[column])

    def time(self, column: str, day_on: date) -> int:
        """A Beijing time on that very day, as Unix seconds."""
        text = self.cells[column]
        if not _TIME.fullmatch(text):
            raise self.refuse(BillFault.TIME, column)
        try:
            at = datetime.fromisoformat(text).replace(tzinfo=BEIJING)
        except ValueError:
            raise self.refuse(BillFault.TIME, column) from None
        if at.date() != day_on:
            raise self.refuse(BillFault.DAY, column)
        return int(at.astimezone(UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Table:
    """A bill taken apart: its data lines and its summary."""

    lines: tuple[Line, ...]
    summary: Line


def read_yuan(text: str) -> int | None:
    """Yuan as bills write them (`12.30`, `0.0`, `-0.07000`) in fen; None when it is not that.

    Bills write fees with five decimals and round them to fen, so what follows the second decimal
    must be zeros.
    """
    match = _YUAN.fullmatch(text)
    if match is None:
        return None
    sign, yuan, decimals = match[1], match[2], (match[3] or "").ljust(5, "0")
    if decimals[2:] != "000":
        return None
    fen = int(yuan) * 100 + int(decimals[:2])
    return -fen if sign else fen


def read_table(raw: bytes, layout: Layout) -> Table:
    """Take a bill apart. Raises BillRefusedError."""
    lines = _lines(raw)
    if not lines:
        raise BillRefusedError(BillFault.HEADER, 1)
    header = _header(1, lines[0], layout.columns)
    read: list[Line] = []
    free = _free_block(header, layout.free)
    for number, text in enumerate(lines[1:], 2):
        if text.lstrip(TICK).startswith(layout.summary[0]):
            return Table(tuple(read), _summary(number, lines, layout.summary))
        read.append(
            Line(number, dict(zip(header, _cells(number, text, header, free), strict=True)))
        )
    raise BillRefusedError(BillFault.NO_SUMMARY)


def _lines(raw: bytes) -> list[str]:
    if len(raw) > BILL_BYTES_MAX:
        raise BillRefusedError(BillFault.SIZE)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BillRefusedError(BillFault.ENCODING) from None
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) > BILL_LINES_MAX:
        raise BillRefusedError(BillFault.SIZE)
    return lines


def _header(number: int, text: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """The column names. Columns nobody asked for may be there: WeChat Pay adds some."""
    names = tuple(cell.removeprefix(TICK) for cell in text.split(","))
    for name in wanted:
        if names.count(name) != 1:
            raise BillRefusedError(BillFault.HEADER, number, name)
    if len(set(names)) != len(names):
        raise BillRefusedError(BillFault.HEADER, number)
    return names


def _free_block(header: Sequence[str], free: Sequence[str]) -> range:
    """Where the cells that people wrote stand, side by side."""
    places = sorted(header.index(name) for name in free if name in header)
    if not places:
        return range(0)
    block = range(places[0], places[-1] + 1)
    if len(block) != len(places):
        raise BillRefusedError(BillFault.HEADER, 1, free[0])
    return block


def _cells(number: int, text: str, header: Sequence[str], free: range) -> list[str]:
    if not text.startswith(TICK):
        raise BillRefusedError(BillFault.TICK, number)
    cells = text[1:].split("," + TICK)
    surplus = len(cells) - len(header)
    if surplus > 0 and free:
        # the free cells run into one another; none of them is used, so it does not matter how
        last = free[-1]
        cells[last : last + surplus + 1] = [("," + TICK).join(cells[last : last + surplus + 1])]
    if len(cells) != len(header):
        raise BillRefusedError(BillFault.RAGGED, number)
    for place, cell in enumerate(cells):
        if "," in cell and place not in free:
            raise BillRefusedError(BillFault.TICK, number, header[place])
    return cells


def _summary(number: int, lines: Sequence[str], wanted: Sequence[str]) -> Line:
    header = _header(number, lines[number - 1], wanted)
    if len(lines) != number + 1:
        raise BillRefusedError(BillFault.NO_SUMMARY, number)
    cells = _cells(number + 1, lines[number], header, range(0))
    return Line(number + 1, dict(zip(header, cells, strict=True)))
