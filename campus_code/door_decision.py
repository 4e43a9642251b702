"""
The verdict on one tap at a door, without a network: one pure function, as `decide` is for money.

A freeze of money keeps nobody out of his dormitory: at a door the state `frozen` of directory and
denylist is looked past, and the doors list says whose doors are frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from campus_code.days import day_number, local_date
from campus_code.decision import CredentialKind, Declined
from campus_code.directory import STATE_REFUSALS, CardState
from campus_code.door_list import ORDINARY, DoorCard
from campus_code.door_rules import Door, DoorRules, Opening, Zone
from campus_code.limits import AT_MAX, CLASS_ID_MAX, require_choice, require_int
from campus_code.refusals import Refusal

Side = Literal["in", "out"]
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class DoorTap:
    """
    One tap of a verified credential at Unix second `at` on one side of a door: `in` where one
    stands outside, `out` where one stands inside. `card` is what the doors list says of the card.
    """

    at: int
    terminal_id: int
    side: Side
    class_id: int
    card_state: CardState
    card: DoorCard = ORDINARY
    credential: CredentialKind = CredentialKind.CODE

    def __post_init__(self) -> None:
        require_int("at", self.at, 0, AT_MAX)
        require_choice("side", self.side, get_args(Side))
        require_int("class_id", self.class_id, 0, CLASS_ID_MAX)


@dataclass(frozen=True, slots=True)
class Passage:
    """A card's last passage through this door: on which side it was shown, at which second."""

    side: Side
    at: int


@dataclass(frozen=True, slots=True)
class DoorKnown:
    """
    What the door itself knows: seconds since its last sync, whether it is locked down, and the
    card's last passage here, None for none since the last reset.
    """

    sync_age_seconds: int = 0
    is_locked_down: bool = False
    last: Passage | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The door opens. `is_passback`: a second entry, or leaving, in a row; it is flagged."""

    zone: int
    unlock_seconds: int
    is_passback: bool = False


def decide_door(tap: DoorTap, rules: DoorRules, known: DoorKnown) -> Admitted | Declined:
    """
    Whether this door opens to this tap.

    In this order, the first that fails is the answer: a door at all, the card's state, its doors
    not frozen, emergency codes taken here, the door heard of the server lately enough. Whoever
    stands inside is then let out. Else: no lockdown, the zone open to this card at all, open to it
    now, and not inside already.
    """
    door = rules.doors.get(tap.terminal_id)
    if door is None:
        return Declined(Refusal.NOT_A_DOOR, {"terminal_id": tap.terminal_id})
    zone = rules.zones[door.zone]
    refused = _check_card(tap, zone, door) or _check_age(door, known)
    if refused is not None:
        return refused
    again = _is_again(tap, door, known)
    if tap.side == "in":
        refused = (
            _check_lockdown(tap, zone, door, known)
            or _check_opening(tap, rules, zone, door)
            or (_passback(door) if again and door.passback == "hard" else None)
        )
    return refused or Admitted(door.zone, door.unlock_seconds, again)


def day_kind(at: int, rules: DoorRules) -> int:
    """What the local day of Unix second `at` counts as: 0 a holiday, 1 Monday … 7 Sunday."""
    day = local_date(at, rules.utc_offset_seconds)
    return rules.calendar.get(day_number(day), day.isoweekday())


def _check_card(tap: DoorTap, zone: Zone, door: Door) -> Declined | None:
    if tap.card_state not in (CardState.ACTIVE, CardState.FROZEN):  # frozen is its money alone
        reason = STATE_REFUSALS[tap.card_state]
        return Declined(reason, {"card_state": tap.card_state.name.lower()})
    if tap.card.is_frozen:
        return Declined(Refusal.DOORS_FROZEN, {})
    if tap.credential is CredentialKind.EMERGENCY and not zone.takes_emergency_codes:
        return Declined(Refusal.EMERGENCY_NOT_TAKEN, {"zone": door.zone})
    return None


def _check_age(door: Door, known: DoorKnown) -> Declined | None:
    longest, age = door.sync_age_seconds_max, known.sync_age_seconds
    if age < 0:  # synced in the future: the clock was set back
        return Declined(Refusal.CLOCK_UNTRUSTED, {"seconds": -age})
    if 0 < longest < age:
        return Declined(Refusal.DOOR_STALE, {"seconds": age, "limit_seconds": longest})
    return None


def _check_lockdown(tap: DoorTap, zone: Zone, door: Door, known: DoorKnown) -> Declined | None:
    if known.is_locked_down and tap.class_id not in zone.lockdown_classes:
        return Declined(Refusal.LOCKDOWN, {"zone": door.zone})
    return None


def _check_opening(tap: DoorTap, rules: DoorRules, zone: Zone, door: Door) -> Declined | None:
    is_granted = tap.card.is_granted(door.zone, tap.at)
    theirs = [one for one in zone.openings if _is_for(one, tap.class_id, is_granted=is_granted)]
    if not theirs:
        return Declined(Refusal.NOT_ADMITTED, {"zone": door.zone, "class_id": tap.class_id})
    kind = day_kind(tap.at, rules)
    minute = (tap.at + rules.utc_offset_seconds) // 60 % (_DAY_SECONDS // 60)
    if not any(
        kind in one.days and one.begins_minute <= minute < one.ends_minute for one in theirs
    ):
        return Declined(Refusal.OUTSIDE_HOURS, {"zone": door.zone, "day": kind, "minute": minute})
    return None


def _is_for(opening: Opening, class_id: int, *, is_granted: bool) -> bool:
    return class_id in opening.classes or (opening.is_for_granted and is_granted)


def _is_again(tap: DoorTap, door: Door, known: DoorKnown) -> bool:
    """Whether the card was last shown on this same side, too lately to be forgotten."""
    if door.passback == "off" or known.last is None or known.last.side != tap.side:
        return False
    return door.passback_seconds == 0 or tap.at - known.last.at < door.passback_seconds


def _passback(door: Door) -> Declined:
    return Declined(Refusal.PASSBACK, {"zone": door.zone})
