"""
Door rules: which zones a school has, who may enter them when, and which terminal is which door.

They travel as canonical JSON inside the doors list (`door_list.py`), signed, to doors alone. Every
value checks its own bounds when it is made (ShapeError names the field).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import orjson

from campus_code.errors import ShapeError
from campus_code.limits import (
    CLASS_ID_MAX,
    NAME_LENGTH_MAX,
    require_choice,
    require_few,
    require_int,
    require_text,
)
from campus_code.rules import (
    CLASSES_MAX,
    DAY_MINUTES,
    SYNC_AGE_SECONDS_MAX,
    UTC_OFFSET_SECONDS_MAX,
)
from campus_code.strict_json import decode, encode, load_object

DOOR_RULES_BYTES_MAX: Final = 262_144
ZONES_MAX: Final = 500
ZONE_MAX: Final = 65_535
DOORS_MAX: Final = 1000
OPENINGS_MAX: Final = 32
SPECIAL_DAYS_MAX: Final = 400
PASSBACK_SECONDS_MAX: Final = 86_400
UNLOCK_SECONDS_MAX: Final = 60
TERMINAL_MAX: Final = 2**31 - 1
HOLIDAY: Final = 0
"""A day's kind: 0 a holiday, 1 Monday … 7 Sunday."""
SUNDAY: Final = 7

Passback = Literal["off", "soft", "hard"]
Fails = Literal["safe", "secure"]


@dataclass(frozen=True, slots=True)
class Opening:
    """
    Whom a zone lets in when. `classes` of holders, and with `is_for_granted` whoever was granted
    the zone by name. `days` by kind (0 a holiday, 1 Monday … 7 Sunday). Minutes of the local day,
    begins <= minute < ends, never over midnight: a night is two openings.
    """

    classes: tuple[int, ...]
    is_for_granted: bool
    days: tuple[int, ...]
    begins_minute: int
    ends_minute: int

    def __post_init__(self) -> None:
        require_few("classes", self.classes, 0, CLASSES_MAX)
        for class_id in self.classes:
            require_int("classes", class_id, 0, CLASS_ID_MAX)
        if not (self.classes or self.is_for_granted):
            raise ShapeError("classes: an opening is for somebody")
        require_few("days", self.days, 1, SUNDAY + 1)
        for day in self.days:
            require_int("days", day, HOLIDAY, SUNDAY)
        _require_ascending("classes", self.classes)
        _require_ascending("days", self.days)
        require_int("begins_minute", self.begins_minute, 0, DAY_MINUTES - 1)
        require_int("ends_minute", self.ends_minute, self.begins_minute + 1, DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class Zone:
    """
    A part of the campus behind one or more doors. `takes_emergency_codes`: whether the 16 digits
    for a day with a dead phone open it. `lockdown_classes` may enter while it is locked down.
    """

    zh: str
    en: str
    openings: tuple[Opening, ...]
    lockdown_classes: tuple[int, ...] = ()
    takes_emergency_codes: bool = False

    def __post_init__(self) -> None:
        require_text("zh", self.zh, NAME_LENGTH_MAX)
        require_text("en", self.en, NAME_LENGTH_MAX)
        require_few("openings", self.openings, 0, OPENINGS_MAX)
        require_few("lockdown_classes", self.lockdown_classes, 0, CLASSES_MAX)
        for class_id in self.lockdown_classes:
            require_int("lockdown_classes", class_id, 0, CLASS_ID_MAX)
        _require_ascending("lockdown_classes", self.lockdown_classes)


@dataclass(frozen=True, slots=True)
class Door:
    """
    One enrolled terminal as a door into a zone.

    `passback`: a card that is inside may not enter again: off, soft (let in and flagged), hard
    (refused). It is forgotten `passback_seconds` after the entry; 0: only by leaving or a reset.
    `unlock_seconds`: how long one passage keeps it open. `fails`: what the lock does without power,
    "safe" opens, "secure" stays shut. `sync_age_seconds_max`: a door that has heard nothing for
    longer opens to no code, because it may not have heard of a freeze; 0: it always goes on.
    """

    zone: int
    fails: Fails
    passback: Passback = "off"
    passback_seconds: int = 0
    unlock_seconds: int = 5
    sync_age_seconds_max: int = 0

    def __post_init__(self) -> None:
        require_int("zone", self.zone, 1, ZONE_MAX)
        require_choice("fails", self.fails, get_args(Fails))
        require_choice("passback", self.passback, get_args(Passback))
        require_int("passback_seconds", self.passback_seconds, 0, PASSBACK_SECONDS_MAX)
        require_int("unlock_seconds", self.unlock_seconds, 1, UNLOCK_SECONDS_MAX)
        require_int("sync_age_seconds_max", self.sync_age_seconds_max, 0, SYNC_AGE_SECONDS_MAX)


@dataclass(frozen=True, slots=True)
class DoorRules:
    """
    All doors of a school. `calendar`: days (YYYYMMDD) that count as another kind than their weekday
    says: 0 for a holiday, 1 for a Saturday that is worked as a Monday. `zones` by number, `doors`
    by the number of their terminal.
    """

    utc_offset_seconds: int = 0
    calendar: Mapping[int, int] = field(default_factory=dict)
    zones: Mapping[int, Zone] = field(default_factory=dict)
    doors: Mapping[int, Door] = field(default_factory=dict)

    def __post_init__(self) -> None:
        offset_max = UTC_OFFSET_SECONDS_MAX
        require_int("utc_offset_seconds", self.utc_offset_seconds, -offset_max, offset_max)
        require_few("calendar", self.calendar, 0, SPECIAL_DAYS_MAX)
        for on, kind in self.calendar.items():
            _require_day("calendar", on)
            require_int(f"calendar.{on}", kind, HOLIDAY, SUNDAY)
        require_few("zones", self.zones, 0, ZONES_MAX)
        for number in self.zones:
            require_int("zones", number, 1, ZONE_MAX)
        require_few("doors", self.doors, 0, DOORS_MAX)
        for terminal_id, door in self.doors.items():
            require_int("doors", terminal_id, 1, TERMINAL_MAX)
            if door.zone not in self.zones:
                raise ShapeError(f"doors.{terminal_id}.zone: no zone {door.zone}")


def door_rules_to_json(rules: DoorRules) -> bytes:
    """The canonical bytes: UTF-8, keys sorted, no spaces; equal rules give equal bytes."""
    return orjson.dumps(encode(rules), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def door_rules_from_json(raw: bytes) -> DoorRules:
    """
    Read door rules strictly: every field once, none unknown, right types, bounds kept. ShapeError
    names the path: `zones.3.openings[0].ends_minute`.
    """
    return decode(DoorRules, load_object(raw, DOOR_RULES_BYTES_MAX))


def _require_ascending(name: str, numbers: tuple[int, ...]) -> None:
    if list(numbers) != sorted(set(numbers)):
        raise ShapeError(f"{name}: ascending numbers, each once, are wanted")


def _require_day(name: str, on: int) -> None:
    require_int(name, on, 19700101, 99981231)
    try:
        dt.date(on // 10_000, on // 100 % 100, on % 100)
    except ValueError as error:
        raise ShapeError(f"{name}: {on} is no day (YYYYMMDD)") from error
