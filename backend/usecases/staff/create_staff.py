from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from backend.domain.access import Actor, Appointment, Role
from backend.domain.errors import ConflictError
from backend.domain.login import TOTP_SECRET_BYTES, otpauth_uri, require_login, totp_context
from backend.domain.password import SALT_BYTES, hash_password, require_password
from backend.domain.staff import require_appointment
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.places import require_standing
from backend.tables.staff import StaffRow
from backend.tables.staff_members import NewStaff, add_staff
from backend.tables.versions import next_version
from backend.usecases.ports import Randomness, Vault

SYSTEM = "system"
"""Who creates the first admin: the one who may write the database and read the key file."""


@dataclass(frozen=True, slots=True)
class StaffDraft:
    """Who is to work here, and as what: a cashier belongs to a merchant, nobody else does.

    At `place_id` 0 the role is held in the whole school.
    """

    login: str
    name: str
    role: Role
    password: str = field(repr=False)
    merchant_id: int | None = None
    place_id: int = 0


@dataclass(frozen=True, slots=True)
class CreatedStaff:
    """The new row, and the second factor's URI: shown once, to be scanned."""

    id: int
    otpauth_uri: str = field(repr=False)


async def create_staff(
    draft: StaffDraft,
    *,
    actor: Actor | None,
    at: int,
    randomness: Randomness,
    vault: Vault,
    school: str,
) -> CreatedStaff:
    """Create a member of staff with password and second factor.

    `actor` None is the bootstrap: it makes an admin, and only while there is no staff at all.

    Raises:
        InvalidInputError: login, password or merchant. NotFoundError: no such place.
        ConflictError: login taken, or a bootstrap where somebody already is.

    """
    require_login(draft.login)
    require_password(draft.password, draft.login)
    first = Appointment(draft.role, draft.place_id, draft.merchant_id)
    require_appointment(first)
    secret = randomness(TOTP_SECRET_BYTES)
    hashed = await asyncio.to_thread(hash_password, draft.password, randomness(SALT_BYTES))
    new = NewStaff(
        login=draft.login,
        name=draft.name,
        role=draft.role,
        merchant_id=draft.merchant_id,
        place_id=draft.place_id,
        password_hash=hashed,
        totp_secret=vault.seal(secret, totp_context(draft.login)),
    )
    by = SYSTEM if actor is None else actor.label
    async with transaction():
        if actor is None:
            await _require_first(draft.role)
        await require_standing(first)
        staff_id = await add_staff(new, at)
        await note(by, "staff.create", f"staff:{staff_id}", at, role=draft.role)
    return CreatedStaff(staff_id, otpauth_uri(secret, draft.login, school))


async def _require_first(role: Role) -> None:
    await next_version("staff")  # two bootstraps at once wait for each other here
    if role is not Role.ADMIN or await StaffRow.exists():
        raise ConflictError(
            "admin_exists",
            zh="已经有管理员，请由管理员添加工作人员",
            en="There is an admin already; admins create the others",
        )
