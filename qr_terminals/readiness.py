"""
How ready a terminal is to take money: one number from 0 to 100, and what it is made of.

Each part is worth 100 when nothing is to be done about it and 0 when it stops sales. The whole is
worth what its worst part is: an average would hide a missing key behind a good disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qr_terminals.disk import MEGABYTE, RESERVE_BYTES

GOOD = 100
READY_MIN = 80
"""From here on nobody needs to do anything."""
MENDING_MIN = 40
"""Below, somebody should come."""
KEY_DAYS_GOOD = 7
SYNC_SECONDS_GOOD = 15 * 60
SYNC_SECONDS_BAD = 7 * 86_400
DEPTH_GOOD, DEPTH_BAD = 200, 20_000
DISK_GOOD, DISK_BAD = 512 * MEGABYTE, RESERVE_BYTES  # below that nothing is sold
WALL_CLOCK = 70
"""The wall clock alone: believed, but no server's time stands against it."""
FAULTY = 50
NO_READER = 60
"""Nothing reads codes here: digits can still be typed."""
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Condition:
    """
    What is known of a terminal now. `key_seconds`: until the newest key ends, None without keys.
    `sync_seconds`: since the last sync, so also the denylist's age; `sync_seconds_bad` is when
    payments without the server end. `clock`: "server", "wall" or "" when no time can be believed.
    `depth`: records that wait for the server. `disk_bytes`: free. `faults`: documents not taken.
    `was_synced`: whether there ever was a sync.
    """

    key_seconds: int | None
    has_rules: bool
    sync_seconds: int
    was_synced: bool
    sync_seconds_bad: int
    clock: str
    readers: int
    readers_connected: int
    depth: int
    disk_bytes: int
    faults: int
    can_write: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """`parts` by name, each 0..100; `score` is the least of them."""

    parts: Mapping[str, int]

    @property
    def score(self) -> int:
        """The one number."""
        return min(self.parts.values())

    @property
    def worst(self) -> str:
        """The part that the number comes from."""
        return min(self.parts, key=lambda name: self.parts[name])


def measure(condition: Condition) -> Readiness:
    """What a terminal in this condition is worth."""
    return Readiness({name: part(condition) for name, part in _PARTS.items()})


def _keys(condition: Condition) -> int:
    if condition.key_seconds is None:
        return 0
    return _between(condition.key_seconds, 0, KEY_DAYS_GOOD * _DAY_SECONDS)


def _rules(condition: Condition) -> int:
    if not condition.has_rules:
        return 0
    return FAULTY if condition.faults else GOOD


def _denylist(condition: Condition) -> int:
    return _between(condition.sync_seconds, condition.sync_seconds_bad, SYNC_SECONDS_GOOD)


def _clock(condition: Condition) -> int:
    return {"server": GOOD, "wall": WALL_CLOCK}.get(condition.clock, 0)


def _reader(condition: Condition) -> int:
    if not condition.readers:
        return NO_READER
    return GOOD * condition.readers_connected // condition.readers


def _journal(condition: Condition) -> int:
    if not condition.can_write:
        return 0
    return max(_between(condition.depth, DEPTH_BAD, DEPTH_GOOD), 1)


def _disk(condition: Condition) -> int:
    return _between(condition.disk_bytes, DISK_BAD, DISK_GOOD)


def _between(value: int, bad: int, good: int) -> int:
    """0 at `bad` and beyond, 100 at `good` and beyond, evenly in between; rounded down."""
    if (value >= good) if good > bad else (value <= good):
        return GOOD
    if (value <= bad) if good > bad else (value >= bad):
        return 0
    return GOOD * (value - bad) // (good - bad)


_PARTS: Mapping[str, Callable[[Condition], int]] = {
    "keys": _keys,
    "rules": _rules,
    "denylist": _denylist,
    "clock": _clock,
    "reader": _reader,
    "journal": _journal,
    "disk": _disk,
}
