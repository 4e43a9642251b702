"""Keys of one terminal at one bank: the master key that was loaded once, and a day's working keys.

The master key (TMK) comes on paper or in a letter of the bank, in two components, and lies on disk
encrypted with a key that the machine's operator gives at start. Working keys come with each
sign-in, encrypted by the master key with a check value beside each; they live in memory alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bank_gateway.macs import des_decrypt, des_encrypt

KEK_BYTES: Final = 32
NONCE_BYTES: Final = 12
TMK_BYTES: Final = 16
KCV_BYTES: Final = 4
PIN_LENGTHS: Final = range(4, 13)
_DOUBLE: Final = 16
_SINGLE: Final = 8
BLOCKS: Final = {
    24: (("pik", _SINGLE), ("mak", _SINGLE)),
    40: (("pik", _DOUBLE), ("mak", _DOUBLE)),
    60: (("pik", _DOUBLE), ("mak", _DOUBLE), ("tdk", _DOUBLE)),
}
"""What a block of working keys of so many bytes holds; each key is followed by its check value."""


class KeyBlockError(Exception):
    """A key that cannot be used: wrong length, or its check value does not fit. Sign in again."""


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """A day's keys, never shown: `pik` hides PINs, `mak` makes MACs, `tdk` hides tracks."""

    pik: bytes = field(repr=False)
    mak: bytes = field(repr=False)
    tdk: bytes = field(default=b"", repr=False)


def check_value(key: bytes) -> bytes:
    """The first four bytes of eight zeros encrypted: two people compare keys by it."""
    return des_encrypt(key, bytes(8))[:KCV_BYTES]


def join_components(components: tuple[bytes, ...]) -> bytes:
    """The master key out of what several people hold, each without knowing the others' part.

    Raises KeyBlockError: fewer than two, or not sixteen bytes each.
    """
    if len(components) < 2 or any(len(one) != TMK_BYTES for one in components):
        raise KeyBlockError(f"a master key comes in at least two components of {TMK_BYTES} bytes")
    key = bytes(TMK_BYTES)
    for one in components:
        key = bytes(left ^ right for left, right in zip(key, one, strict=True))
    return key


def seal_key(kek: bytes, key: bytes, about: str, randomness: Callable[[int], bytes]) -> bytes:
    """Encrypt a master key for the disk (AES-256-GCM); it opens for the same `about` only."""
    nonce = randomness(NONCE_BYTES)
    return nonce + _aes(kek).encrypt(nonce, key, about.encode())


def open_key(kek: bytes, sealed: bytes, about: str) -> bytes:
    """Decrypt it. KeyBlockError: another KEK, another terminal's key, or changed bytes."""
    try:
        return _aes(kek).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        raise KeyBlockError(f"{about}: the sealed master key does not open with this KEK") from None


def open_block(master: bytes, block: bytes) -> WorkingKeys:
    """The working keys of a sign-in's reply.

    Raises KeyBlockError: a length nobody defined, or a check value that does not fit.
    """
    layout = BLOCKS.get(len(block))
    if layout is None:
        known = ", ".join(str(one) for one in BLOCKS)
        raise KeyBlockError(f"a key block has {known} bytes, not {len(block)}")
    found, at = {}, 0
    for name, size in layout:
        wrapped, at = block[at : at + size], at + size
        value, at = block[at : at + KCV_BYTES], at + KCV_BYTES
        if name == "mak" and wrapped[_SINGLE:] == bytes(len(wrapped) - _SINGLE):
            wrapped = wrapped[:_SINGLE]  # a single-length key in a field for a double one
        key = des_decrypt(master, wrapped)
        if not hmac.compare_digest(check_value(key), value):
            raise KeyBlockError(f"the check value of the {name.upper()} does not fit")
        found[name] = key
    return WorkingKeys(**found)


def pin_block(pik: bytes, pin: str, account: str) -> bytes:
    """A PIN as it travels: ISO 9564 format 0 with the account's digits, encrypted (8 bytes).

    Raises ValueError: not 4 to 12 digits. The message says nothing of the PIN.
    """
    if not (pin.isascii() and pin.isdigit()) or len(pin) not in PIN_LENGTHS:
        raise ValueError("a PIN has 4 to 12 digits")
    plain = bytes.fromhex(f"{len(pin):02d}{pin}".ljust(16, "F"))
    mask = bytes.fromhex("0000" + account[:-1][-12:].rjust(12, "0"))
    return des_encrypt(pik, bytes(left ^ right for left, right in zip(plain, mask, strict=True)))


def _aes(kek: bytes) -> AESGCM:
    if len(kek) != KEK_BYTES:
        raise KeyBlockError(f"the KEK has {KEK_BYTES} bytes")
    return AESGCM(kek)
