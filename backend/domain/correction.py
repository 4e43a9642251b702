"""Refunds and voids: money back after a payment stood, by the authority of two people."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from backend.domain.payment import Posting


class CorrectionKind(StrEnum):
    """Why money goes back."""

    REFUND = "refund"
    """A part or all of a payment that was right when it was made."""
    VOID = "void"
    """All of a payment that should not have been; its count and limits are undone too."""


def legs_back(legs: Sequence[Posting], skip_fen: int, amount_fen: int) -> tuple[Posting, ...]:
    """The payment's postings swapped and in reverse order, from `skip_fen` on, for `amount_fen`.

    `skip_fen` is what earlier refunds gave back already; so several partial refunds go back to
    the same purses in the same order as one whole refund would.

    Raises:
        ValueError: when the payment does not hold that much any more.

    """
    left_to_skip, left = skip_fen, amount_fen
    back = []
    for leg in reversed(legs):
        skipped = min(leg.amount_fen, left_to_skip)
        left_to_skip -= skipped
        part = min(leg.amount_fen - skipped, left)
        left -= part
        if part:
            back.append(Posting(leg.target, leg.source, part))
    if left or left_to_skip:
        message = f"{left + left_to_skip} fen more than the payment holds"
        raise ValueError(message)
    return tuple(back)
