"""Contested payments: what a holder may say, what the office may decide, and what follows.

A decision moves no money. Where it says that the holder is right, it names the correction that one
person then has to ask for and another to approve.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.correction import CorrectionKind

NOTE_LENGTH_MAX: Final = 200


class DisputeReason(StrEnum):
    """What a holder says of a payment."""

    NOT_ME = "not_me"
    WRONG_AMOUNT = "wrong_amount"
    TWICE = "twice"
    OTHER = "other"


STOLEN_TERMINAL: Final = "stolen_terminal"
"""The reason for which the report of a theft contests what the terminal took since."""
WRONG_AS_A_WHOLE: Final = frozenset(
    (DisputeReason.NOT_ME.value, DisputeReason.TWICE.value, STOLEN_TERMINAL)
)
BY_HAND: Final = frozenset(one.value for one in DisputeReason)


class DisputeState(StrEnum):
    """How far it is."""

    OPEN = "open"
    UPHELD = "upheld"
    """The holder was right."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A contested payment; amounts in fen, times in Unix seconds, 0: not yet.

    `reason` is a `DisputeReason`, or why it was contested without anybody looking at it
    (`is_automatic`): STOLEN_TERMINAL, or the refusal for which the ledger did; then
    `first_payment_id` is the payment that used the code before. `is_courtesy`: it was a meal on
    the school; `is_undone`: it was reversed or voided.
    """

    payment_id: int
    first_payment_id: int
    holder_id: int
    card_number: str
    merchant: str
    terminal: str
    occurred_at: int
    charged_fen: int
    borne_fen: int
    returned_fen: int
    is_courtesy: bool
    is_undone: bool
    reason: str
    note: str
    is_automatic: bool
    opened_at: int
    state: DisputeState
    decided_at: int
    decision_note: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """The correction request to make: a void is of exactly so much, a refund of at most so much."""

    kind: CorrectionKind
    payment_id: int
    amount_fen: int


def remedy_for(dispute: Dispute) -> Remedy | None:
    """What to ask for when the holder is right; None where no purse has paid anything any more.

    A payment that should not have been is voided whole, so that its count and limits are undone
    too, unless a part of it went back before. Of a meal on the school that is all that can be: he
    gets his next one back.
    """
    left_fen = dispute.charged_fen - dispute.returned_fen
    is_wrong_as_a_whole = dispute.reason in WRONG_AS_A_WHOLE
    if dispute.is_courtesy and (dispute.is_undone or not is_wrong_as_a_whole):
        return None
    if (dispute.borne_fen and not dispute.is_courtesy) or left_fen <= 0:
        return None
    if is_wrong_as_a_whole and not dispute.returned_fen:
        return Remedy(CorrectionKind.VOID, dispute.payment_id, left_fen)
    return Remedy(CorrectionKind.REFUND, dispute.payment_id, left_fen)
