"""
Door events: what a door writes down, chained as terminal records are.

An event's bytes are a JSON array without spaces, the layout number first, then every field in the
order below. No name, and of what was shown only what the server needs to check it again.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import Final

import orjson

from campus_code.code import CODE_DIGITS
from campus_code.door_rules import ZONE_MAX
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from campus_code.errors import ShapeError
from campus_code.limits import (
    AT_MAX,
    ISSUE_MAX,
    VERSION_MAX,
    require_card_number,
    require_int,
)
from campus_code.refusals import Refusal

DOOR_EVENTS_MAX: Final = 500
DOOR_EVENT_BYTES_MAX: Final = 400
DOOR_EVENT_LAYOUT: Final = 1


class DoorEventKind(enum.StrEnum):
    """What happened at a door."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    RELEASED = "released"
    EMERGENCY_BEGAN = "emergency_began"
    EMERGENCY_ENDED = "emergency_ended"
    LOCKDOWN_BEGAN = "lockdown_began"
    LOCKDOWN_ENDED = "lockdown_ended"
    PASSBACK_RESET = "passback_reset"
    LOCK_FAULT = "lock_fault"


OF_A_CARD: Final = frozenset((DoorEventKind.ADMITTED, DoorEventKind.REFUSED))
CAUSES: Final = ("command", "contact", "lock", "start")
_REFUSALS: Final = frozenset(refusal.value for refusal in Refusal)


@dataclass(frozen=True, slots=True)
class DoorEvent:
    """
    One line of a door's log. `sequence` counts from 1 without gaps, `at` is Unix seconds.

    Of a card: `credential` is the 34 digits or the 16 of an emergency code, `step` absolute or the
    day YYYYMMDD, `side` in or out, `word` "" for an admission and the refusal's word otherwise. Of
    the door itself: all these are empty, `word` says what caused it: a `command` typed at it, its
    `contact`, its `lock`, or its `start`.
    """

    sequence: int
    kind: DoorEventKind
    at: int
    word: str = ""
    zone: int = 0
    side: str = ""
    credential: str = ""
    card_number: str = ""
    issue: int = 0
    step: int = 0
    is_passback: bool = False
    sync_age_seconds: int = 0
    doors_version: int = 0
    denylist_version: int = 0
    directory_version: int = 0

    def __post_init__(self) -> None:
        if type(self.kind) is not DoorEventKind:
            raise ShapeError("kind: a kind of event is wanted")
        require_int("sequence", self.sequence, 1, VERSION_MAX)
        for name, most in _BOUNDS.items():
            require_int(name, getattr(self, name), 0, most)
        for name in ("word", "side", "credential", "card_number"):
            if type(getattr(self, name)) is not str:
                raise ShapeError(f"{name}: text is wanted")
        if type(self.is_passback) is not bool:
            raise ShapeError("is_passback: true or false is wanted")
        if self.kind in OF_A_CARD:
            _check_tap(self)
        else:
            _check_bare(self)

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return orjson.dumps((DOOR_EVENT_LAYOUT, *(getattr(self, name) for name in _FIELDS)))


_FIELDS: Final = tuple(one.name for one in dataclasses.fields(DoorEvent))
_BOUNDS: Final = {
    "at": AT_MAX,
    "zone": ZONE_MAX,
    "issue": ISSUE_MAX,
    "step": AT_MAX,
    "sync_age_seconds": AT_MAX,
    "doors_version": VERSION_MAX,
    "denylist_version": VERSION_MAX,
    "directory_version": VERSION_MAX,
}
_KINDS: Final = {kind.value: kind for kind in DoorEventKind}


def door_event_from_bytes(raw: bytes) -> DoorEvent:
    """Read an event strictly; ShapeError unless these are exactly the bytes it would write."""
    if len(raw) > DOOR_EVENT_BYTES_MAX:
        raise ShapeError(f"event: at most {DOOR_EVENT_BYTES_MAX} bytes are allowed, not {len(raw)}")
    try:
        loaded = orjson.loads(raw)
    except ValueError as error:
        raise ShapeError("event: is not JSON") from error
    if type(loaded) is not list or len(loaded) != 1 + len(_FIELDS):
        raise ShapeError(f"event: a list of {1 + len(_FIELDS)} is wanted")
    layout, sequence, kind, *rest = loaded
    if type(layout) is not int or layout != DOOR_EVENT_LAYOUT:
        raise ShapeError("event: of an unknown layout")
    if type(kind) is not str or kind not in _KINDS:
        raise ShapeError("kind: a kind of event is wanted")
    event = DoorEvent(sequence, _KINDS[kind], *rest)
    if event.to_bytes() != raw:
        raise ShapeError("event: is not in canonical form")
    return event


def _check_tap(event: DoorEvent) -> None:
    require_card_number("card_number", event.card_number)
    digits = event.credential
    is_digits = digits.isascii() and digits.isdigit()
    if not is_digits or len(digits) not in (CODE_DIGITS, EMERGENCY_CREDENTIAL_DIGITS):
        raise ShapeError(
            f"credential: {CODE_DIGITS} or {EMERGENCY_CREDENTIAL_DIGITS} digits are wanted"
        )
    if event.side not in ("in", "out"):
        raise ShapeError("side: in or out is wanted")
    is_admitted = event.kind is DoorEventKind.ADMITTED
    if (event.word == "") is not is_admitted or (event.word and event.word not in _REFUSALS):
        raise ShapeError("word: a refusal's word is wanted for a refusal and for nothing else")
    if event.is_passback and not is_admitted:
        raise ShapeError("is_passback: only a passage can be one")


def _check_bare(event: DoorEvent) -> None:
    if event.word not in CAUSES:
        raise ShapeError(f"word: one of {', '.join(CAUSES)} is wanted")
    told = (event.side, event.credential, event.card_number, event.issue, event.step)
    if any(told) or event.is_passback:
        raise ShapeError("card_number: an event of the door itself names no card")
