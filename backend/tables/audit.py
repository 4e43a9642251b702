"""The trail of who did what: one line each, in the transaction of the thing itself."""

from __future__ import annotations

from backend.domain.times import utc
from backend.tables.staff import AuditRow


async def note(actor: str, verb: str, subject: str, at: int, **detail: object) -> None:
    """Write one line. `subject` is `card:<id>`, `cardholder:<id>`, `staff:<id>`; never a name."""
    await AuditRow.create(at=utc(at), actor=actor, verb=verb, subject=subject, detail=detail)


def because(reason: str) -> dict[str, str]:
    """The detail of a line about something that was done for a reason; nothing where none is."""
    return {"reason": reason} if reason else {}
