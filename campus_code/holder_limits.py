"""
What guardians let a holder spend: a day, another sum on a weekday, less at a kind of merchant.

None is no limit, 0 is nothing at all. A PIN does not lift what a guardian set.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from campus_code.errors import ShapeError
from campus_code.limits import AMOUNT_FEN_MAX, ID_LENGTH_MAX, require_few, require_int, require_text
from campus_code.refusals import Evidence, Refusal

WEEKDAYS: Final = 7
LIMITED_KINDS_MAX: Final = 8
_NO_WEEKDAYS: Final = (None,) * WEEKDAYS


@dataclass(frozen=True, slots=True)
class HolderLimits:
    """
    The most one holder may spend on a business day, in fen. `weekday_fen`, Monday first, stands in
    the place of `day_fen` where it is given. `kinds`: the most a day at one kind of merchant.
    """

    day_fen: int | None = None
    weekday_fen: tuple[int | None, ...] = _NO_WEEKDAYS
    kinds: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.day_fen is not None:
            require_int("day_fen", self.day_fen, 0, AMOUNT_FEN_MAX)
        if type(self.weekday_fen) is not tuple:
            raise ShapeError("weekday_fen: a tuple is wanted")
        require_few("weekday_fen", self.weekday_fen, WEEKDAYS, WEEKDAYS)
        for weekday, fen in enumerate(self.weekday_fen):
            if fen is not None:
                require_int(f"weekday_fen[{weekday}]", fen, 0, AMOUNT_FEN_MAX)
        require_few("kinds", self.kinds, 0, LIMITED_KINDS_MAX)
        for kind, fen in self.kinds.items():
            require_text("kinds", kind, ID_LENGTH_MAX)
            require_int(f"kinds.{kind}", fen, 0, AMOUNT_FEN_MAX)

    def __bool__(self) -> bool:
        """Whether anything is limited."""
        return self != NO_LIMITS

    def of_day(self, business_on: int) -> int | None:
        """The most on this business day (YYYYMMDD), in fen; None for no limit."""
        month_day = business_on % 10_000
        day = dt.date(business_on // 10_000, month_day // 100, month_day % 100)
        of_weekday = self.weekday_fen[day.weekday()]
        return self.day_fen if of_weekday is None else of_weekday


NO_LIMITS: Final = HolderLimits()


class Limited(NamedTuple):
    """
    A holder with limits in front of one terminal. `kind_fen`: what he spent on the tap's business
    day at merchants of the terminal's kind, in fen, as far as the one who decides knows.
    """

    limits: HolderLimits
    kind_fen: int = 0

    def refuse(
        self, kind: str, business_on: int, day_fen: int, charged_fen: int
    ) -> tuple[Refusal, Evidence] | None:
        """Which limit a payment of `charged_fen` would break after `day_fen` that day, or None."""
        checks = (
            (Refusal.GUARDIAN_KIND_LIMIT, self.limits.kinds.get(kind), self.kind_fen),
            (Refusal.GUARDIAN_DAY_LIMIT, self.limits.of_day(business_on), day_fen),
        )
        for reason, limit_fen, spent_fen in checks:
            if limit_fen is not None and spent_fen + charged_fen > limit_fen:
                return reason, {
                    "limit_fen": limit_fen,
                    "spent_fen": spent_fen,
                    "charged_fen": charged_fen,
                }
        return None
