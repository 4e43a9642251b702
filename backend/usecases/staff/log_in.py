from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from backend.domain.access import Audience, Role
from backend.domain.errors import TooManyRequestsError, UnauthenticatedError
from backend.domain.login import (
    LoginState,
    after_attempt,
    matching_totp_step,
    recovery_context,
    totp_context,
)
from backend.domain.password import SALT_BYTES, hash_password, is_password
from backend.domain.setting import SETTINGS, STAFF_SESSION_HOURS
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, read_binding_code, session_token, token_hash
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.recovery import find_recovery, use_recovery
from backend.tables.retrying import retried
from backend.tables.settings import read_settings
from backend.tables.staff import SessionRow, StaffRow
from backend.usecases.ports import Randomness, Vault

STAFF_SESSION_SECONDS = SETTINGS[STAFF_SESSION_HOURS].default * 3600
"""Unless the school has set otherwise."""
ADDRESS_LENGTH_MAX = 45
"""An IPv6 address with a mapped IPv4 one."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session, shown once; `expires_at` is Unix seconds."""

    session: str = field(repr=False)
    expires_at: int
    staff_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows to get in: a login, its password and one of the two second factors."""

    login: str
    password: str = field(repr=False)
    totp: str = field(repr=False)
    recovery_code: str = field(default="", repr=False)
    address: str = ""


@retried
async def log_in(shown: Shown, *, at: int, randomness: Randomness, vault: Vault) -> LoggedIn:
    """Open a staff session with password and second factor; a recovery code opens one.

    Raises:
        UnauthenticatedError: whatever is wrong, in the same words.
        TooManyRequestsError: locked after LOGIN_FAILURES_MAX wrong attempts.

    """
    row = await StaffRow.get_or_none(login=shown.login)
    if row is None:
        # as slow as a wrong password, so that the answer's time names nobody
        await asyncio.to_thread(hash_password, shown.password, randomness(SALT_BYTES))
        raise _wrong_login()
    is_right = await asyncio.to_thread(is_password, shown.password, row.password_hash)
    secret = vault.open(row.totp_secret, totp_context(row.login))
    step = matching_totp_step(secret, shown.totp, at)
    token = session_token(randomness(TOKEN_BYTES))
    recovery_hash = _recovery_hash(shown.recovery_code, row.id, vault)
    seconds = (await read_settings())[STAFF_SESSION_HOURS] * 3600
    async with transaction():
        locked = await StaffRow.select_for_update().get(id=row.id)
        state = LoginState(
            locked.is_active, locked.failures, locked.locked_until, locked.last_totp_step
        )
        recovery = await find_recovery(row.id, recovery_hash)
        after, is_in = after_attempt(
            state,
            is_password=is_right,
            totp_step=step,
            at=at,
            is_recovered=recovery is not None,
        )
        await StaffRow.filter(id=row.id).update(
            failures=after.failures,
            locked_until=after.locked_until,
            last_totp_step=after.last_totp_step,
            is_enrolled=locked.is_enrolled or is_in,
        )
        if is_in:
            if recovery is not None and after.last_totp_step == state.last_totp_step:
                await use_recovery(recovery, row.id, at)
            await SessionRow.create(
                token_hash=token_hash(token),
                audience=Audience.STAFF,
                subject_id=row.id,
                opened_at=utc(at),
                expires_at=utc(at + seconds),
                opened_from=shown.address[:ADDRESS_LENGTH_MAX],
            )
        if is_in or after != state:
            verb = "staff.log_in" if is_in else "staff.wrong_login"
            await note(f"staff:{row.id}", verb, f"staff:{row.id}", at)
    if is_in:
        role = Role(locked.role)
        return LoggedIn(token, at + seconds, row.id, locked.name, role)
    if at < state.locked_until:
        raise TooManyRequestsError(state.locked_until - at)
    raise _wrong_login()


def _recovery_hash(code: str, staff_id: int, vault: Vault) -> str:
    typed = read_binding_code(code).encode()
    return vault.keyed_hash(typed, recovery_context(staff_id)) if typed else ""


def _wrong_login() -> UnauthenticatedError:
    return UnauthenticatedError(
        "wrong_login",
        zh="登录名、密码或动态码不正确",
        en="Login, password or one-time code is wrong",
    )
