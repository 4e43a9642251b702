"""Key epochs: one week each, numbered one after the other."""

from __future__ import annotations

from dataclasses import dataclass

WEEK_SECONDS = 7 * 86_400
ORIGIN = 3 * 86_400 + 19 * 3600
"""The first boundary: weeks turn on Sunday 19:00 UTC, Monday 03:00 in China, when nobody eats."""
EDGE_SECONDS = 600
"""Neighbouring epochs overlap by this much on either side: no clock is exact."""
EPOCH_OVERLAP_SECONDS_MAX = 14 * 86_400
"""A phone holds the secrets of two weeks, so no phone needs an old epoch for longer."""


@dataclass(frozen=True, slots=True)
class Span:
    """How long one epoch counts (Unix seconds); `retired_at`: terminals stop taking it then."""

    epoch: int
    valid_from: int
    valid_until: int
    retired_at: int | None = None

    def covers(self, week: int) -> bool:
        """Whether this is a living epoch of that week."""
        return self.retired_at is None and self.valid_until == week_ends_at(week) + EDGE_SECONDS

    def until_at_terminals(self) -> int:
        """When terminals stop taking it."""
        if self.retired_at is None:
            return self.valid_until
        return min(self.valid_until, self.retired_at)


def week_of(at: int) -> int:
    """The number of the week a Unix time lies in."""
    return (at - ORIGIN) // WEEK_SECONDS


def week_ends_at(week: int) -> int:
    """The Unix time at which a week ends."""
    return ORIGIN + (week + 1) * WEEK_SECONDS


def missing_spans(spans: list[Span], at: int) -> list[Span]:
    """The epochs to open at `at` so that this week and the next are covered.

    A fresh school gets the week before too. Numbers only rise: the newest valid epoch is the one
    phones are given, so an older week is never opened after a younger one.
    """
    week = week_of(at)
    wanted = [week, week + 1] if spans else [week - 1, week, week + 1]
    epoch = max((span.epoch for span in spans), default=week - 2)
    missing = []
    for one in wanted:
        if any(span.covers(one) for span in spans):
            continue
        epoch += 1
        begins_at = week_ends_at(one - 1) - EDGE_SECONDS
        missing.append(Span(epoch, begins_at, week_ends_at(one) + EDGE_SECONDS))
    return missing


def replacing_spans(spans: list[Span], at: int) -> list[Span]:
    """The epochs that take over at once after a theft: this week's from now, and next week's.

    The stolen terminal held the keys of the previous, current and next epoch; every epoch of
    this and the next week is therefore replaced under a new number.
    """
    week = week_of(at)
    epoch = max((span.epoch for span in spans), default=week)
    begins_at = min(at, week_ends_at(week)) - EDGE_SECONDS
    next_begins_at = week_ends_at(week) - EDGE_SECONDS
    return [
        Span(epoch + 1, begins_at, week_ends_at(week) + EDGE_SECONDS),
        Span(epoch + 2, next_begins_at, week_ends_at(week + 1) + EDGE_SECONDS),
    ]


def held_spans(spans: list[Span], at: int) -> list[Span]:
    """The epochs terminals hold: previous, current, next, and retired ones until they end.

    Their `valid_until` is what terminals are told, so a retired epoch ends early there.
    """
    held = []
    for span in spans:
        until = span.until_at_terminals()
        if until <= at - WEEK_SECONDS or until <= span.valid_from:
            continue
        if span.valid_from > at + WEEK_SECONDS + EDGE_SECONDS:
            continue
        held.append(Span(span.epoch, span.valid_from, until))
    return held
