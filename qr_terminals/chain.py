"""What a journal is made of: its tables, the values it gives, and when its chain is sound."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from campus_code import ShapeError, TerminalRecord, chain_hash, record_from_bytes
from qr_terminals.errors import JournalBrokenError, JournalError

_DONE = frozenset(("posted", "repeated", "reversed", "nothing_to_reverse"))
EMERGENCY_DIGITS = 16

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


def used_row(record: TerminalRecord) -> tuple[str, int, int, int]:
    """What pruning keeps of a payment: a row of `used`."""
    return record.card_number, record.issue, int(is_emergency(record)), record.step


def is_emergency(record: TerminalRecord) -> bool:
    """Whether a payment was made with an emergency code of 16 digits."""
    # a chip's text may be as long
    return len(record.credential) == EMERGENCY_DIGITS and record.credential.isdigit()


def is_trouble(outcome: str) -> bool:
    """Whether an upload's outcome is one that a person should look at."""
    return outcome not in _DONE


def sound(sequence: int, previous: bytes, number: int, body: bytes, chain: bytes) -> TerminalRecord:
    """The record in a row that follows (`sequence`, `previous`), else JournalBrokenError."""
    if chain_hash(previous, body) != chain:
        raise broken(sequence, "the chain's hash is wrong")
    try:
        record = record_from_bytes(body)
    except ShapeError as error:
        raise broken(sequence, str(error)) from error
    if not record.sequence == number == sequence + 1:
        raise broken(sequence, f"sequence {sequence + 1} is missing")
    return record


def broken(sequence: int, why: str) -> JournalBrokenError:
    """The error of a journal that is sound up to `sequence` only."""
    return JournalBrokenError(
        f"流水在第 {sequence} 笔之后已损坏，终端不能收款，请联系卡务中心。",
        f"The journal is broken after record {sequence} ({why}); call the card office.",
        sequence,
    )


def write_error(error: sqlite3.Error | OSError) -> JournalError:
    """The error of a write that did not become durable."""
    return JournalError(
        f"流水写不进磁盘（{error}），暂停收款。",
        f"The journal cannot be written ({error}); no more payments are taken.",
    )
