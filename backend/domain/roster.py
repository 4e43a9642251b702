"""A roster file: bytes in, good lines and named faults out. Nothing here touches a database.

The first line names the columns: number, name, department, class, and if wanted state, adult and
campus.
A cell is never guessed at: what a spreadsheet could run, what an editor cannot show and what does
not fit is refused with its line, its column and the reason.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from campus_code import ClassRules

ROSTER_BYTES_MAX: Final = 8 * 1024 * 1024
ROSTER_LINES_MAX: Final = 50_000
ROSTER_ERRORS_MAX: Final = 1_000
NUMBER_LENGTH_MAX: Final = 32
NAME_LENGTH_MAX: Final = 64
DEPARTMENT_LENGTH_MAX: Final = 96
COLUMNS: Final = ("number", "name", "department", "class")
OPTIONAL_COLUMNS: Final = ("state", "adult", "campus")
LENGTHS_MAX: Final = {
    "number": NUMBER_LENGTH_MAX,
    "name": NAME_LENGTH_MAX,
    "department": DEPARTMENT_LENGTH_MAX,
    "class": NAME_LENGTH_MAX,
    "state": 16,
    "adult": 16,
    "campus": NAME_LENGTH_MAX,
    "amount": 16,
}
STATES: Final = {"": True, "active": True, "在校": True, "inactive": False, "离校": False}
ADULTS: Final = {"": None, "yes": True, "是": True, "no": False, "否": False}
"""Who is of age; an empty cell says nothing and changes nothing."""
# A cell beginning with one of these is run by a spreadsheet; the wide forms too, in Chinese ones.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# control, format (bidi, zero width), private use, surrogate, unassigned
UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]*")


class RosterFault(Enum):
    """What can be wrong, with one sentence in each language."""

    TOO_BIG = ("文件超过 {limit} 字节", "the file is longer than {limit} bytes")
    TOO_MANY_LINES = ("超过 {limit} 行", "there are more than {limit} lines")
    ENCODING = (
        "编码不是 UTF-8 或 GB18030",
        "the encoding is neither UTF-8 nor GB18030",
    )
    DELIMITER = ("列之间应当用英文逗号", "columns must be separated by commas")
    HEADER = (
        "第一行应当是 {wanted}",
        "the first line must read {wanted}",
    )
    QUOTES = ("引号没有配对", "the quotes are not balanced")
    RAGGED = ("应有 {wanted} 列，实有 {found} 列", "{wanted} cells are wanted, {found} were found")
    MISSING = ("不能为空", "must not be empty")
    TOO_LONG = ("最多 {limit} 个字符", "at most {limit} characters are allowed")
    UNSHOWABLE = ("含有不可见字符", "has a character that cannot be shown")
    FORMULA = ("以公式符号开头", "begins like a formula")
    BAD_NUMBER = (
        "学工号只能由数字、字母和 - 组成",
        "a number is made of digits, letters and - only",
    )
    DUPLICATE = ("与第 {first} 行重复", "is already on line {first}")
    UNKNOWN_CLASS = ("没有这个卡类", "there is no such class")
    UNKNOWN_STATE = ("应为 active 或 inactive", "must be active or inactive")
    BAD_AMOUNT = ("金额应为 0.01～{limit} 元", "an amount is 0.01…{limit} yuan")
    UNKNOWN_NUMBER = ("没有这个人", "there is nobody with this number")
    HAS_LEFT = ("此人已离校", "this person has left")
    UNKNOWN_CAMPUS = ("没有这个校区", "there is no such campus")
    UNKNOWN_ADULT = ("应为 yes 或 no", "must be yes or no")


@dataclass(frozen=True, slots=True)
class RosterError:
    """One fault: the line in the file (1 is the header), the column's name ("" the whole line)."""

    line: int
    column: str
    fault: RosterFault
    evidence: tuple[tuple[str, int | str], ...] = ()

    def sentence(self, language: str) -> str:
        """What is wrong, in `zh` or `en`; never the cell's own text."""
        zh, en = self.fault.value
        return (zh if language == "zh" else en).format(**dict(self.evidence))


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One good line. `is_adult` and `campus_id` are None where the file does not say it."""

    line: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    is_adult: bool | None = None
    campus_id: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file holds. `errors` is cut at ROSTER_ERRORS_MAX, `errors_found` counts them all."""

    lines: tuple[RosterLine, ...]
    errors: tuple[RosterError, ...]
    errors_found: int
    encoding: str


@dataclass(frozen=True, slots=True)
class KnownHolder:
    """A cardholder as the tables hold him, for comparing with a line."""

    id: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    is_adult: bool = True
    is_limited: bool = False
    campus_id: int = 0


@dataclass(frozen=True, slots=True)
class RosterPlan:
    """What an import will do: lines for new people, and (holder id, line) for changed ones."""

    new: tuple[RosterLine, ...]
    changed: tuple[tuple[KnownHolder, RosterLine], ...]
    unchanged: int


class Faulty(Exception):
    """What is wrong in one place of a file, for whoever knows the line."""

    def __init__(self, column: str, fault: RosterFault, **evidence: int | str) -> None:
        self.column = column
        self.fault = fault
        self.evidence = tuple(evidence.items())


def read_roster(
    raw: bytes,
    class_ids: Mapping[str, int],
    campus_ids: Mapping[str, int] = MappingProxyType({}),
) -> Roster:
    """Read a whole file; `class_ids` maps a class's id and its names, folded, to its id.

    `campus_ids` maps a campus' name, folded, to its place.

    Never raises for what a file may hold: every fault becomes a RosterError.
    """
    try:
        text, encoding = decode_file(raw)
        physical = physical_lines(text)
        header = _header(next(physical, ""))
    except Faulty as faulty:
        whole = RosterError(1, faulty.column, faulty.fault, faulty.evidence)
        return Roster((), (whole,), 1, "")
    lines: list[RosterLine] = []
    errors: list[RosterError] = []
    found = 0
    first_lines: dict[str, int] = {}
    for line, body in enumerate(physical, start=2):
        if line > ROSTER_LINES_MAX + 1:
            limit = (("limit", ROSTER_LINES_MAX),)
            many = RosterError(line, "", RosterFault.TOO_MANY_LINES, limit)
            return Roster((), (many,), 1, encoding)
        try:
            read = _line(line, body, header, (class_ids, campus_ids))
            if read is not None:
                _require_first(read, first_lines)
                lines.append(read)
        except Faulty as faulty:
            found += 1
            if len(errors) < ROSTER_ERRORS_MAX:
                errors.append(RosterError(line, faulty.column, faulty.fault, faulty.evidence))
    return Roster(tuple(lines), tuple(errors), found, encoding)


def plan_import(lines: tuple[RosterLine, ...], known: Mapping[str, KnownHolder]) -> RosterPlan:
    """Compare lines with the people already there; equal lines do nothing (idempotence)."""
    new = []
    changed = []
    unchanged = 0
    for line in lines:
        holder = known.get(line.number)
        if holder is None:
            new.append(line)
        elif _is_changed(holder, line):
            changed.append((holder, line))
        else:
            unchanged += 1
    return RosterPlan(tuple(new), tuple(changed), unchanged)


def _is_changed(holder: KnownHolder, line: RosterLine) -> bool:
    was = (holder.name, holder.department, holder.class_id, holder.is_active)
    if was != (line.name, line.department, line.class_id, line.is_active):
        return True
    if line.campus_id is not None and line.campus_id != holder.campus_id:
        return True
    return line.is_adult is not None and line.is_adult != holder.is_adult


def class_ids_of(classes: Mapping[int, ClassRules]) -> dict[str, int]:
    """What may stand in the class column: a class's id, or a name that only one class has."""
    ids: dict[str, int] = {}
    ambiguous = set()
    for class_id, card_class in classes.items():
        for name in {fold(card_class.zh), fold(card_class.en)}:
            if ids.setdefault(name, class_id) != class_id:
                ambiguous.add(name)
    named = {name: class_id for name, class_id in ids.items() if name not in ambiguous}
    return named | {str(class_id): class_id for class_id in classes}


def fold(name: str) -> str:
    """How class names are compared: composed, trimmed, without case."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def decode_file(raw: bytes) -> tuple[str, str]:
    """A file's text and its encoding. Raises Faulty: too big, or neither UTF-8 nor GB18030."""
    if len(raw) > ROSTER_BYTES_MAX:
        raise Faulty("", RosterFault.TOO_BIG, limit=ROSTER_BYTES_MAX)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text, "utf-8" if encoding == "utf-8-sig" else encoding
    raise Faulty("", RosterFault.ENCODING)


def physical_lines(text: str) -> Iterator[str]:
    """Its lines, whatever ends them."""
    # No cell may hold a line break, so a line of the file is a line of the roster, and an
    # unbalanced quote spoils its own line only. newline=None knows \n, \r\n and \r, not \x0b.
    return (line.removesuffix("\n") for line in io.StringIO(text, newline=None))


def cells_of(body: str) -> list[str]:
    """The cells of a line. Raises Faulty: its quotes are not balanced."""
    try:
        return next(csv.reader([body], strict=True), [])
    except csv.Error:
        raise Faulty("", RosterFault.QUOTES) from None


def _header(body: str) -> tuple[str, ...]:
    names = tuple(name.strip().casefold() for name in cells_of(body))
    known = {*COLUMNS, *OPTIONAL_COLUMNS}
    is_right = set(COLUMNS) <= set(names) <= known and len(set(names)) == len(names)
    if not is_right:
        if any(mark in body for mark in (";", "\t", "|", "，")) and "," not in body:
            raise Faulty("", RosterFault.DELIMITER)
        wanted = ",".join(COLUMNS) + "[," + ",".join(OPTIONAL_COLUMNS) + "]"
        raise Faulty("", RosterFault.HEADER, wanted=wanted)
    return names


def _line(
    line: int,
    body: str,
    header: tuple[str, ...],
    ids: tuple[Mapping[str, int], Mapping[str, int]],
) -> RosterLine | None:
    class_ids, campus_ids = ids
    cells = cells_of(body)
    if not any(cell.strip(" ") for cell in cells):
        return None  # spreadsheets leave such lines at the end
    if len(cells) != len(header):
        raise Faulty("", RosterFault.RAGGED, wanted=len(header), found=len(cells))
    row = {name: read_cell(name, cell) for name, cell in zip(header, cells, strict=True)}
    number = read_number(row["number"])
    class_id = class_ids.get(fold(row["class"]))
    if class_id is None:
        raise Faulty("class", RosterFault.UNKNOWN_CLASS)
    is_active = STATES.get(row.get("state", "").casefold())
    if is_active is None:
        raise Faulty("state", RosterFault.UNKNOWN_STATE)
    adult = row.get("adult", "").casefold()
    if adult not in ADULTS:
        raise Faulty("adult", RosterFault.UNKNOWN_ADULT)
    campus = fold(row.get("campus", ""))
    if campus and campus not in campus_ids:
        raise Faulty("campus", RosterFault.UNKNOWN_CAMPUS)
    names = (row["name"], row["department"])
    said = ADULTS[adult], campus_ids[campus] if campus else None
    return RosterLine(line, number, *names, class_id, is_active, *said)


def read_number(text: str) -> str:
    """A school number. Raises Faulty. MariaDB's unique index knows no case, so nobody does."""
    number = text.upper()
    if not _NUMBER.fullmatch(number):
        raise Faulty("number", RosterFault.BAD_NUMBER)
    return number


def _require_first(read: RosterLine, first_lines: dict[str, int]) -> None:
    first = first_lines.setdefault(read.number, read.line)
    if first != read.line:
        raise Faulty("number", RosterFault.DUPLICATE, first=first)


def read_cell(column: str, cell: str) -> str:
    """A cell's text. Raises Faulty: what a spreadsheet runs, nobody sees, or does not fit."""
    if cell.startswith(FORMULA_STARTS) or cell.strip().startswith(FORMULA_STARTS):
        raise Faulty(column, RosterFault.FORMULA)
    if any(unicodedata.category(character) in UNSHOWABLE for character in cell):
        raise Faulty(column, RosterFault.UNSHOWABLE)
    text = unicodedata.normalize("NFC", cell).strip()
    if not text and column in {"number", "name", "class", "amount"}:
        raise Faulty(column, RosterFault.MISSING)
    if len(text) > LENGTHS_MAX[column]:
        raise Faulty(column, RosterFault.TOO_LONG, limit=LENGTHS_MAX[column])
    return text
