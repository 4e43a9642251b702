"""What a school takes without contact: which kinds of chips, up to how much, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from campus_code.chips import ChipKind
from campus_code.errors import ShapeError
from campus_code.limits import AMOUNT_FEN_MAX, require_int
from campus_code.refusals import Evidence, Refusal

CLASSIC_FEN_MAX: Final = 5000
"""The most a school may let a Classic chip pay in a day: anybody can make a copy of one."""
DAY_MIN: Final = 19_700_101
DAY_MAX: Final = 99_991_231


@dataclass(frozen=True, slots=True)
class ChipRules:
    """
    One kind of chip that is taken: the most of one payment, the most a card may have spent in a day
    with it (fen), and the last business day on which it is taken (YYYYMMDD; 0 for no end).

    Classic chips can be copied by anybody, so theirs is low and has an end.
    """

    kind: ChipKind
    payment_fen_max: int
    day_fen_max: int
    ends_on: int = 0

    def __post_init__(self) -> None:
        is_weak = self.kind is ChipKind.CLASSIC
        most = CLASSIC_FEN_MAX if is_weak else AMOUNT_FEN_MAX
        require_int("payment_fen_max", self.payment_fen_max, 0, most)
        require_int("day_fen_max", self.day_fen_max, 0, most)
        if self.ends_on or is_weak:
            require_int("ends_on", self.ends_on, DAY_MIN, DAY_MAX)


@dataclass(frozen=True, slots=True)
class NfcRules:
    """
    What is taken without contact besides a phone that answers a challenge: kinds of chips, none
    unless listed; and plain codes of phones too old for a challenge.
    """

    chips: tuple[ChipRules, ...] = ()
    accepts_plain_codes: bool = False

    def __post_init__(self) -> None:
        if len({one.kind for one in self.chips}) != len(self.chips):
            raise ShapeError("chips: a kind is given twice")

    def of(self, kind: ChipKind | None, business_on: int) -> ChipRules | None:
        """The rules for a kind on a business day (YYYYMMDD); None when it is not taken then."""
        for one in self.chips:
            if one.kind is kind:
                return None if 0 < one.ends_on < business_on else one
        return None

    def refuse(
        self, kind: ChipKind | None, business_on: int, day_fen: int, charged_fen: int
    ) -> tuple[Refusal, Evidence] | None:
        """Why a chip may not pay `charged_fen` after `day_fen` that day, or None; no PIN helps."""
        taken = self.of(kind, business_on)
        if taken is None:
            return Refusal.CHIP_NOT_TAKEN, {"chip": kind or ""}
        limits = (
            (Refusal.SINGLE_LIMIT, taken.payment_fen_max, 0),
            (Refusal.DAY_LIMIT, taken.day_fen_max, day_fen),
        )
        for reason, limit_fen, spent_fen in limits:
            if spent_fen + charged_fen > limit_fen:
                return reason, {
                    "limit_fen": limit_fen,
                    "spent_fen": spent_fen,
                    "charged_fen": charged_fen,
                }
        return None
