from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from backend.domain.access import Audience, Role
from backend.domain.errors import TooManyRequestsError, UnauthenticatedError
from backend.domain.login import LoginState, after_attempt, matching_totp_step, totp_context
from backend.domain.password import SALT_BYTES, hash_password, is_password
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, session_token, token_hash
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.staff import SessionRow, StaffRow
from backend.usecases.ports import Randomness, Vault

STAFF_SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session, shown once; `expires_at` is Unix seconds."""

    session: str = field(repr=False)
    expires_at: int
    staff_id: int
    name: str
    role: Role


@retried
async def log_in(
    login: str, password: str, totp: str, *, at: int, randomness: Randomness, vault: Vault
) -> LoggedIn:
    """Open a staff session with password and second factor.

    Raises:
        UnauthenticatedError: whatever is wrong, in the same words.
        TooManyRequestsError: locked after LOGIN_FAILURES_MAX wrong attempts.

    """
    row = await StaffRow.get_or_none(login=login)
    if row is None:
        # as slow as a wrong password, so that the answer's time names nobody
        await asyncio.to_thread(hash_password, password, randomness(SALT_BYTES))
        raise _wrong_login()
    is_right = await asyncio.to_thread(is_password, password, row.password_hash)
    step = matching_totp_step(vault.open(row.totp_secret, totp_context(row.login)), totp, at)
    token = session_token(randomness(TOKEN_BYTES))
    async with transaction():
        locked = await StaffRow.select_for_update().get(id=row.id)
        state = LoginState(
            locked.is_active, locked.failures, locked.locked_until, locked.last_totp_step
        )
        after, is_in = after_attempt(state, is_password=is_right, totp_step=step, at=at)
        await StaffRow.filter(id=row.id).update(
            failures=after.failures,
            locked_until=after.locked_until,
            last_totp_step=after.last_totp_step,
            is_enrolled=locked.is_enrolled or is_in,
        )
        if is_in:
            await SessionRow.create(
                token_hash=token_hash(token),
                audience=Audience.STAFF,
                subject_id=row.id,
                opened_at=utc(at),
                expires_at=utc(at + STAFF_SESSION_SECONDS),
            )
        if after != state:
            verb = "staff.log_in" if is_in else "staff.wrong_login"
            await note(f"staff:{row.id}", verb, f"staff:{row.id}", at)
    if is_in:
        role = Role(locked.role)
        return LoggedIn(token, at + STAFF_SESSION_SECONDS, row.id, locked.name, role)
    if at < state.locked_until:
        raise TooManyRequestsError(state.locked_until - at)
    raise _wrong_login()


def _wrong_login() -> UnauthenticatedError:
    return UnauthenticatedError(
        "wrong_login",
        zh="登录名、密码或动态码不正确",
        en="Login, password or one-time code is wrong",
    )
