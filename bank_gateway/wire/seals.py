"""The seal of a message: made when it is sent, required when it comes."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from bank_gateway.keys import WorkingKeys
from bank_gateway.macs import KEY_BYTES, MAC_BYTES, MACS
from bank_gateway.profile import Seal
from bank_gateway.wire.faults import SealError

DIGEST_DIGITS: Final = {"md5": 32, "hmac-sha256": 64}
SECRET_BYTES_MIN: Final = 16


class Sealer:
    """Seals and checks by the way one profile names."""

    def __init__(self, seal: Seal) -> None:
        """Keep which way, and where the seal stands."""
        self._kind = seal.kind
        self.field = seal.field

    @property
    def empty(self) -> str:
        """What stands in the field while the seal is being made."""
        return "" if self._kind in DIGEST_DIGITS else "00" * MAC_BYTES

    def key_of(self, keys: WorkingKeys | None, secret: bytes) -> bytes:
        """The key this seal is made with. Raises SealError: it is not there, or too short."""
        if self._kind in DIGEST_DIGITS:
            if len(secret) < SECRET_BYTES_MIN:
                raise SealError(f"the shared key has at least {SECRET_BYTES_MIN} bytes")
            return secret
        if keys is None:
            raise SealError("there are no working keys before the first sign-in")
        if len(keys.mak) not in KEY_BYTES[self._kind]:
            raise SealError(f"{self._kind} takes a MAK of {KEY_BYTES[self._kind]} bytes")
        return keys.mak

    def seal(self, key: bytes, covered: bytes) -> str:
        """The seal as its field holds it: digits of a digest, or a MAC's bytes in hexadecimal."""
        if self._kind == "md5":  # what such banks ask for; the key at its end is the secret
            return hashlib.md5(covered + key).hexdigest().upper()  # noqa: S324
        if self._kind == "hmac-sha256":
            return hmac.new(key, covered, "sha256").hexdigest().upper()
        return MACS[self._kind](key, covered).hex().upper()

    def require(self, key: bytes, covered: bytes, said: str) -> None:
        """Raise SealError unless what a message says is its seal."""
        made = self.seal(key, covered)
        if not hmac.compare_digest(made.encode(), said.upper().encode()):
            raise SealError("its seal does not fit")
