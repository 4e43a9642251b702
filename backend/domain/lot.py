"""Lots: the pieces in which money came into a cash purse, and how much of each is still there.

Nobody stores what is left of a lot. Spending uses the oldest money up first, so what a purse holds
now is its newest money: the newest lot counts whole, then the one before, until the balance is
reached. Money given back to a purse (a refund of a lunch) makes the newest used lot whole again by
the same rule, and a payment never writes a lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REFUND_DAYS: Final = 365
"""How long WeChat Pay gives a payment back to whoever paid it."""
REFUND_SECONDS: Final = REFUND_DAYS * 86_400


class Origin(StrEnum):
    """Where a lot came from, and so where it can go back to."""

    WECHAT = "wechat"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot: what came in, and what of it went back to where it came from since (fen)."""

    id: int
    origin: Origin
    amount_fen: int
    returned_fen: int
    paid_at: int
    reference: str
    transaction_id: str = ""

    @property
    def refundable_until(self) -> int:
        """The last second in which WeChat Pay gives it back; 0 for cash, which has no date."""
        return self.paid_at + REFUND_SECONDS if self.origin is Origin.WECHAT else 0


@dataclass(frozen=True, slots=True)
class Remaining:
    """A lot with what is left of it."""

    lot: Lot
    left_fen: int


def remaining(balance_fen: int, lots: Sequence[Lot]) -> tuple[Remaining, ...]:
    """What is left of each lot, in the order given, oldest first.

    Lots are in the order in which they were posted. What the balance has beyond all lots is older
    than the first of them; see `unlotted_fen`.
    """
    left_fen = max(balance_fen, 0)
    found = []
    for lot in reversed(lots):
        part = min(left_fen, lot.amount_fen - lot.returned_fen)
        left_fen -= part
        found.append(Remaining(lot, part))
    return tuple(reversed(found))


def unlotted_fen(balance_fen: int, lots: Sequence[Lot]) -> int:
    """What the purse holds beyond all lots: money from before there were any."""
    return max(balance_fen - sum(lot.amount_fen - lot.returned_fen for lot in lots), 0)


def yuan(fen: int) -> str:
    """An amount from 0 as people read it: 12.34."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}"
