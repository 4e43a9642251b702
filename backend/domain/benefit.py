"""Benefits by the batch: a file of numbers and amounts, asked for and approved by two people.

The first line names the columns: number and amount, in yuan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from backend.domain.lot import yuan
from backend.domain.roster import (
    ROSTER_ERRORS_MAX,
    ROSTER_LINES_MAX,
    Faulty,
    KnownHolder,
    RosterError,
    RosterFault,
    cells_of,
    decode_file,
    physical_lines,
    read_cell,
    read_number,
)

COLUMNS: Final = ("number", "amount")
BENEFIT_FEN_MAX: Final = 1_000_000
"""The most one person is given by one batch: 10,000 yuan."""
TITLE_LENGTH_MAX: Final = 60
REASON_LENGTH_MAX: Final = 200
_AMOUNT = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """One good line: whom, and how much (fen)."""

    line: int
    number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class BenefitFile:
    """What a file holds. `errors` is cut at ROSTER_ERRORS_MAX, `errors_found` counts them all."""

    lines: tuple[BenefitLine, ...]
    errors: tuple[RosterError, ...]
    errors_found: int
    encoding: str


@dataclass(frozen=True, slots=True)
class BenefitPlan:
    """Who is given how much: (holder id, fen) in the file's order; by class how many and fen."""

    given: tuple[tuple[int, int], ...]
    classes: Mapping[int, tuple[int, int]]
    errors: tuple[RosterError, ...]
    errors_found: int

    @property
    def total_fen(self) -> int:
        """All of it."""
        return sum(amount_fen for _, amount_fen in self.given)


def read_benefits(raw: bytes) -> BenefitFile:
    """Read a whole file; every fault becomes an error with its line and column."""
    try:
        text, encoding = decode_file(raw)
        physical = physical_lines(text)
        header = _header(next(physical, ""))
    except Faulty as faulty:
        whole = RosterError(1, faulty.column, faulty.fault, faulty.evidence)
        return BenefitFile((), (whole,), 1, "")
    lines: list[BenefitLine] = []
    errors: list[RosterError] = []
    first_lines: dict[str, int] = {}
    for line, body in enumerate(physical, start=2):
        if line > ROSTER_LINES_MAX + 1:
            limit = (("limit", ROSTER_LINES_MAX),)
            many = RosterError(line, "", RosterFault.TOO_MANY_LINES, limit)
            return BenefitFile((), (many,), 1, encoding)
        try:
            read = _line(line, body, header)
            if read is None:
                continue
            first = first_lines.setdefault(read.number, line)
            if first != line:
                raise Faulty("number", RosterFault.DUPLICATE, first=first)  # noqa: TRY301
            lines.append(read)
        except Faulty as faulty:
            errors.append(RosterError(line, faulty.column, faulty.fault, faulty.evidence))
    return BenefitFile(tuple(lines), tuple(errors[:ROSTER_ERRORS_MAX]), len(errors), encoding)


def plan_benefits(file: BenefitFile, known: Mapping[str, KnownHolder]) -> BenefitPlan:
    """Hold a file against the people there are; who is not there or has left is a fault."""
    given: list[tuple[int, int]] = []
    classes: dict[int, tuple[int, int]] = {}
    errors = list(file.errors)
    found = file.errors_found
    for one in file.lines:
        holder = known.get(one.number)
        if holder is None or not holder.is_active:
            fault = RosterFault.UNKNOWN_NUMBER if holder is None else RosterFault.HAS_LEFT
            errors.append(RosterError(one.line, "number", fault))
            found += 1
            continue
        given.append((holder.id, one.amount_fen))
        count, fen = classes.get(holder.class_id, (0, 0))
        classes[holder.class_id] = (count + 1, fen + one.amount_fen)
    errors.sort(key=lambda error: error.line)
    return BenefitPlan(tuple(given), classes, tuple(errors[:ROSTER_ERRORS_MAX]), found)


def _header(body: str) -> tuple[str, ...]:
    names = tuple(name.strip().casefold() for name in cells_of(body))
    if sorted(names) != sorted(COLUMNS):
        raise Faulty("", RosterFault.HEADER, wanted=",".join(COLUMNS))
    return names


def _line(line: int, body: str, header: tuple[str, ...]) -> BenefitLine | None:
    cells = cells_of(body)
    if not any(cell.strip(" ") for cell in cells):
        return None
    if len(cells) != len(header):
        raise Faulty("", RosterFault.RAGGED, wanted=len(header), found=len(cells))
    row = {name: read_cell(name, cell) for name, cell in zip(header, cells, strict=True)}
    found = _AMOUNT.fullmatch(row["amount"])
    fen = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 0
    if not 1 <= fen <= BENEFIT_FEN_MAX:
        raise Faulty("amount", RosterFault.BAD_AMOUNT, limit=yuan(BENEFIT_FEN_MAX))
    return BenefitLine(line, read_number(row["number"]), fen)


def unknown_batch() -> NotFoundError:
    """The answer when there is no such batch."""
    return NotFoundError("unknown_batch", zh="没有这个补助批次。", en="There is no such batch.")


def key_used() -> ConflictError:
    """The answer to another batch under a key that stands."""
    return ConflictError(
        "key_used", zh="该请求编号已用于别的申请。", en="This key was used for another request."
    )


def faulty_file(errors_found: int) -> InvalidInputError:
    """The answer to whoever would keep a file with faults: it is all or nothing."""
    return InvalidInputError(
        "file", f"{errors_found} lines are wrong", zh=f"文件有 {errors_found} 处错误，没有保存。"
    )
