"""Logging in as staff: password and a TOTP step used once; ten wrong ones in a row lock."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from typing import Final

import pyotp

from backend.domain.errors import InvalidInputError

LOGIN_FAILURES_MAX: Final = 10
LOCK_SECONDS: Final = 15 * 60
TOTP_STEP_SECONDS: Final = 30
TOTP_DIGITS: Final = 6
TOTP_DRIFT_STEPS: Final = 1
TOTP_SECRET_BYTES: Final = 20
LOGIN_LENGTH_MAX: Final = 32
RECOVERY_CODES: Final = 10
"""How many one-time codes somebody keeps for the day his authenticator is gone."""
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class LoginState:
    """What decides about a login attempt. `locked_until` is Unix seconds."""

    is_active: bool
    failures: int
    locked_until: int
    last_totp_step: int


def after_attempt(
    state: LoginState,
    *,
    is_password: bool,
    totp_step: int | None,
    at: int,
    is_recovered: bool = False,
) -> tuple[LoginState, bool]:
    """The state after an attempt, and whether it lets its maker in.

    `is_recovered`: a recovery code that was not used before stands in for the second factor.

    While locked nothing is looked at. A TOTP step at or before the last one used is a wrong one
    (RFC 6238 5.2), so that a code read over somebody's shoulder opens nothing.
    """
    if at < state.locked_until:
        return state, False
    is_fresh = totp_step is not None and totp_step > state.last_totp_step
    if state.is_active and is_password and (is_fresh or is_recovered):
        last = totp_step if is_fresh and totp_step is not None else state.last_totp_step
        return replace(state, failures=0, locked_until=0, last_totp_step=last), True
    failures = state.failures + 1
    if failures < LOGIN_FAILURES_MAX:
        return replace(state, failures=failures), False
    return replace(state, failures=0, locked_until=at + LOCK_SECONDS), False


def matching_totp_step(secret: bytes, code: str, at: int) -> int | None:
    """The step whose TOTP this is, at most TOTP_DRIFT_STEPS away from now; None if it is wrong."""
    if len(code) != TOTP_DIGITS or not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(base64.b32encode(secret).decode())
    now = at // TOTP_STEP_SECONDS
    found = None
    for step in range(now - TOTP_DRIFT_STEPS, now + TOTP_DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), code):
            found = step
    return found


def recovery_context(staff_id: int) -> str:
    """Under which context a member of staff's recovery codes are hashed."""
    return f"staff-recovery/{staff_id}"


def otpauth_uri(secret: bytes, login: str, school: str) -> str:
    """What an authenticator app reads from the picture."""
    totp = pyotp.TOTP(base64.b32encode(secret).decode())
    return totp.provisioning_uri(name=login, issuer_name=f"校码 {school}")


def totp_context(login: str) -> str:
    """Under which context a member of staff's TOTP secret is sealed."""
    return f"staff-totp/{login}"


def require_login(login: str) -> None:
    """Raise InvalidInputError unless it is small ASCII letters, digits, dot, dash, underscore."""
    if not _LOGIN.fullmatch(login):
        raise InvalidInputError(
            "login", "2..32 of a-z, 0-9, dot, dash and underscore, a letter first"
        )
