"""Finding people: what the words of a search may mean, and what narrows it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TEXT_LENGTH_MAX: Final = 64
CARD_DIGITS: Final = 8
TAIL_DIGITS: Final = 4


class By(StrEnum):
    """What a text is looked for in: beginnings of numbers and names, whole cards and tails."""

    NUMBER = "number"
    NAME = "name"
    CARD = "card"
    TAIL = "tail"


class Membership(StrEnum):
    """Whether a person is still here."""

    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class PeopleWanted:
    """What narrows the list; empty words and None do not. `card` is a state's word or `none`.

    `department` finds all that begins like it, so a college holds its majors; `leaving_id` is a
    cohort that was put down to leave. `campus_ids`: only who is at home there.
    """

    text: str = ""
    class_id: int | None = None
    department: str = ""
    membership: Membership | None = None
    card: str = ""
    leaving_id: int = 0
    campus_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a list: nothing of money, phones or doors. `card` is the newest card's state."""

    id: int
    number: str
    name: str
    department: str
    class_id: int
    is_active: bool
    cards: int
    card: str


def folded(text: str) -> str:
    """The text as it is looked for: composed, as the roster keeps it, without blanks around it."""
    return unicodedata.normalize("NFC", text).strip()


def meanings(text: str) -> tuple[By, ...]:
    """What a folded text can be; none for an empty one, which finds everybody.

    Digits are a number's beginning, eight of them a card too, four a phone's last. Chinese is a
    name. Latin letters begin numbers and names.
    """
    if not text:
        return ()
    if text.isascii() and text.isdigit():
        found = [By.NUMBER]
        if len(text) == CARD_DIGITS:
            found.append(By.CARD)
        if len(text) == TAIL_DIGITS:
            found.append(By.TAIL)
        return tuple(found)
    return (By.NUMBER, By.NAME) if text.isascii() else (By.NAME,)
