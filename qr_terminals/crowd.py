"""
What the phones at the counter say of this terminal's clock. Pure.

A phone shows the step its own clock is in. When most of the codes that were taken lately are of a
step that this terminal has not reached or has left, it is the terminal that is wrong. The median of
many cards moves the clock, never by more than its crystal can have drifted since the server's time;
what is left over is an alarm. Whoever brings late codes on purpose moves it no further than that,
and marks and used steps stand whatever it says.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from typing import Final

from campus_code import STEP_SECONDS

CROWD_CARDS_MIN: Final = 9
CROWD_CARDS_KEPT: Final = 21
CORRECTION_SECONDS_MAX: Final = 60  # a week at 100 ppm


@dataclass(frozen=True, slots=True)
class Crowd:
    """
    The offsets of the cards that paid last, `correction_seconds` to be added to the clock, and
    whether it would have to be more than is allowed.
    """

    offsets: tuple[tuple[str, int], ...] = ()
    correction_seconds: int = 0
    is_beyond: bool = False

    def after(self, card: str, offset_seconds: int, drift_seconds_max: int) -> Crowd:
        """The crowd after one more accepted code; `drift_seconds_max` bounds the correction."""
        others = tuple(one for one in self.offsets if one[0] != card)
        offsets = (*others, (card, offset_seconds))[-CROWD_CARDS_KEPT:]
        if len(offsets) < CROWD_CARDS_MIN:
            return replace(self, offsets=offsets)
        median = int(statistics.median_low(sorted(one for _, one in offsets)))
        if median == 0:
            return replace(self, offsets=offsets, is_beyond=False)
        most = min(drift_seconds_max, CORRECTION_SECONDS_MAX)
        wanted = self.correction_seconds + median
        bounded = max(-most, min(most, wanted))
        # begun anew: what was measured with the clock before says nothing about the one after
        return Crowd((), bounded, is_beyond=wanted != bounded)


def step_offset(step: int, at: int) -> int:
    """Seconds by which a phone is ahead (+) or behind (-) when its step is taken at `at`."""
    begins = step * STEP_SECONDS
    if at < begins:
        return begins - at
    return min(begins + STEP_SECONDS - at, 0)
