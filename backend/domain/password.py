"""Passwords and PINs: scrypt, the parameters kept beside each hash so that they can be raised.

These functions take tens of milliseconds on purpose: callers run them in a thread.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from typing import Final

from backend.domain.errors import InvalidInputError

SCRYPT_LOG_N: Final = 14  # 2^14 blocks of 1 KiB: 16 MiB and about 40 ms
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
SCRYPT_MEMORY_BYTES_MAX: Final = 64 * 1024 * 1024
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 128
PIN_DIGITS: Final = 6


def hash_password(password: str, salt: bytes) -> str:
    """The text to store, e.g. `scrypt$14$8$1$salt$hash`; `salt` is SALT_BYTES random bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"salt: exactly {SALT_BYTES} bytes are wanted")
    made = _scrypt(password, salt, SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
    return f"scrypt${SCRYPT_LOG_N}${SCRYPT_R}${SCRYPT_P}${_text(salt)}${_text(made)}"


def is_password(password: str, stored: str) -> bool:
    """Whether `password` is the one `stored` was made from; constant in time."""
    _, log_n, r, p, salt, wanted = stored.split("$")
    made = _scrypt(password, base64.b64decode(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(made, base64.b64decode(wanted))


def require_password(password: str, login: str) -> None:
    """Raise InvalidInputError unless it is long enough and not the login itself."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        why = f"{PASSWORD_LENGTH_MIN}..{PASSWORD_LENGTH_MAX} characters are wanted"
        raise InvalidInputError("password", why)
    if login.casefold() in password.casefold():
        raise InvalidInputError("password", "must not hold the login")
    if len(set(password)) < PASSWORD_LENGTH_MIN // 2:
        raise InvalidInputError("password", "repeats too few characters")


def require_pin(pin: str) -> None:
    """Raise InvalidInputError unless it is PIN_DIGITS digits that are not the first to be tried."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        raise InvalidInputError("pin", f"exactly {PIN_DIGITS} digits are wanted")
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise InvalidInputError("pin", "equal or running digits are guessed first")


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=1 << log_n,
        r=r,
        p=p,
        maxmem=SCRYPT_MEMORY_BYTES_MAX,
        dklen=HASH_BYTES,
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
