"""A bank's file of a day: believed whole, or not at all.

Name, day, count and sum must be what they say, and nothing may stand twice. One wrong fen refuses
the file before anything of it is used; the lines that are wrong are named.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bank_gateway.asking import Verb
from bank_gateway.profile import DayFile, Profile

LINES_MAX: Final = 1_000_000
LINE_CHARACTERS_MAX: Final = 500
FAULTS_TOLD_MAX: Final = 50
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_DAYS: Final = (timedelta(0), timedelta(days=1))
"""A line's ask is of the file's day, or of the day before: who asked when the bank cut its day."""


@dataclass(frozen=True, slots=True, order=True)
class LineKey:
    """What joins a bank's line to an order of ours."""

    terminal: str
    asked_on: date
    batch: int
    trace: int


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement, as the bank has it. `tail`: the account's last digits."""

    key: LineKey
    verb: Verb
    amount_fen: int
    reference: str
    tail: str


@dataclass(frozen=True, slots=True)
class BankFile:
    """A whole file that says the truth about itself."""

    bank: str
    day: date
    digest: str
    lines: tuple[BankLine, ...]

    @property
    def fen(self) -> int:
        """What it sums up to, as its first line says."""
        return sum(line.amount_fen for line in self.lines)


class BankFileError(Exception):
    """A file that is not used. `faults`: (line from 1, what is wrong), the first of them."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        """At least one fault."""
        self.faults = tuple(faults[:FAULTS_TOLD_MAX])
        self.faults_found = len(faults)
        super().__init__("\n".join(f"line {line}: {what}" for line, what in self.faults))


def name_of(profile: Profile, day: date, named: Mapping[str, str]) -> str:
    """What the bank's file of a day is called. `named`: terminal, merchant and agent."""
    return profile.file.name.format_map({**named, "day": f"{day:%Y%m%d}", "date": f"{day:%m%d}"})


def read_bank_file(
    raw: bytes, name: str, profile: Profile, day: date, named: Mapping[str, str]
) -> BankFile:
    """Read the file of a day. Raises BankFileError: any part of it is not as it must be."""
    wanted = name_of(profile, day, named)
    if name != wanted:
        raise BankFileError([(0, f"the file of {day} is called {wanted}, this one {name}")])
    try:
        text = raw.decode(profile.file.charset)
    except UnicodeDecodeError as error:
        where = raw.count(b"\n", 0, error.start) + 1
        raise BankFileError([(where, f"not in {profile.file.charset}")]) from None
    rows = text.split("\n")
    if rows[-1].strip("\r"):
        raise BankFileError([(len(rows), "the last line does not end: the file is cut off")])
    rows = [row.removesuffix("\r") for row in rows[:-1]]
    if not rows or len(rows) - 1 > LINES_MAX:
        raise BankFileError([(1, f"a first line with count and sum, and at most {LINES_MAX}")])
    terminal = named.get("terminal", "")
    return _checked(rows, profile, day, terminal, hashlib.sha256(raw).hexdigest())


def _checked(
    rows: Sequence[str], profile: Profile, day: date, terminal: str, digest: str
) -> BankFile:
    faults: list[tuple[int, str]] = []
    lines: list[BankLine] = []
    seen: dict[LineKey, int] = {}
    for number, row in enumerate(rows[1:], 2):
        line = _line(row, profile.file, day, terminal)
        if isinstance(line, str):
            faults.append((number, line))
            continue
        first = seen.setdefault(line.key, number)
        if first != number:
            faults.append((number, f"the same as line {first}"))
        lines.append(line)
    count, _, fen = rows[0].partition("|")
    made = (str(len(rows) - 1), str(sum(line.amount_fen for line in lines)))
    if not faults and (count, fen) != made:
        faults.append((1, f"says {rows[0][:40]}, its lines come to {made[0]}|{made[1]}"))
    if faults:
        raise BankFileError(faults)
    return BankFile(profile.bank, day, digest, tuple(lines))


def _line(row: str, form: DayFile, day: date, terminal: str) -> BankLine | str:
    """A line, or what is wrong with it."""
    cells = row.split("|")
    if len(row) > LINE_CHARACTERS_MAX or len(cells) != len(form.columns):
        return f"{len(form.columns)} cells are wanted, {len(cells)} stand here"
    said: dict[str, str] = dict(zip(form.columns, cells, strict=True))
    for part, where in form.key_parts.items():
        first, last = where.split(":")
        said[part] = said.get("key", "")[int(first) : int(last)]
    for name in ("amount", "trace", *(["batch"] if "batch" in said else [])):
        if not _NUMBER.fullmatch(said[name]):
            return f"{name}: not a number"
    asked_on = _day(said["asked_on"])
    if asked_on is None or day - asked_on not in _DAYS:
        return f"asked_on: not of {day} or the day before"
    verbs = {form.loads: Verb.LOAD, form.unloads: Verb.UNLOAD}
    if said["kind"] not in verbs:
        return f"kind: neither {form.loads} nor {form.unloads}"
    if int(said["amount"]) <= 0:
        return "amount: must be more than nothing"
    key = LineKey(
        said.get("terminal", terminal), asked_on, int(said.get("batch", 0)), int(said["trace"])
    )
    return BankLine(
        key,
        verbs[said["kind"]],
        int(said["amount"]),
        said.get("reference", ""),
        said.get("account", "")[-4:],
    )


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
