"""A meal on the school: what a class is given where a holder's purses do not reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from campus_code.errors import ShapeError
from campus_code.limits import AMOUNT_FEN_MAX, ID_LENGTH_MAX, require_few, require_int, require_text

COURTESY_DAYS: Final = 7  # business days: the one of the tap and the six before it
COURTESY_COUNT_MAX: Final = 56  # eight meals on each of them
COURTESY_PERIODS_MAX: Final = 8


class CourtesyGiven(NamedTuple):
    """How many meals the school has given a holder: on the tap's business day, within seven."""

    day: int = 0
    seven_days: int = 0


@dataclass(frozen=True, slots=True)
class CourtesyRules:
    """
    What the school gives one class: the most one such meal may cost, fee and all (fen, 0: no such
    meals), how many on a business day and within seven of them, and in which meals (none listed:
    in each; outside of them never).
    """

    payment_fen_max: int = 0
    day_count_max: int = 1
    seven_days_count_max: int = 1
    periods: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_int("payment_fen_max", self.payment_fen_max, 0, AMOUNT_FEN_MAX)
        require_int("day_count_max", self.day_count_max, 1, COURTESY_COUNT_MAX)
        require_int("seven_days_count_max", self.seven_days_count_max, 1, COURTESY_COUNT_MAX)
        require_few("periods", self.periods, 0, COURTESY_PERIODS_MAX)
        for period_id in self.periods:
            require_text("periods", period_id, ID_LENGTH_MAX)
        if len(set(self.periods)) != len(self.periods):
            raise ShapeError("periods: an id is given twice")

    def gives(self, period_id: str, charged_fen: int, given: CourtesyGiven) -> bool:
        """Whether a meal of so much in this period ("" outside all) is one more on the school."""
        return (
            0 < charged_fen <= self.payment_fen_max
            and period_id != ""
            and (not self.periods or period_id in self.periods)
            and given.day < self.day_count_max
            and given.seven_days < self.seven_days_count_max
        )


NO_COURTESY: Final = CourtesyRules()
