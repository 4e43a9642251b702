"""What a journal is made of: its tables, the values it gives, and when its chain is sound."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from campus_code import (
    Refusal,
    RefusedError,
    ShapeError,
    TerminalRecord,
    chain_hash,
    record_from_bytes,
)
from campus_code.chips import CHIP_MARK
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from qr_terminals.disk import MEGABYTE, free_bytes
from qr_terminals.errors import JournalBrokenError, JournalError, JournalFullError

_DONE = frozenset(("posted", "repeated", "reversed", "nothing_to_reverse"))
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
NO_KEY = (None, None, None)
PAGE_BYTES = 1024
EMERGENCY_DAY_MAX = 99_991_231
"""Days of emergency codes are at most this; the steps of codes passed it in 2017."""

TABLES = """
CREATE TABLE IF NOT EXISTS record(
  sequence INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  chain BLOB NOT NULL,
  card TEXT,
  issue INTEGER,
  step INTEGER,
  acked INTEGER NOT NULL DEFAULT 0,
  confirmed INTEGER NOT NULL DEFAULT 0,
  UNIQUE(card, issue, step)
) STRICT;
CREATE TABLE IF NOT EXISTS attempt(
  sequence INTEGER PRIMARY KEY,
  credential TEXT NOT NULL,
  card TEXT NOT NULL,
  issue INTEGER NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS used(
  card TEXT NOT NULL, issue INTEGER NOT NULL, is_emergency INTEGER NOT NULL, step INTEGER NOT NULL,
  PRIMARY KEY(card, issue, is_emergency)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS trouble(
  sequence INTEGER PRIMARY KEY, outcome TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusal(
  business_on INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(business_on, reason)
) STRICT, WITHOUT ROWID;
"""

RECORDS = """
SELECT sequence, body, chain, card, issue, step, acked, confirmed FROM record WHERE sequence > ?
ORDER BY sequence LIMIT 1000
"""
WAITING = """
SELECT sequence, body, chain, card, issue, step FROM record WHERE acked = 0 AND sequence > ?
ORDER BY sequence LIMIT ?
"""
ACKED = "SELECT sequence FROM record WHERE acked > 0 ORDER BY sequence DESC LIMIT 1"
DEPTH = "SELECT count(*) FROM record WHERE acked = 0 AND sequence > ?"
USED = """
SELECT card, issue, is_emergency, step FROM used
UNION ALL
SELECT card, issue, step <= ?, max(step) FROM record WHERE card IS NOT NULL GROUP BY 1, 2, 3
"""


class Stored(NamedTuple):
    """A record as it lies on disk, not believed yet."""

    sequence: int
    body: bytes
    chain: bytes
    card: str | None
    issue: int | None
    step: int | None


class Attempt(NamedTuple):
    """
    An online request that may have been sent, a row of `attempt`. `step` is YYYYMMDD for an
    emergency code.
    """

    sequence: int
    credential: str
    card_number: str
    issue: int
    step: int
    at: int


@dataclass(frozen=True, slots=True)
class Held:
    """A record as kept: its bytes, the chain's hash after it, and how far its upload is."""

    record: TerminalRecord
    chain: bytes
    is_acked: bool
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """An upload's outcome that is not simply posted."""

    sequence: int
    outcome: str
    reason: str


def key_of(record: TerminalRecord) -> tuple[str, int, int] | tuple[None, None, None]:
    """
    What pays once here, (card, issue, step) of a code; NO_KEY for a reversal, and for a chip, which
    proves itself anew at each tap.
    """
    if not record.credential or CHIP_MARK in record.credential:
        return NO_KEY
    return record.card_number, record.issue, record.step


def used_row(record: TerminalRecord) -> tuple[str, int, int, int]:
    """What pruning keeps of a payment: a row of `used`."""
    return record.card_number, record.issue, int(is_emergency(record)), record.step


def is_emergency(record: TerminalRecord) -> bool:
    """Whether a payment was made with an emergency code of 16 digits."""
    # a chip's text may be as long
    is_as_long = len(record.credential) == EMERGENCY_CREDENTIAL_DIGITS
    return is_as_long and record.credential.isdigit()


def is_trouble(outcome: str) -> bool:
    """Whether an upload's outcome is one that a person should look at."""
    return outcome not in _DONE


def sound(sequence: int, previous: bytes, row: Stored) -> TerminalRecord:
    """The record in a row that follows (`sequence`, `previous`), else JournalBrokenError."""
    if chain_hash(previous, row.body) != row.chain:
        raise broken(sequence, "the chain's hash is wrong")
    try:
        record = record_from_bytes(row.body)
    except ShapeError as error:
        raise broken(sequence, str(error)) from error
    if not record.sequence == row.sequence == sequence + 1:
        raise broken(sequence, f"sequence {sequence + 1} is missing")
    if row[3:] != key_of(record):
        raise broken(sequence, "its key is not the record's")
    return record


def sound_run(sequence: int, previous: bytes, rows: Sequence[Stored]) -> tuple[TerminalRecord, ...]:
    """
    The records of the rows that follow (`sequence`, `previous`) and are sound, up to the first that
    is not; JournalBrokenError when that is the very first.
    """
    records: list[TerminalRecord] = []
    for row in rows:
        try:
            records.append(sound(sequence, previous, row))
        except JournalBrokenError:
            if not records:
                raise
            break
        sequence, previous = row.sequence, row.chain
    return tuple(records)


def broken(sequence: int, why: str) -> JournalBrokenError:
    """The error of a journal that is sound up to `sequence` only."""
    return JournalBrokenError(
        f"流水在第 {sequence} 笔之后已损坏，终端不能收款，请联系卡务中心。",
        f"The journal is broken after record {sequence} ({why}); call the card office.",
        sequence,
    )


def write_error(error: sqlite3.Error | OSError, folder: Path) -> JournalError:
    """The error of a write that did not become durable in this folder."""
    if isinstance(error, OSError):
        is_full = error.errno in _FULL
    else:
        is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if is_full:
        return full(free_bytes(folder))
    return JournalError(
        f"流水写不进磁盘（{error}），暂停收款。",
        f"The journal cannot be written ({error}); no more payments are taken.",
    )


def full(left_bytes: int) -> JournalFullError:
    """The error of a disk on which nothing more is sold."""
    left = left_bytes // MEGABYTE
    return JournalFullError(
        f"磁盘已满（只剩 {left} MB），暂停收款，已有流水仍会上传。",
        f"The disk is full ({left} MB left): no more payments; records still go up.",
        left,
    )


def prepare(db: sqlite3.Connection, tables: str) -> None:
    """
    Have these tables in a file in which what was committed outlives a power cut; sqlite3.Error.

    A payment or a passage changes two or three pages; small ones are less to make durable.
    """
    db.execute(f"PRAGMA page_size={PAGE_BYTES}")  # of a new file
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(tables)


def insert_record(db: sqlite3.Connection, row: tuple[object, ...]) -> None:
    """Put one record in; RefusedError ALREADY_USED when its key has paid before."""
    try:
        db.execute(
            "INSERT INTO record(sequence, body, chain, card, issue, step) VALUES(?,?,?,?,?,?)", row
        )
    except sqlite3.IntegrityError as error:
        raise RefusedError(Refusal.ALREADY_USED) from error
