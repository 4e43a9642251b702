"""Staff rows: put in, and locked for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tortoise.exceptions import IntegrityError

from backend.domain.access import Audience, Role
from backend.domain.errors import ConflictError
from backend.domain.times import utc
from backend.tables.staff import StaffRow


@dataclass(frozen=True, slots=True)
class NewStaff:
    """A member of staff to be put in; hash and sealed secret are ready to be stored."""

    login: str
    name: str
    role: Role
    merchant_id: int | None
    place_id: int
    password_hash: str = field(repr=False)
    totp_secret: str = field(repr=False)


async def add_staff(new: NewStaff, at: int) -> int:
    """Insert, and answer the id. ConflictError when the login is taken."""
    try:
        row = await StaffRow.create(
            login=new.login,
            name=new.name,
            role=new.role,
            merchant_id=new.merchant_id,
            place_id=new.place_id,
            password_hash=new.password_hash,
            totp_secret=new.totp_secret,
            created_at=utc(at),
        )
    except IntegrityError as error:
        raise ConflictError("login_taken", zh="登录名已存在", en="The login is taken") from error
    staff_id: int = row.id
    return staff_id


async def names_of(labels: Iterable[str]) -> dict[str, str]:
    """Label (`staff:3`) → name, of those that are staff; one statement."""
    parts = [label.partition(":") for label in set(labels)]
    ids = {int(number) for word, _, number in parts if word == Audience.STAFF and number.isdigit()}
    rows = await StaffRow.filter(id__in=ids).only("id", "name") if ids else []
    return {f"{Audience.STAFF}:{row.id}": row.name for row in rows}
