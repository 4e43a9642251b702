"""Reading who is logged in, and who cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.expressions import Q

from backend.domain.access import Audience
from backend.domain.times import utc
from backend.tables.staff import SessionRow, StaffRow


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of staff that is open; times are Unix seconds."""

    id: int
    staff_id: int
    name: str
    opened_at: int
    expires_at: int
    opened_from: str


@dataclass(frozen=True, slots=True)
class Lockout:
    """Somebody whose wrong logins are counted; `locked_until` 0: he is not locked out (yet)."""

    staff_id: int
    login: str
    name: str
    failures: int
    locked_until: int


async def open_sessions(
    at: int, *, staff_id: int = 0, before_id: int = 0, lines_max: int
) -> list[OpenSession]:
    """Those that are open now, newest first; of one person, or of everybody (0)."""
    query = SessionRow.filter(audience=Audience.STAFF.value, ended_at=None, expires_at__gt=utc(at))
    if staff_id:
        query = query.filter(subject_id=staff_id)
    if before_id:
        query = query.filter(id__lt=before_id)
    rows = await query.order_by("-id").limit(lines_max)
    staff = await StaffRow.filter(id__in={row.subject_id for row in rows})
    names = {one.id: one.name for one in staff}
    return [
        OpenSession(
            id=row.id,
            staff_id=row.subject_id,
            name=names.get(row.subject_id, ""),
            opened_at=int(row.opened_at.timestamp()),
            expires_at=int(row.expires_at.timestamp()),
            opened_from=row.opened_from,
        )
        for row in rows
    ]


async def lockouts(at: int) -> list[Lockout]:
    """Everybody who typed something wrong since he was last let in, locked ones first."""
    rows = await StaffRow.filter(Q(failures__gt=0) | Q(locked_until__gt=at), is_active=True)
    found = [
        Lockout(row.id, row.login, row.name, row.failures, max(0, row.locked_until)) for row in rows
    ]
    return sorted(found, key=lambda one: (-one.locked_until, -one.failures, one.staff_id))
