"""A holder's month: what was spent, by day, merchant and meal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from backend.domain.errors import InvalidInputError

MONTHS_SHOWN: Final = 12
MONTHS_A_YEAR: Final = 12
MONTH_MIN: Final = 200_001
MONTH_MAX: Final = 999_812

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Spent:
    """One day, merchant and period; amounts in fen.

    `charged_fen` is what the purses paid and did not get back, `returned_fen` what they did get
    back. `payments` counts those that still stand, `discount_fen` is theirs.
    """

    business_on: int
    merchant: str
    period_id: str
    charged_fen: int
    returned_fen: int
    discount_fen: int
    payments: int


@dataclass(frozen=True, slots=True)
class MonthSpent:
    """A month (YYYYMM) and what the purses paid in it and did not get back, in fen."""

    month: int
    charged_fen: int


@dataclass(frozen=True, slots=True)
class Share:
    """What fell to one day, merchant or period."""

    charged_fen: int
    payments: int


def require_month(month: int) -> int:
    """Give the number YYYYMM back if there is such a month, else InvalidInputError."""
    if not MONTH_MIN <= month <= MONTH_MAX or not 1 <= month % 100 <= MONTHS_A_YEAR:
        raise InvalidInputError("month", "must be a month YYYYMM", zh="月份应写作 YYYYMM。")
    return month


def shares_by(spent: Sequence[Spent], key: Callable[[Spent], Key]) -> list[tuple[Key, Share]]:
    """The same money by another key, in the key's order; what came to nothing is left out."""
    totals: dict[Key, Share] = {}
    for one in spent:
        so_far = totals.get(key(one), Share(0, 0))
        totals[key(one)] = Share(
            so_far.charged_fen + one.charged_fen, so_far.payments + one.payments
        )
    stands = [(name, share) for name, share in totals.items() if share != Share(0, 0)]
    return sorted(stands, key=lambda pair: pair[0])
