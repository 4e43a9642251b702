"""Find out who is asking: a student's, a guardian's or a staff member's session."""

from __future__ import annotations

from backend.domain.access import Actor, Audience, Role
from backend.domain.errors import UnauthenticatedError
from backend.domain.place import NO_REACH
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.card import CardRow, PhoneRow
from backend.tables.guardian import GuardianRow
from backend.tables.places import appointments_of
from backend.tables.staff import SessionRow, StaffRow


def nobody() -> UnauthenticatedError:
    """Nobody we know is asking; made anew each time, an error keeps its tracebacks."""
    return UnauthenticatedError("no_session", zh="请先登录。", en="Please log in first.")


async def find_actor(token: str, audience: Audience, at: float) -> Actor:
    """The person of a session, read anew for every request: a changed right acts at once.

    Raises:
        UnauthenticatedError: unknown, ended or expired session, another audience's, a phone
            that is unbound, a member of staff who left.

    """
    row = await SessionRow.get_or_none(
        token_hash=token_hash(token), audience=audience.value, ended_at=None
    )
    if row is None or row.expires_at <= utc(at):
        raise nobody()
    actor = await FINDERS[audience](row)
    if actor is None:
        raise nobody()
    return actor


async def _student(row: SessionRow) -> Actor | None:
    card = await CardRow.get_or_none(id=row.subject_id)
    phone = await PhoneRow.get_or_none(id=row.phone_id, unbound_at=None)
    if card is None or phone is None or phone.card_id != card.id:
        return None
    return Actor(
        Audience.STUDENT,
        card.id,
        card.number,
        card_id=card.id,
        holder_id=card.holder_id,
        phone_id=phone.id,
        session_id=row.id,
    )


async def _guardian(row: SessionRow) -> Actor | None:
    guardian = await GuardianRow.get_or_none(id=row.subject_id)
    if guardian is None:
        return None
    return Actor(Audience.GUARDIAN, guardian.id, "", session_id=row.id)


async def _staff(row: SessionRow) -> Actor | None:
    staff = await StaffRow.get_or_none(id=row.subject_id, is_active=True, is_enrolled=True)
    if staff is None:
        return None
    return Actor(
        Audience.STAFF,
        staff.id,
        staff.name,
        role=Role(staff.role),
        merchant_id=staff.merchant_id,
        session_id=row.id,
        appointments=await appointments_of(staff),
        reach=NO_REACH,
    )


FINDERS = {
    Audience.STUDENT: _student,
    Audience.GUARDIAN: _guardian,
    Audience.STAFF: _staff,
}
