"""
An outage the office ordered: for some minutes this terminal acts as if the server were away.

Pure. It asks nobody about payments and uploads nothing, and its last sync grows old. The sync goes
on, or nobody could call the drill off. It ends by itself, whoever forgot it, and being told again
never makes it longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

DRILL_SECONDS_MAX: Final = 3600
MILLISECONDS: Final = 1000
REPORTED_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class DrillOrder:
    """What the server says at a sync: be alone for so many seconds from now."""

    drill_id: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Drill:
    """
    The last drill and what came of it; `drill_id` 0 is none. `until` is a boot second. Counted are
    payments taken alone, their fen, refusals, and the longest time from scan to record.
    """

    drill_id: int = 0
    until: float = 0.0
    payments: int = 0
    charged_fen: int = 0
    refusals: int = 0
    milliseconds_max: int = 0

    def is_on(self, boot_at: float) -> bool:
        """Whether this terminal is to be alone now."""
        return boot_at < self.until

    def heard(self, order: DrillOrder | None, boot_at: float) -> Drill:
        """The drill after a sync; what was counted stays until the next one begins."""
        if order is None:
            return replace(self, until=min(self.until, boot_at))
        until = boot_at + min(max(order.seconds, 0), DRILL_SECONDS_MAX)
        if order.drill_id == self.drill_id:
            return replace(self, until=min(self.until, until))
        return Drill(order.drill_id, until)

    def paid(self, charged_fen: int, seconds: float) -> Drill:
        """One more payment taken alone, so many seconds after its scan."""
        milliseconds = max(self.milliseconds_max, int(seconds * MILLISECONDS))
        return replace(
            self,
            payments=self.payments + 1,
            charged_fen=self.charged_fen + charged_fen,
            milliseconds_max=milliseconds,
        )

    def refused(self) -> Drill:
        """One more refusal."""
        return replace(self, refusals=self.refusals + 1)

    def readiness(self) -> dict[str, object]:
        """For the heartbeat; empty when there was no drill since the start."""
        if not self.drill_id:
            return {}
        return {
            "drill": self.drill_id,
            "drill_payments": self.payments,
            "drill_fen": min(self.charged_fen, REPORTED_MAX),
            "drill_refusals": self.refusals,
            "drill_milliseconds": min(self.milliseconds_max, REPORTED_MAX),
        }
