"""Who knocks at the routes, and what a row of the matrix says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.domain.access import Role


class Caller(StrEnum):
    """Everybody who can knock."""

    NOBODY = "nobody"
    STUDENT = "student"
    OTHER_STUDENT = "other student"
    GUARDIAN = "guardian"
    ADMIN = Role.ADMIN
    FINANCE = Role.FINANCE
    CARD_OFFICE = Role.CARD_OFFICE
    HELP_DESK = Role.HELP_DESK
    CASHIER = Role.CASHIER
    AUDITOR = Role.AUDITOR
    TERMINAL = "terminal"


@dataclass(frozen=True)
class Target:
    """What a path may name; made anew for each permitted call."""

    card_id: int = 0
    holder_id: int = 0
    staff_id: int = 0
    terminal_id: int = 0


@dataclass(frozen=True)
class Row:
    """One route."""

    method: str
    path: str
    may: frozenset[Caller]
    answer: int = 200
    body: Callable[[], Any] = dict
    scoped: bool = False
    """Whoever may do it at a place only is let in too (test_reach.py tries what he reaches)."""


CHECKED_ELSEWHERE = 0
ALL = frozenset(Caller)
STUDENTS = frozenset({Caller.STUDENT, Caller.OTHER_STUDENT})
GUARDIANS = frozenset({Caller.GUARDIAN})
STAFF = frozenset(Caller(role.value) for role in Role)
ADMIN = frozenset({Caller.ADMIN})
OFFICE = ADMIN | {Caller.CARD_OFFICE}
COUNTER = OFFICE | {Caller.HELP_DESK, Caller.FINANCE, Caller.AUDITOR}
READERS = OFFICE | {Caller.FINANCE, Caller.AUDITOR}
DOOR_READERS = OFFICE | {Caller.AUDITOR}
AUDIT = ADMIN | {Caller.AUDITOR}
TERMINAL = frozenset({Caller.TERMINAL})
MONEY = ADMIN | {Caller.FINANCE}
DRAWERS = OFFICE | {Caller.FINANCE}
MONEY_READERS = ADMIN | {Caller.FINANCE, Caller.CASHIER, Caller.AUDITOR}
