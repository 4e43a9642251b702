"""When people's cards end, a class that is over or a guest who goes: warnings, then a freeze."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.errors import InvalidInputError, NotFoundError
from backend.domain.message import Fact, Template, ending_facts

DAY_SECONDS: Final = 86_400
WARNED_DAYS: Final = (30, 7, 1)
"""How many days before the end a holder is warned, once each."""
ENDING_DAYS_MAX: Final = 10 * 366
ENDED_BY: Final = "ending"
"""Whose word a freeze is when a cohort ended, with the ending's number: `ending:7`."""
HOLDERS_MAX: Final = 20_000
"""The most people one ending is for."""


@dataclass(frozen=True, slots=True)
class EndingAsked:
    """A cohort by class, department (with all below it) or both, and when its cards end."""

    request_key: str
    name: str
    ends_at: int
    reason: str
    class_id: int | None = None
    department: str = ""


def require_cohort(asked: EndingAsked, at: int) -> None:
    """Raise InvalidInputError naming what is wrong with a cohort or its date."""
    if asked.class_id is None and not asked.department:
        raise InvalidInputError("cohort", "name a class or a department")
    require_end(asked.ends_at, at)


def require_end(ends_at: int, at: int) -> None:
    """Raise InvalidInputError for a date that is none."""
    if not at < ends_at <= at + ENDING_DAYS_MAX * DAY_SECONDS:
        raise InvalidInputError("ends_at", f"in the future, at most {ENDING_DAYS_MAX} days ahead")


def warnings_due(ends_at: int, at: int) -> int:
    """How many warnings a holder must have got by now; those he missed count as one."""
    return sum(ends_at - at <= days * DAY_SECONDS for days in WARNED_DAYS)


def warning_of(holder_id: int, ends_at: int, number: int, at: int) -> Fact:
    """The message of a warning: once for each date and step."""
    topic = f"ending:{holder_id}:{ends_at}:{number}"
    return Fact(Template.FREEZE, topic, holder_id, at, ending_facts(ends_at))


def unknown_ending() -> NotFoundError:
    """The answer when there is no such ending."""
    return NotFoundError("unknown_ending", zh="没有这个到期批次", en="There is no such ending")
