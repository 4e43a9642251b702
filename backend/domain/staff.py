"""Staff: what an appointment must hold."""

from __future__ import annotations

from backend.domain.access import Appointment, Role
from backend.domain.errors import InvalidInputError, NotFoundError


def require_appointment(given: Appointment) -> None:
    """Raise InvalidInputError for a cashier without a merchant, and for anybody else with one."""
    if (given.role is Role.CASHIER) != (given.merchant_id is not None):
        raise InvalidInputError("merchant_id", "a cashier needs one, nobody else has one")
    if given.merchant_id is not None and given.place_id:
        raise InvalidInputError("place_id", "a cashier is at his merchant, wherever that stands")


def unknown_staff() -> NotFoundError:
    """Nobody of that id works here."""
    return NotFoundError("unknown_staff", zh="没有这个工作人员", en="No such member of staff")
