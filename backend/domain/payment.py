"""A payment as the ledger sees it: what was attempted, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from campus_code import ChipKind, CredentialKind, Refusal

PERIOD_ID = re.compile(r"[A-Za-z0-9_.:\-]{0,16}", re.ASCII)
"""What a meal period may be called in the books: a plain word, "" outside all meals."""

_ISSUES = 100
_CARD_NUMBERS = 10**8
_SEQUENCES = 10**11
"""More than any terminal will ever count to; so 90 million terminals fit below CHIP_KEYS."""
CHIP_KEYS = -(10**17)
"""Keys of payments by chip lie below this; an emergency code of the year 9999 lies above."""


def chip_use_key(terminal_id: int, sequence: int) -> int:
    """The natural key of one use of a chip: a chip does not change, so a use is its tap."""
    return CHIP_KEYS - terminal_id * _SEQUENCES - sequence


def code_key(credential: CredentialKind, card_number: str, issue: int, step: int) -> int:
    """One number for one use of one credential: the natural key that lets it pay once, for ever.

    A code: (step × 100 + issue) × 10⁸ + card number; it fits 63 bits until the year 2400. An
    emergency code has the day (YYYYMMDD) as its `step` and lives on the negative side, so the two
    never meet.
    """
    if credential is CredentialKind.EMERGENCY:
        return -(step * _CARD_NUMBERS + int(card_number)) - 1
    return (step * _ISSUES + issue) * _CARD_NUMBERS + int(card_number)


class CodeUse(NamedTuple):
    """What a `code_key` says: which step or day of which card's issue, or which tap of a chip."""

    credential: CredentialKind
    step: int = 0
    issue: int = 0
    card_number: str = ""
    terminal_id: int = 0
    sequence: int = 0


def read_code_key(key: int) -> CodeUse:
    """Take a natural key apart again; `step` is the day of an emergency code."""
    if key <= CHIP_KEYS:
        terminal_id, sequence = divmod(CHIP_KEYS - key, _SEQUENCES)
        return CodeUse(CredentialKind.CARD, terminal_id=terminal_id, sequence=sequence)
    if key < 0:
        step, number = divmod(-key - 1, _CARD_NUMBERS)
        return CodeUse(CredentialKind.EMERGENCY, step, card_number=f"{number:08d}")
    rest, number = divmod(key, _CARD_NUMBERS)
    step, issue = divmod(rest, _ISSUES)
    return CodeUse(CredentialKind.CODE, step, issue, f"{number:08d}")


class AttemptKind(StrEnum):
    """How an attempt reached the ledger."""

    ONLINE = "online"
    """A terminal asks before it answers: the rule decides here, knowing the balance."""
    RECORD = "record"
    """A terminal tells what it approved: food was handed out, somebody bears it."""
    REVERSAL = "reversal"
    """A terminal undoes one of its attempts, posted or not."""


class Amounts(NamedTuple):
    """What a payment costs, in fen: charged = nominal − discount + fee."""

    nominal_fen: int = 0
    discount_fen: int = 0
    fee_fen: int = 0
    charged_fen: int = 0


NO_AMOUNTS = Amounts()


class Attempt(NamedTuple):
    """One member of a set.

    `step` is the absolute step of a code, the date YYYYMMDD of an emergency code. `at` is Unix
    seconds by the server's clock (online) or the terminal's (record). `fault` says what is wrong
    with a record's credential when its keys were checked. `reverses` is the sequence a reversal
    undoes. `body` is the record as it was signed; `previous_hash` the end of the terminal's
    journal chain before it, empty for what did not come in an upload. `chip`: of which kind, when
    it was one.
    """

    kind: AttemptKind
    terminal_id: int
    sequence: int
    at: int
    card_number: str = ""
    credential: CredentialKind = CredentialKind.CODE
    issue: int = 0
    step: int = 0
    asked_fen: int | None = None
    has_pin: bool = False
    fault: Refusal | None = None
    amounts: Amounts = NO_AMOUNTS
    class_id: int = 0
    period_id: str = ""
    business_on: int = 0
    was_offline: bool = False
    reverses: int = 0
    body: bytes = b""
    previous_hash: bytes = b""
    chip: ChipKind | None = None

    @property
    def code_key(self) -> int:
        """The natural key of the credential that was shown."""
        if self.credential is CredentialKind.CARD:
            return chip_use_key(self.terminal_id, self.sequence)
        return code_key(self.credential, self.card_number, self.issue, self.step)


class OutcomeWord(StrEnum):
    """What became of one member of a set."""

    POSTED = "posted"
    REPEATED = "repeated"
    """It stood already; the first answer again."""
    DECLINED = "declined"
    DISPUTED = "disputed"
    """Posted to the merchant, charged to the school: this code had paid already."""
    SUSPENSE = "suspense"
    """Posted to the merchant; a part or all of it waits in an itemised account."""
    CONFLICT = "conflict"
    """Same key, other content, or a record that cannot stand: quarantined, shown to a human."""
    GAP = "gap"
    """Records before it are missing; `evidence["expected"]` is the first of them."""
    REVERSED = "reversed"
    NOTHING = "nothing_to_reverse"


NO_EVIDENCE: Mapping[str, int | str] = MappingProxyType({})


class Outcome(NamedTuple):
    """The answer to one member. `payment_id` is 0 where nothing was posted."""

    sequence: int
    word: OutcomeWord
    payment_id: int = 0
    amounts: Amounts = NO_AMOUNTS
    class_id: int = 0
    period_id: str = ""
    business_on: int = 0
    reason: Refusal | None = None
    evidence: Mapping[str, int | str] = NO_EVIDENCE

    @property
    def is_approved(self) -> bool:
        """Whether the till may hand out the food."""
        return self.word is OutcomeWord.POSTED or (
            self.word is OutcomeWord.REPEATED and self.reason is None
        )


class Posting(NamedTuple):
    """One movement: `amount_fen` > 0 from the account `source` to the account `target`."""

    source: int
    target: int
    amount_fen: int

    def reverse(self) -> Posting:
        """The same movement back."""
        return Posting(self.target, self.source, self.amount_fen)
