"""What is asked of a bank and what it answers, in words that every dialect shares.

The states (`states.py`) decide with these alone; a dialect (`wire/`) turns an `Ask` into bytes and
bytes into an `Answer`. Money is fen, times are Unix seconds, days are `datetime.date`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Verb(StrEnum):
    """What can be asked of a bank; a profile says which of them its bank can do."""

    LOAD = "load"  # 圈存: from the bank account into the purse
    UNLOAD = "unload"  # 圈提: from the purse back to the bank account
    REVERSE = "reverse"  # 冲正: undo a load or unload whose outcome is not known
    QUERY = "query"  # what became of an earlier one, where the bank has no reversal
    BALANCE = "balance"  # how much stands in the bank account
    BIND = "bind"  # 签约: does this account belong to this person
    UNBIND = "unbind"  # 解约
    SIGN_IN = "sign_in"  # 签到: a new batch and new working keys
    SIGN_OUT = "sign_out"  # 签退
    ECHO = "echo"  # is the line alive
    SETTLE = "settle"  # 批结算: our totals of a batch against the bank's


class Result(StrEnum):
    """What came of an ask, as far as money is concerned."""

    APPROVED = "approved"
    DECLINED = "declined"  # a final no: the bank has moved nothing
    NOT_SENT = "not_sent"  # no byte has left: the same as if nobody had asked
    UNKNOWN = "unknown"  # asked, and no answer to be believed: it is reversed or queried
    SIGN_IN_AGAIN = "sign_in_again"  # refused before anything moved: keys or batch are stale


class Doubt(StrEnum):
    """Why an outcome is not known; the value is what a reversal tells the bank (F39)."""

    NO_ANSWER = "98"
    FALSE_ANSWER = "A0"  # its code is wrong, or it answers another ask
    NOT_FINISHED = "06"  # approved, and what should follow could not be done


@dataclass(frozen=True, slots=True)
class Key:
    """Names one ask for ever: unique in the journal and at the bank (law of natural keys).

    `day` is the bank's accounting day of that moment, `batch` 0 where the bank has no batches,
    `trace` 1…999999.
    """

    bank: str
    terminal: str
    day: date
    batch: int
    trace: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts and sums of one batch, for SETTLE: taken from bank accounts, and given back."""

    loads: int = 0
    loads_fen: int = 0
    unloads: int = 0
    unloads_fen: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """One message to a bank. Fields that a verb has no use for stay empty.

    `original` is the key of what a REVERSE or QUERY is about; the other fields then repeat the
    original's. `pin` lives in memory for one ask: never journalled, never in a repr.
    """

    verb: Verb
    key: Key
    at: int
    account: str = ""
    card_number: str = ""
    name: str = ""
    id_number: str = ""
    amount_fen: int = 0
    pin: str = field(default="", repr=False)
    original: Key | None = None
    doubt: Doubt | None = None
    totals: Totals | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bank said, read and checked against the ask.

    `code` is the bank's own word, `zh` and `en` what a person is told. `doubt` is set with UNKNOWN.
    `reference` is the bank's number of what it moved, `settled_on` the day it counts for.
    """

    result: Result
    code: str = ""
    zh: str = ""
    en: str = ""
    reference: str = ""
    settled_on: date | None = None
    amount_fen: int | None = None
    batch: int | None = None
    doubt: Doubt | None = None
    is_balanced: bool | None = None
