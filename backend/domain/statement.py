"""A holder's statement: each payment with everything that explains its amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LATE_AFTER_SECONDS: Final = 3600
"""A payment that reached the books later than this is marked, so that nobody is surprised."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One payment. charged = nominal − discount + fee; the school bore `borne_fen` of it.

    `split` is what each purse paid, `returned_fen` what came back since (refund or reversal);
    `is_undone`: it was reversed or voided, nothing of it stands.
    `dispute` is empty, `open`, or what was decided. Times are Unix seconds.
    """

    payment_id: int
    card_number: str
    merchant: str
    terminal: str
    occurred_at: int
    posted_at: int
    business_on: int
    period_id: str
    nominal_fen: int
    discount_fen: int
    fee_fen: int
    charged_fen: int
    borne_fen: int
    split: Mapping[str, int]
    returned_fen: int
    is_undone: bool
    was_offline: bool
    outcome: str
    reason: str
    dispute: str

    @property
    def was_late(self) -> bool:
        """Whether it reached the books long after the meal."""
        return self.posted_at - self.occurred_at > LATE_AFTER_SECONDS


def days_of_month(month: int) -> tuple[int, int]:
    """The first and last number YYYYMMDD that the business days of a month YYYYMM can have."""
    return month * 100 + 1, month * 100 + 31


def months_through(month: int, count: int) -> tuple[int, ...]:
    """So many months YYYYMM in order, the last of them `month`."""
    last = month // 100 * 12 + month % 100 - 1
    return tuple(one // 12 * 100 + one % 12 + 1 for one in range(last - count + 1, last + 1))
