"""
Who may void a payment or begin to practise: whoever knows this terminal's authority PIN.

A supervisor sets it on the box (`python -m qr_terminals authority`); without one, a cashier may.
Only a slow salted hash of it is kept. Five wrong ones in a row lock it for five minutes, and both
stand in the journal's file, so that switching the box off and on gives no new tries.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from qr_terminals.disk import read_private, write_whole
from qr_terminals.errors import ConfigError
from qr_terminals.events import View
from qr_terminals.journal import Journal

AUTHORITY_FILE: Final = "authority.hash"
PIN_DIGITS_MIN: Final = 4
PIN_DIGITS_MAX: Final = 12
WRONG_MAX: Final = 5
LOCK_SECONDS: Final = 300
_SALT_BYTES: Final = 16
_WRONG, _UNTIL = "authority_wrong", "authority_until"


def set_authority(home: Path, pin: str) -> None:
    """Keep a new authority PIN of 4 to 12 digits; ConfigError for another."""
    is_pin = pin.isascii() and pin.isdigit() and PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX
    if not is_pin:
        raise ConfigError(
            f"授权密码应为 {PIN_DIGITS_MIN} 至 {PIN_DIGITS_MAX} 位数字。",
            f"The authority PIN must be {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits.",
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    write_whole(home / AUTHORITY_FILE, salt + _hash(pin, salt))


class Authority:
    """The authority of one terminal, and how often it was wrongly claimed."""

    def __init__(self, home: Path, journal: Journal) -> None:
        path = home / AUTHORITY_FILE
        self._kept = read_private(path) if path.exists() else b""
        self._journal = journal

    @property
    def is_wanted(self) -> bool:
        """Whether a PIN is asked at all."""
        return bool(self._kept)

    def refuse(self, pin: str, at: int) -> View | None:
        """What to show when this PIN does not allow it at Unix second `at`; None when it does."""
        if not self.is_wanted:
            return None
        if not pin:
            return View("needs_authority")
        if at < self._journal.mark(_UNTIL):
            return View("authority_locked")
        # counted as wrong before it is looked at: pulling the plug in between gives no free try
        wrong = self._journal.mark(_WRONG) + 1
        is_last = wrong >= WRONG_MAX
        self._journal.set_marks(
            {_WRONG: 0 if is_last else wrong, _UNTIL: at + LOCK_SECONDS if is_last else 0}
        )
        salt, wanted = self._kept[:_SALT_BYTES], self._kept[_SALT_BYTES:]
        if hmac.compare_digest(_hash(pin, salt), wanted):
            self._journal.set_marks({_WRONG: 0, _UNTIL: 0})
            return None
        return View("authority_locked" if is_last else "wrong_authority")


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**13, r=8, p=1)
