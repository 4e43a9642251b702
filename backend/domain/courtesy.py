"""Meals on the school: given at the till where the purses do not reach, and counted.

The till shows what it shows of every payment; that the school paid is for the holder's eyes alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from backend.domain.errors import ConflictError
from campus_code import COURTESY_DAYS, CourtesyGiven, RulesBundle, business_day

COURTESY_REASON: Final = "courtesy"
"""Why the school bears such a payment: what stands in its `reason`."""
_DAY_SECONDS: Final = 86_400


@dataclass(slots=True)
class GivenMeals:
    """Meals the school has given a holder and that stand, by business day (YYYYMMDD)."""

    by_day: dict[int, int] = field(default_factory=dict)

    def at(self, at: int, rules: RulesBundle) -> CourtesyGiven:
        """What counts for a tap at Unix second `at`."""
        today, first = business_day(at, rules), first_day(at, rules)
        seven_days = sum(n for day, n in self.by_day.items() if first <= day <= today)
        return CourtesyGiven(self.by_day.get(today, 0), seven_days)

    def count(self, business_on: int, times: int = 1) -> None:
        """Count a meal of a business day; `times` -1 takes it back."""
        self.by_day[business_on] = self.by_day.get(business_on, 0) + times


def first_day(at: int, rules: RulesBundle) -> int:
    """The first of the COURTESY_DAYS business days that end with the one of Unix second `at`."""
    return business_day(at - (COURTESY_DAYS - 1) * _DAY_SECONDS, rules)


def require_whole_void(*, is_void: bool, amount_fen: int, charged_fen: int) -> None:
    """Raise ConflictError unless a meal on the school is taken back whole, as a void.

    No purse has paid it, so there is nothing to refund; a part of it would leave a count behind.
    """
    if not is_void or amount_fen != charged_fen:
        raise ConflictError(
            "courtesy_void_only",
            zh="这是学校请的一餐，只能整笔撤销，不能退款。",
            en="This meal was on the school: it can only be voided whole, not refunded.",
        )
