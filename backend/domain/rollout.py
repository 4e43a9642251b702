"""Rules that a few terminals hold before all do: who they are, and what may not differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from backend.domain.errors import InvalidInputError
from campus_code import RulesBundle

CANARY_TERMINALS_MAX: Final = 200
TRIAL_TAPS_MIN: Final = 20
"""Below so many taps on either side nobody can tell."""
TRIAL_WORSE_PER_MILLE: Final = 50
"""So much more of a thousand taps refused than elsewhere is worse."""
WHOLE_SCHOOL: Final = ("school", "utc_offset_seconds", "day_starts_minute")
"""What is the same at every till of a school at any moment: whose day a payment counts for."""


class RolloutOutcome(StrEnum):
    """What became of a staged roll-out; "" while it runs."""

    RUNNING = ""
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"


class TrialVerdict(StrEnum):
    """How the terminals that try do beside all others."""

    EARLY = "early"
    FINE = "fine"
    WORSE = "worse"


class Taps(NamedTuple):
    """What some terminals took and refused."""

    payments: int
    refusals: int

    @property
    def refused_per_mille(self) -> int:
        """How many of a thousand taps were refused; 0 when there was none."""
        taps = self.payments + self.refusals
        return 1000 * self.refusals // taps if taps else 0


def judge_trial(canary: Taps, others: Taps) -> tuple[TrialVerdict, int]:
    """The verdict, and by how many of a thousand taps more the trying side refuses (may be < 0)."""
    more = canary.refused_per_mille - others.refused_per_mille
    if min(sum(canary), sum(others)) < TRIAL_TAPS_MIN:
        return TrialVerdict.EARLY, more
    return (TrialVerdict.WORSE if more > TRIAL_WORSE_PER_MILLE else TrialVerdict.FINE), more


@dataclass(frozen=True, slots=True)
class Canary:
    """A bundle that is in force at these terminals only."""

    bundle: RulesBundle
    terminal_ids: frozenset[int]

    def version_for(self, terminal_id: int, otherwise: int) -> int:
        """The version of rules that a terminal is to hold."""
        return self.bundle.version if terminal_id in self.terminal_ids else otherwise


def require_canary(
    base: RulesBundle, bundle: RulesBundle, terminal_ids: Sequence[int], living: set[int]
) -> None:
    """Check what a few terminals are to try.

    Raises:
        InvalidInputError: no terminals, unknown or revoked ones, all of them, or rules that move
            the business day at some tills and not at others.

    """
    if not terminal_ids:
        raise InvalidInputError("terminal_ids", "no terminal is chosen", zh="没有选择终端")
    gone = sorted(set(terminal_ids) - living)
    if gone:
        raise InvalidInputError(
            "terminal_ids", f"{gone[0]} is no terminal at work", zh=f"终端 {gone[0]} 不在用"
        )
    if living <= set(terminal_ids):
        raise InvalidInputError(
            "terminal_ids",
            "all terminals are no trial; publish instead",
            zh="已选全部终端，请直接发布",
        )
    for name in WHOLE_SCHOOL:
        if getattr(base, name) != getattr(bundle, name):
            raise InvalidInputError(
                f"bundle.{name}",
                "is the whole school's; publish it to all at once",
                zh="涉及全校营业日，只能一次性全部发布",
            )
