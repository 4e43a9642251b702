"""What a window does at this moment, and what somebody should look at: from figures, no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SILENT_SECONDS: Final = 90
"""A terminal syncs every 15 seconds; one not heard for six times that is silent."""
BUSY_SECONDS: Final = 600
"""Who took something in the last ten minutes is selling."""
RATE_MINUTES: Final = 3
"""The rate of a window is counted over so many minutes that are over."""
READY_MIN: Final = 80
MENDING_MIN: Final = 40
SKEW_SECONDS_MAX: Final = 30
KEY_SECONDS_MIN: Final = 2 * 86_400


class Selling(StrEnum):
    """What a window does."""

    ONLINE = "online"
    OFFLINE = "offline"
    """Heard, and most of what it took lately it took alone."""
    READY = "ready"
    """Heard, and has taken nothing lately."""
    PAUSED = "paused"
    SILENT = "silent"
    """Not heard: it may be selling offline or be switched off, nobody here knows."""


class Severity(StrEnum):
    """How soon somebody should come."""

    NOW = "now"
    SOON = "soon"
    KNOW = "know"


@dataclass(frozen=True, slots=True)
class Window:
    """A terminal that sells, with what it told and took lately.

    `taken` and `taken_offline` of the last BUSY_SECONDS, `recent` of the last RATE_MINUTES that
    are over, `best` of its best single minute lately.
    """

    terminal_id: int
    name: str
    merchant_id: int
    merchant: str
    canteen: str
    group_id: str
    seen_at: int | None
    clock_skew_seconds: int
    journal_depth: int
    readiness: Mapping[str, object]
    taken: int = 0
    taken_offline: int = 0
    recent: int = 0
    best: int = 0

    def selling(self, at: int) -> Selling:
        """What it does at Unix second `at`."""
        if self.seen_at is None or at - self.seen_at > SILENT_SECONDS:
            return Selling.SILENT
        if self.readiness.get("paused"):
            return Selling.PAUSED
        if not self.taken:
            return Selling.READY
        return Selling.OFFLINE if 2 * self.taken_offline > self.taken else Selling.ONLINE

    @property
    def score(self) -> int | None:
        """How ready it is, 0…100; None when it never told."""
        score = self.readiness.get("score")
        return score if type(score) is int else None

    @property
    def load_percent(self) -> int:
        """Its rate against its own best minute; 0 when there is none to compare with."""
        return 100 * self.recent // (RATE_MINUTES * self.best) if self.best else 0


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to look at. `kind` has its words in the office's pages."""

    kind: str
    severity: Severity
    terminal_id: int | None = None
    figures: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What else is known: counts, and Unix seconds (None: never, or none)."""

    quarantined: int = 0
    disputes: int = 0
    rollout_version: int = 0
    rollout_worse_per_mille: int | None = None
    drill_id: int = 0
    keys_end_at: int | None = None
    has_worker: bool = True


def alarms_of(windows: list[Window], standing: Standing, at: int) -> list[Alarm]:
    """Everything to look at, what is urgent first."""
    found = [alarm for window in windows for alarm in _of_window(window, at)]
    found += _of_school(standing, at)
    order = list(Severity)
    return sorted(found, key=lambda alarm: order.index(alarm.severity))


def _of_window(window: Window, at: int) -> list[Alarm]:
    found = []

    def tell(kind: str, severity: Severity, **figures: int | str) -> None:
        found.append(Alarm(kind, severity, window.terminal_id, figures))

    journal = window.readiness.get("journal")
    if journal in ("set_back", "differs"):
        tell("journal", Severity.NOW, word=str(journal))
    if window.selling(at) is Selling.SILENT:
        if window.taken and window.seen_at is None:  # it sells, and has never said how it is
            tell("unheard", Severity.NOW)
        elif window.taken and window.seen_at is not None:  # it sold until a moment ago
            tell("silent", Severity.NOW, seconds=at - window.seen_at)
        return found
    score = window.score
    if score is not None and score < READY_MIN:
        urgency = Severity.NOW if score < MENDING_MIN else Severity.SOON
        tell("readiness", urgency, score=score, worst=str(window.readiness.get("worst", "")))
    if abs(window.clock_skew_seconds) > SKEW_SECONDS_MAX:
        tell("skew", Severity.SOON, seconds=window.clock_skew_seconds)
    return found


def _of_school(standing: Standing, at: int) -> list[Alarm]:
    found = []
    if not standing.has_worker:
        found.append(Alarm("no_worker", Severity.NOW))
    ends_at = standing.keys_end_at
    if ends_at is not None and ends_at - at < KEY_SECONDS_MIN:
        found.append(Alarm("keys_end", Severity.NOW, figures={"seconds": max(ends_at - at, 0)}))
    worse = standing.rollout_worse_per_mille
    if worse is not None:
        figures: dict[str, int | str] = {"count": standing.rollout_version, "per_mille": worse}
        found.append(Alarm("rollout_worse", Severity.NOW, figures=figures))
    counts = (
        ("quarantine", Severity.SOON, standing.quarantined),
        ("disputes", Severity.SOON, standing.disputes),
        ("rollout", Severity.KNOW, standing.rollout_version if worse is None else 0),
        ("drill", Severity.KNOW, standing.drill_id),
    )
    found += [Alarm(kind, how, figures={"count": count}) for kind, how, count in counts if count]
    return found
