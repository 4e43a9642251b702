"""Who comes to which window, in what order, and with what in mind.

Window 1 (any amount) has its cable cut for the middle third of its queue, window 2 (set meals) is
killed twice and more, window 3 (noodles) stays as it is and lends its guests to the others.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulators.lunch.phones import Phone

CUT, KILLED, STEADY = 0, 1, 2
STUDENT = 1
PEOPLE_PER_COPY = 110
AMOUNTS_FEN = range(600, 3001, 50)
OVER_SINGLE_FEN = 8_800
"""More than a student may spend at once without a PIN."""
OVER_OFFLINE_FEN = 4_500
"""Less than that, but more than a terminal alone may approve."""


class Story(enum.Enum):
    """What somebody at a window is there for."""

    EATS = "eats"
    IS_LATE = "comes back after the terminal was killed under his hand"
    LENDS = "eats, and a friend takes a picture of the code"
    BORROWED = "eats at window 3, and the friend shows the picture here"
    TWICE = "shows the same code again, at once and later"
    FAST_CLOCK = "phone three minutes ahead, then set right"
    SLOW_CLOCK = "phone three minutes behind, then set right"
    FROZEN_BEFORE = "froze the card before lunch"
    FROZEN_NOW = "freezes the card in the queue"
    EMPTY = "has no money"
    FOREIGN = "shows a payment code of another wallet"
    FORGED_TOTP = "made the code up"
    FORGED_TAC = "made the issuer's half up: knows what a stolen terminal knows"
    OVER_SINGLE = "asks for too much without a PIN"
    OVER_OFFLINE = "asks for more than a terminal alone may approve"
    EMERGENCY = "the phone is dead, says the day's emergency code, twice"
    VOIDED = "the dish is given back"
    KILLED_UNDER = "scans, and the terminal is killed"
    # not people
    CUT_CABLE = "the cable is pulled"
    PLUG_CABLE = "and plugged in again"
    KILL = "the terminal is killed between two people"


@dataclass(slots=True)
class Visit:
    """One turn at one window."""

    story: Story
    phone: Phone | None = None
    asked_fen: int | None = None
    text: str = ""


@dataclass(slots=True)
class Plan:
    """A queue for each window, and who has something to do before the doors open."""

    queues: tuple[list[Visit], list[Visit], list[Visit]] = field(
        default_factory=lambda: ([], [], [])
    )
    frozen_before: list[Phone] = field(default_factory=list)
    dead_phones: list[Phone] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many people come."""
        return sum(visit.phone is not None for queue in self.queues for visit in queue)

    @property
    def turns(self) -> list[int]:
        """How many turns each window will serve: who lends a code eats at the steady one."""
        turns = [sum(visit.phone is not None for visit in queue) for queue in self.queues]
        lends = sum(visit.story is Story.BORROWED for queue in self.queues for visit in queue)
        turns[STEADY] += lends
        return turns


FIRST_AT_CUT = (
    Story.OVER_SINGLE,
    Story.FAST_CLOCK,
    Story.FOREIGN,
    Story.FROZEN_BEFORE,
    Story.VOIDED,
    Story.TWICE,
)
ALONE_AT_CUT = (
    Story.EMPTY,
    Story.FROZEN_NOW,
    Story.FROZEN_BEFORE,
    Story.BORROWED,
    Story.FORGED_TAC,
    Story.OVER_OFFLINE,
    Story.SLOW_CLOCK,
    Story.VOIDED,
    Story.FOREIGN,
)
AT_KILLED = (
    Story.FROZEN_NOW,
    Story.EMPTY,
    Story.BORROWED,
    Story.TWICE,
    Story.FOREIGN,
    Story.FORGED_TAC,
)
AT_STEADY = (
    Story.EMERGENCY,
    Story.FROZEN_BEFORE,
    Story.SLOW_CLOCK,
    Story.FORGED_TOTP,
    Story.VOIDED,
)
ODD_STORIES = len(FIRST_AT_CUT) + len(ALONE_AT_CUT) + len(AT_KILLED) + len(AT_STEADY)
PEOPLE_MIN = ODD_STORIES + 4


class TooFewError(Exception):
    """There are not enough people with money, or without, for what is to be played."""


def copies_for(people: int) -> int:
    """How often each odd story is played."""
    return max(1, people // PEOPLE_PER_COPY)


def make_plan(phones: Sequence[Phone], people: int, chance: random.Random) -> Plan:
    """Draw a plan for so many of these phones; the rest eat elsewhere today."""
    if people < PEOPLE_MIN:
        raise TooFewError(f"至少 {PEOPLE_MIN} 人 · at least {PEOPLE_MIN} people are needed")
    draw = _Draw(phones, chance)
    copies = copies_for(people)
    plan = Plan()
    first, alone = draw.cast(FIRST_AT_CUT * copies), draw.cast(ALONE_AT_CUT * copies)
    killed, steady = draw.cast(AT_KILLED * copies), draw.cast(AT_STEADY * copies)
    under = [draw.visit(Story.KILLED_UNDER) for _ in range(copies)]
    plain = people - sum(map(len, (first, alone, killed, steady, under)))
    shares = _share(plain, copies)
    sections = [
        draw.mix(odd, count) for odd, count in zip((first, alone, []), shares[:3], strict=True)
    ]
    cut, plug = Visit(Story.CUT_CABLE), Visit(Story.PLUG_CABLE)
    plan.queues[CUT].extend([*sections[0], cut, *sections[1], plug, *sections[2]])
    plan.queues[KILLED].extend(_with_kills(draw.mix(killed, shares[3]), under))
    plan.queues[STEADY].extend(draw.mix(steady, shares[4]))
    visits = [visit for queue in plan.queues for visit in queue]
    plan.frozen_before = _phones(visits, Story.FROZEN_BEFORE)
    plan.dead_phones = _phones(visits, Story.EMERGENCY)
    _set_amounts(plan.queues[CUT], chance)
    return plan


class _Draw:
    """Takes phones out of a shuffled pile, each once."""

    def __init__(self, phones: Sequence[Phone], chance: random.Random) -> None:
        pile = list(phones)
        chance.shuffle(pile)
        self._chance = chance
        self._empty = [phone for phone in pile if not _money_fen(phone)]
        self._students = [
            phone for phone in pile if _money_fen(phone) and phone.person.class_id == STUDENT
        ]
        self._others = [
            phone for phone in pile if _money_fen(phone) and phone.person.class_id != STUDENT
        ]

    def visit(self, story: Story) -> Visit:
        if story is Story.EMPTY:
            pile = self._empty
        elif story is Story.EATS and self._others:
            pile = self._chance.choices(
                (self._students, self._others), (len(self._students), len(self._others))
            )[0]
        else:
            pile = self._students or self._others
        if not pile:
            raise TooFewError("名单里的人不够 · there are not enough people on the roster")
        return Visit(story, pile.pop())

    def cast(self, stories: Sequence[Story]) -> list[Visit]:
        return [self.visit(story) for story in stories]

    def mix(self, odd: Sequence[Visit], plain: int) -> list[Visit]:
        visits = [*odd, *(self.visit(Story.EATS) for _ in range(plain))]
        self._chance.shuffle(visits)
        return visits


def _share(plain: int, copies: int) -> list[int]:
    """How many plain eaters join each section, so that the three queues are of one length."""
    odd_at_cut = (len(FIRST_AT_CUT) + len(ALONE_AT_CUT)) * copies
    odd_at_killed, odd_at_steady = len(AT_KILLED) * copies, len(AT_STEADY) * copies
    length = (plain + odd_at_cut + odd_at_killed + odd_at_steady) // 3
    at_cut = max(length - odd_at_cut, min(3, plain))
    at_cut = min(at_cut, plain)
    at_killed = min(max(length - odd_at_killed, 1), plain - at_cut)
    third = (at_cut + odd_at_cut) // 3
    first = min(max(third - len(FIRST_AT_CUT) * copies, 0), at_cut)
    alone = min(max(third - len(ALONE_AT_CUT) * copies, 0), at_cut - first)
    return [first, alone, at_cut - first - alone, at_killed, plain - at_cut - at_killed]


def _with_kills(visits: list[Visit], under: Sequence[Visit]) -> list[Visit]:
    """Put one kill after a third of the queue, and each kill under a hand later on."""
    mixed = list(visits)
    mixed.insert(len(visits) // 3, Visit(Story.KILL))
    for place, visit in enumerate(under, start=1):
        mixed.insert(len(visits) * (len(under) + place) // (2 * len(under) + 1) + place, visit)
    return mixed


def _set_amounts(visits: Sequence[Visit], chance: random.Random) -> None:
    special = {Story.OVER_SINGLE: OVER_SINGLE_FEN, Story.OVER_OFFLINE: OVER_OFFLINE_FEN}
    for visit in visits:
        visit.asked_fen = special.get(visit.story, chance.choice(AMOUNTS_FEN))


def _phones(visits: Sequence[Visit], story: Story) -> list[Phone]:
    return [visit.phone for visit in visits if visit.story is story and visit.phone is not None]


def _money_fen(phone: Phone) -> int:
    return phone.person.cash_fen + phone.person.benefit_fen
