"""What an import did to one person, told apart field by field, and whether it can be undone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from backend.domain.roster import KnownHolder, RosterLine

UNDO_SECONDS: Final = 180 * 86_400
"""How long an import can be taken back; then what it changed is forgotten."""


class Change(StrEnum):
    """What a line does to its person, the gravest word that fits."""

    ADDED = "added"
    CHANGED = "changed"
    LEAVING = "leaving"
    RETURNING = "returning"


class Outcome(StrEnum):
    """What became of one change when its import was taken back.

    Whom nobody used since is `undone`; `undone_without_limits` cannot bring a guardian's limits
    back, which ended when he came of age. The others stay as they are.
    """

    UNDONE = "undone"
    UNDONE_WITHOUT_LIMITS = "no_limits"
    CHANGED_SINCE = "changed_since"
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True)
class Person:
    """What a roster says of a person, and no more. `is_limited`: guardians' limits stood."""

    name: str
    department: str
    class_id: int
    is_active: bool
    is_adult: bool
    is_limited: bool = False
    campus_id: int = 0

    def to_text(self) -> str:
        """As canonical JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Person | None:
        """Read it; None for the empty text of somebody who was not there."""
        return cls(**json.loads(text)) if text else None

    def as_line(self, line: int, number: str) -> RosterLine:
        """The line that would bring this about."""
        return RosterLine(
            line=line,
            number=number,
            name=self.name,
            department=self.department,
            class_id=self.class_id,
            is_active=self.is_active,
            is_adult=self.is_adult,
            campus_id=self.campus_id,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One line's person as he was (None: nobody) and as he becomes."""

    line: int
    number: str
    before: Person | None
    after: Person

    @property
    def change(self) -> Change:
        """What it is called."""
        if self.before is None:
            return Change.ADDED
        if self.before.is_active != self.after.is_active:
            return Change.LEAVING if self.before.is_active else Change.RETURNING
        return Change.CHANGED


COMPARED: Final = ("name", "department", "class_id", "is_active", "is_adult", "campus_id")


def person_of(holder: KnownHolder) -> Person:
    """A known holder as a roster sees him."""
    return Person(
        name=holder.name,
        department=holder.department,
        class_id=holder.class_id,
        is_active=holder.is_active,
        is_adult=holder.is_adult,
        is_limited=holder.is_limited,
        campus_id=holder.campus_id,
    )


def difference_of(line: RosterLine, holder: KnownHolder | None) -> Difference:
    """What a line does; what it does not say stays; who is new is of age, at no campus."""
    is_adult = line.is_adult
    if is_adult is None:
        is_adult = holder.is_adult if holder is not None else True
    campus_id = line.campus_id
    if campus_id is None:
        campus_id = holder.campus_id if holder is not None else 0
    said = (line.name, line.department, line.class_id, line.is_active, is_adult)
    after = Person(*said, campus_id=campus_id)
    before = person_of(holder) if holder is not None else None
    return Difference(line.line, line.number, before, after)


def fields_changed(before: Person | None, after: Person) -> Mapping[str, tuple[object, object]]:
    """Field → what it was and becomes; all of them for somebody new."""
    was = asdict(before) if before is not None else dict.fromkeys(COMPARED)
    becomes = asdict(after)
    return {name: (was[name], becomes[name]) for name in COMPARED if was[name] != becomes[name]}


def outcome_of(
    before: Person | None, after: Person, now: Person, *, is_used: bool
) -> tuple[Outcome, Person | None]:
    """What undoing a change comes to, and what the person then is; None: he stays as he is.

    Nobody is ever removed: who was added and not used since is no longer active.
    """
    if replace(now, is_limited=False) != replace(after, is_limited=False):
        return Outcome.CHANGED_SINCE, None
    if before is None:
        if is_used:
            return Outcome.IN_USE, None
        return Outcome.UNDONE, replace(now, is_active=False)
    had_limits = before.is_limited and after.is_adult and not before.is_adult
    return Outcome.UNDONE_WITHOUT_LIMITS if had_limits else Outcome.UNDONE, before
