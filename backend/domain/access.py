"""Who may do what: audiences, staff roles, and the one table of permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backend.domain.place import NOWHERE_IN_PARTICULAR, WHOLE_SCHOOL, Reach


class Audience(StrEnum):
    """Whom a session was opened for."""

    STUDENT = "student"
    GUARDIAN = "guardian"
    STAFF = "staff"
    TERMINAL = "terminal"
    PROGRAM = "program"
    """A program of the school's own with an API token: it reads."""


class Role(StrEnum):
    """What a member of staff is here for."""

    ADMIN = "admin"
    FINANCE = "finance"
    CARD_OFFICE = "card_office"
    HELP_DESK = "help_desk"
    """Answers questions and takes losses; opens, binds, replaces and pays nothing."""
    CASHIER = "cashier"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role somebody holds: in the whole school, at a place and below it, or for one merchant."""

    role: Role
    place_id: int = NOWHERE_IN_PARTICULAR
    merchant_id: int | None = None

    @property
    def is_for_school(self) -> bool:
        """Whether it holds everywhere."""
        return self.place_id == NOWHERE_IN_PARTICULAR and self.merchant_id is None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. `id` is the staff, card or guardian row's.

    Staff have appointments, the first of them is `role` (for a cashier with `merchant_id`). `reach`
    is how far the verb of the route goes that let them in: what is listed and what is acted on
    must be in it. `card_id` and `holder_id`: whose card it is about, the student's own, or that
    of whoever a member of staff helps at a kiosk.
    """

    audience: Audience
    id: int
    name: str
    role: Role | None = None
    merchant_id: int | None = None
    card_id: int | None = None
    holder_id: int | None = None
    phone_id: int | None = None
    session_id: int | None = None
    appointments: tuple[Appointment, ...] = ()
    reach: Reach = WHOLE_SCHOOL

    @property
    def label(self) -> str:
        """What the audit trail writes down: `staff:3`, `student:71`."""
        return f"{self.audience}:{self.id}"


@dataclass(frozen=True, slots=True)
class TerminalActor:
    """The enrolled device that is asking. Keys are raw bytes; repr shows none of them."""

    terminal_id: int
    merchant_id: int
    group_id: str
    signing_key: bytes = field(repr=False)
    session_key: bytes = field(repr=False)
    expires_at: int = 0

    @property
    def label(self) -> str:
        """What the audit trail writes down."""
        return f"{Audience.TERMINAL}:{self.terminal_id}"


_ADMIN = frozenset({Role.ADMIN})
_OFFICE = frozenset({Role.ADMIN, Role.CARD_OFFICE})
_MONEY = frozenset({Role.ADMIN, Role.FINANCE})
_READERS = frozenset({Role.ADMIN, Role.FINANCE, Role.AUDITOR})
_COUNTER = frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.HELP_DESK, Role.FINANCE, Role.AUDITOR})

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "announcements.publish": _OFFICE,
    "audit.read": frozenset({Role.ADMIN, Role.AUDITOR}),
    "benefits.approve": _MONEY,
    "benefits.ask": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE}),
    "benefits.read": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE, Role.AUDITOR}),
    "bills.fetch": _MONEY,
    "bills.read": _READERS,
    "books.read": _READERS,
    "cardholders.read": _COUNTER,
    "cards.approve": _OFFICE,
    "cards.bind": _OFFICE,
    "cards.close": _OFFICE,
    "cards.emergency": _OFFICE,
    "cards.freeze": _OFFICE | {Role.HELP_DESK},
    "cards.issue": _OFFICE,
    "cards.read": _COUNTER,
    "cards.replace": _OFFICE,
    "cards.unfreeze": _OFFICE,
    "cases.read": _READERS,
    "cases.work": _MONEY,
    "commissions.set": _MONEY,
    "days.close": _MONEY,
    "days.read": _READERS,
    "denylist.confirm": _ADMIN,
    "denylist.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.FINANCE, Role.AUDITOR}),
    "differences.settle": _MONEY,
    "doors.grant": _OFFICE,
    "doors.publish": _ADMIN,
    "doors.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.AUDITOR}),
    "drawers.approve": _MONEY,
    "drawers.work": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE}),
    "drills.order": _ADMIN,
    "drills.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.FINANCE, Role.AUDITOR}),
    "endings.approve": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE}),
    "endings.make": _OFFICE,
    "epochs.read": frozenset({Role.ADMIN, Role.AUDITOR}),
    "epochs.rotate": _ADMIN,
    "exports.approve": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE}),
    "exports.ask": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE, Role.AUDITOR}),
    "health.read": frozenset({Role.ADMIN, Role.AUDITOR}),
    "jobs.run": _ADMIN,
    "leavings.approve": _MONEY,
    "leavings.make": _MONEY,
    "live.read": _COUNTER,
    "merchants.create": _ADMIN,
    "merchants.read": frozenset({Role.ADMIN, Role.FINANCE, Role.CASHIER, Role.AUDITOR}),
    "messages.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.HELP_DESK, Role.AUDITOR}),
    "messages.retry": _OFFICE,
    "passages.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.AUDITOR}),
    "payments.read": frozenset({Role.ADMIN, Role.FINANCE, Role.CASHIER, Role.AUDITOR}),
    "payments.refund": _MONEY,
    "payments.void": frozenset({Role.ADMIN, Role.FINANCE, Role.CASHIER}),
    "pins.set": _OFFICE,
    "places.make": _ADMIN,
    "places.read": frozenset(Role),
    "purses.credit": _MONEY,
    "quotas.set": _ADMIN,
    "refunds.approve": _MONEY,
    "refunds.ask": frozenset({Role.ADMIN, Role.FINANCE, Role.CARD_OFFICE}),
    "remittances.approve": _MONEY,
    "remittances.ask": _MONEY,
    "reports.read": _READERS,
    "roster.import": _OFFICE,
    "rules.publish": _ADMIN,
    "rules.read": frozenset(Role),
    "rules.review": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.FINANCE, Role.AUDITOR}),
    "rules.try": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.FINANCE, Role.AUDITOR}),
    "sessions.end": _ADMIN,
    "sessions.read": frozenset({Role.ADMIN, Role.AUDITOR}),
    "settings.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.FINANCE, Role.AUDITOR}),
    "settings.set": _ADMIN,
    "settlements.make": _MONEY,
    "settlements.read": _READERS,
    "staff.create": _ADMIN,
    "staff.read": frozenset({Role.ADMIN, Role.AUDITOR}),
    "staff.recover": _ADMIN,
    "statements.read": _COUNTER,
    "terminals.enrol": _ADMIN,
    "terminals.read": frozenset({Role.ADMIN, Role.CARD_OFFICE, Role.FINANCE, Role.AUDITOR}),
    "terminals.revoke": _ADMIN,
    "tokens.make": _ADMIN,
    "tokens.read": frozenset({Role.ADMIN, Role.AUDITOR}),
    "top_ups.read": _COUNTER,
    "visits.open": _OFFICE,
}
"""Verb → the roles that may. What is not in this table nobody may."""


def may(role: Role | None, verb: str) -> bool:
    """Whether a role may do a thing; an unknown verb is a KeyError, never a yes."""
    return role in PERMISSIONS[verb]


TOKEN_VERBS = frozenset(
    {
        "bills.read",
        "books.read",
        "denylist.read",
        "doors.read",
        "drills.read",
        "epochs.read",
        "merchants.read",
        "places.read",
        "rules.read",
        "settings.read",
        "settlements.read",
        "terminals.read",
    }
)
"""What an API token may be given: how the school's machines and books stand, never people one by
one, who works here or what they did. A new verb is none of it until somebody writes it here."""


def appointments_for(actor: Actor, verb: str) -> tuple[Appointment, ...]:
    """Those of somebody's appointments that let him do a thing; where, is in each of them."""
    return tuple(one for one in actor.appointments if may(one.role, verb))
