from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from backend.domain.access import Actor, Role
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.login import TOTP_SECRET_BYTES, otpauth_uri, require_login, totp_context
from backend.domain.password import SALT_BYTES, hash_password, require_password
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.staff import StaffRow
from backend.tables.staff_members import NewStaff, add_staff
from backend.tables.versions import next_version
from backend.usecases.ports import Randomness, Vault

SYSTEM = "system"
"""Who creates the first admin: the one who may write the database and read the key file."""


@dataclass(frozen=True, slots=True)
class StaffDraft:
    """Who is to work here. A cashier belongs to a merchant, nobody else does."""

    login: str
    name: str
    role: Role
    password: str = field(repr=False)
    merchant_id: int | None = None


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
        InvalidInputError: login, password or merchant. ConflictError: login taken, or a
            bootstrap where somebody already is.

    """
    require_login(draft.login)
    require_password(draft.password, draft.login)
    if (draft.role is Role.CASHIER) != (draft.merchant_id is not None):
        raise InvalidInputError("merchant_id", "a cashier needs one, nobody else has one")
    secret = randomness(TOTP_SECRET_BYTES)
    hashed = await asyncio.to_thread(hash_password, draft.password, randomness(SALT_BYTES))
    new = NewStaff(
        login=draft.login,
        name=draft.name,
        role=draft.role,
        merchant_id=draft.merchant_id,
        password_hash=hashed,
        totp_secret=vault.seal(secret, totp_context(draft.login)),
    )
    by = SYSTEM if actor is None else actor.label
    async with transaction():
        if actor is None:
            await _require_first(draft.role)
        if draft.merchant_id and not await MerchantRow.exists(id=draft.merchant_id):
            raise InvalidInputError("merchant_id", "there is no such merchant")
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
