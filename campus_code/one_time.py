"""One-time values, all of them made by pyotp."""

from __future__ import annotations

import hashlib

import pyotp

from campus_code.code import ONE_TIME_DIGITS, STEP_SECONDS

EMERGENCY_DIGITS = 8


class _SecretTotp(pyotp.TOTP):
    """
    pyotp's TOTP over raw bytes. Base32 there and back would cost more than the HMAC, and so would
    pyotp's own constructor, which checks what is fixed here once for all.
    """

    digits = ONE_TIME_DIGITS
    digest = staticmethod(hashlib.sha256)
    interval = STEP_SECONDS

    def __init__(self, secret: bytes) -> None:
        self._raw = secret

    def byte_secret(self) -> bytes:
        return self._raw

    @staticmethod
    def int_to_bytestring(i: int, *, padding: int = 8) -> bytes:
        """The same eight bytes as pyotp's own loop over them."""
        return i.to_bytes(padding, "big")


class _SecretHotp(pyotp.HOTP):
    """pyotp's HOTP over raw bytes."""

    digits = EMERGENCY_DIGITS
    digest = staticmethod(hashlib.sha256)

    def __init__(self, secret: bytes) -> None:
        self._raw = secret

    def byte_secret(self) -> bytes:
        return self._raw


def totp_of_step(secret: bytes, step: int) -> str:
    """Nine digits of RFC 6238 with SHA-256 for an absolute step ≥ 0."""
    return _SecretTotp(secret).generate_otp(step)


def hotp_of_counter(secret: bytes, counter: int) -> str:
    """Eight digits of RFC 4226 with SHA-256 for a counter ≥ 0."""
    return _SecretHotp(secret).generate_otp(counter)
