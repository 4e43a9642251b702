"""
Looking at what was presented at a door, and the verdict on it. Pure: everything is handed in.

What does not verify is refused by an error and never written down. What verifies is a known card:
then even a refusal is an event, for somebody may ask who stood at the door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from campus_code import (
    Admitted,
    CardEntry,
    CardState,
    CredentialKind,
    Declined,
    DoorKnown,
    DoorRules,
    DoorTap,
    Keyring,
    Passage,
    Refusal,
    RefusedError,
    RulesBundle,
    Side,
    decide_door,
    parse_emergency,
    verify_code,
    verify_emergency,
)
from campus_code.days import day_number, local_date
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from qr_terminals.doors.log import DoorLog
from qr_terminals.holdings import Held


class DoorReady(NamedTuple):
    """What a door must hold before it can look at anything."""

    rules: RulesBundle
    keyring: Keyring
    doors: DoorRules
    held: Held


def door_ready(held: Held) -> DoorReady | None:
    """The holdings when they are complete enough to work, else None."""
    if held.rules is None or held.keyring is None or held.doors.rules is None:
        return None
    return DoorReady(held.rules, held.keyring, held.doors.rules, held)


class Seen(NamedTuple):
    """A credential that verified at Unix second `at`; `entry` None: the directory has no card."""

    text: str
    side: Side
    kind: CredentialKind
    card_number: str
    issue: int
    step: int
    at: int
    entry: CardEntry | None

    def __repr__(self) -> str:
        return f"Seen(card_number={self.card_number}, at={self.at})"  # no code into a log


@dataclass(slots=True)
class DoorMemory:
    """What this door remembers of cards: steps by (card, issue, side), passages by card."""

    steps: dict[tuple[str, int, str, bool], int] = field(default_factory=dict)
    passages: dict[str, Passage] = field(default_factory=dict)
    step_floor: int = 0

    def is_used(self, seen: Seen) -> bool:
        """Whether this step, or a later one, has opened this side already."""
        is_emergency = seen.kind is CredentialKind.EMERGENCY
        floor = 0 if is_emergency else self.step_floor
        key = (seen.card_number, seen.issue, seen.side, is_emergency)
        return seen.step <= max(self.steps.get(key, 0), floor)

    def learn(self, seen: Seen) -> None:
        """A passage is durable."""
        is_emergency = seen.kind is CredentialKind.EMERGENCY
        self.steps[seen.card_number, seen.issue, seen.side, is_emergency] = seen.step
        self.passages[seen.card_number] = Passage(seen.side, seen.at)


def remember_door(log: DoorLog) -> DoorMemory:
    """Everything the log knows of cards: a restart forgets nothing."""
    steps = {
        (one.card_number, one.issue, one.side, one.is_emergency): one.step for one in log.used()
    }
    return DoorMemory(steps, log.passages(), log.mark("step_floor"))


def look_at_door(text: str, side: Side, at: int, known: DoorReady) -> Seen:
    """Steps 1 to 6 of the format; RefusedError says what is wrong."""
    if len(text) == EMERGENCY_CREDENTIAL_DIGITS:
        return _look_at_emergency(text, side, at, known)
    rules = known.rules
    code = verify_code(text, known.keyring, at, rules.window, retired_formats=rules.retired_formats)
    entry = known.held.directory.find(code.card_number)
    kind = CredentialKind.CODE
    return Seen(text, side, kind, code.card_number, code.issue, code.step, at, entry)


def _look_at_emergency(text: str, side: Side, at: int, known: DoorReady) -> Seen:
    shown = parse_emergency(text)
    entry = known.held.directory.find(shown.card_number)
    if entry is None:  # the issue, and so the key, is the directory's to say
        raise RefusedError(Refusal.UNKNOWN_CARD)
    on = local_date(at, known.rules.utc_offset_seconds)
    code = verify_emergency(text, entry.issue, known.keyring, at, on)
    day = day_number(on)
    kind = CredentialKind.EMERGENCY
    return Seen(text, side, kind, code.card_number, code.issue, day, at, entry)


def judge(
    seen: Seen, known: DoorReady, memory: DoorMemory, terminal_id: int, door: DoorKnown
) -> Admitted | Declined:
    """The verdict: the card is current, the step is new, then `decide_door`."""
    entry = seen.entry
    if entry is None:
        return Declined(Refusal.UNKNOWN_CARD, {})
    if entry.issue != seen.issue:
        return Declined(Refusal.REPLACED_CREDENTIAL, {"issue": seen.issue})
    if memory.is_used(seen):
        is_emergency = seen.kind is CredentialKind.EMERGENCY
        return Declined(Refusal.EMERGENCY_USED if is_emergency else Refusal.ALREADY_USED, {})
    denied = known.held.denylist.state_of(seen.card_number, seen.issue)
    tap = DoorTap(
        at=seen.at,
        terminal_id=terminal_id,
        side=seen.side,
        class_id=entry.class_id,
        card_state=max(entry.state, denied or CardState.ACTIVE),
        card=known.held.doors.card(seen.card_number),
        credential=seen.kind,
    )
    return decide_door(tap, known.doors, door)
