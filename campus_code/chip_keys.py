"""
The shared keys of a school's chips, and the key of each single chip diversified from them.

A chip never holds a shared key: whoever takes one chip apart learns the key of that chip alone.

    DESFire: AES-CMAC(master, 01 | uid | AID | "campus-code"), NXP AN10922 for AES-128
    CPU:     3DES(master, serial) | 3DES(master, serial xor FF…FF), as PBOC diversifies
    Classic: the first 6 bytes of AES-CMAC(master, "campus-code/chip/classic" | uid)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from campus_code.chips import CHIP_NUMBERS, Chip, ChipKind
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.limits import require_bytes

CHIP_KEY_BYTES: Final = 16
CLASSIC_KEY_BYTES: Final = 6
DESFIRE_AID: Final = bytes.fromhex("F04341")
"""The application on a DESFire chip, most significant byte first: F, then "CA"."""
DESFIRE_LABEL: Final = b"campus-code"
CLASSIC_LABEL: Final = b"campus-code/chip/classic"
AN10922_BYTES_MAX: Final = 31
_BLOCK = 16
_LAST_BLOCK_POLYNOMIAL = 0x87
_ENTRY = struct.Struct(">B16s")
_KINDS: Final = {number: kind for kind, number in CHIP_NUMBERS.items()}

TRANSPORT_KEYS: Final[dict[ChipKind, tuple[bytes, ...]]] = {
    ChipKind.DESFIRE: (bytes(16),),
    ChipKind.CPU: (b"\xff" * 16, bytes(16)),
    ChipKind.CLASSIC: tuple(
        map(
            bytes.fromhex,
            ("FFFFFFFFFFFF", "A0A1A2A3A4A5", "D3F7D3F7D3F7", "B0B1B2B3B4B5", "000000000000"),
        )
    ),
}
"""Keys chips leave the factory with, or that every reader knows; none of them proves anything."""


@dataclass(frozen=True, slots=True)
class ChipKey:
    """The shared key of one kind; a repr never shows it."""

    kind: ChipKind
    master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        require_bytes("master", self.master, CHIP_KEY_BYTES)
        if len(set(self.master)) == 1 or self.master in TRANSPORT_KEYS[self.kind]:
            raise ShapeError("master: a transport key is no secret")


class ChipKeys:
    """The shared keys a terminal holds, at most one of a kind."""

    __slots__ = ("_by_kind",)

    def __init__(self, keys: tuple[ChipKey, ...] = ()) -> None:
        """Raise ShapeError for a kind given twice."""
        self._by_kind = {key.kind: key for key in keys}
        if len(self._by_kind) != len(keys):
            raise ShapeError("chip keys: a kind is given twice")

    def __repr__(self) -> str:
        return f"ChipKeys({sorted(self._by_kind)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ChipKeys) and self._by_kind == other._by_kind

    def __hash__(self) -> int:
        return hash(frozenset(self._by_kind.values()))

    def __iter__(self) -> Iterator[ChipKey]:
        return iter(self._by_kind[kind] for kind in sorted(self._by_kind))

    @property
    def kinds(self) -> frozenset[ChipKind]:
        """The kinds there is a key for."""
        return frozenset(self._by_kind)

    def of(self, chip: Chip) -> bytes | None:
        """The key of this chip alone, or None when there is none of its kind."""
        key = self._by_kind.get(chip.kind)
        return None if key is None else chip_key(key, chip)


def chip_key(key: ChipKey, chip: Chip) -> bytes:
    """Diversify: 16 bytes, of a Classic chip 6. Never a transport key."""
    if key.kind is not chip.kind:
        raise ShapeError("chip: is of another kind than the key")
    if chip.kind is ChipKind.DESFIRE:
        return an10922(key.master, chip.uid + DESFIRE_AID + DESFIRE_LABEL)
    if chip.kind is ChipKind.CPU:
        turned = bytes(byte ^ 0xFF for byte in chip.uid)
        return triple_des(key.master, chip.uid) + triple_des(key.master, turned)
    made = cmac(key.master, CLASSIC_LABEL + chip.uid)[:CLASSIC_KEY_BYTES]
    if made in TRANSPORT_KEYS[ChipKind.CLASSIC]:  # once in 10¹³ chips, and then never
        raise ShapeError("chip: its key would be a transport key; take another chip")
    return made


def an10922(master: bytes, diversifier: bytes) -> bytes:
    """NXP AN10922, AES-128: CMAC over 01 | 1..31 bytes, padded to 32 whatever their length."""
    if not 1 <= len(diversifier) <= AN10922_BYTES_MAX:
        raise ShapeError(f"diversifier: 1..{AN10922_BYTES_MAX} bytes are wanted")
    return cmac(master, b"\x01" + diversifier, padded_to=2 * _BLOCK)


def cmac(key: bytes, message: bytes, *, padded_to: int = _BLOCK, initial: bytes = b"") -> bytes:
    """
    AES-CMAC (NIST SP 800-38B), 16 bytes. `padded_to` 32 is AN10922's own padding; `initial` the
    vector a DESFire session goes on with, zeros at first.
    """
    first = _doubled(aes_cbc(key, bytes(_BLOCK), bytes(_BLOCK), is_encrypting=True))
    if message and len(message) % padded_to == 0:
        subkey = first
    else:
        subkey = _doubled(first)
        message += b"\x80" + bytes(-(len(message) + 1) % padded_to)
    last = bytes(a ^ b for a, b in zip(message[-_BLOCK:], subkey, strict=True))
    whole = message[:-_BLOCK] + last
    return aes_cbc(key, initial or bytes(_BLOCK), whole, is_encrypting=True)[-_BLOCK:]


def aes_cbc(key: bytes, initial: bytes, data: bytes, *, is_encrypting: bool) -> bytes:
    """AES in CBC mode without padding; `data` is whole blocks."""
    cipher = Cipher(AES(key), modes.CBC(initial))
    turn = cipher.encryptor() if is_encrypting else cipher.decryptor()
    return turn.update(data) + turn.finalize()


def triple_des(key: bytes, data: bytes) -> bytes:
    """Two-key 3DES over whole blocks of 8 bytes, each by itself; CPU cards know nothing newer."""
    cipher = Cipher(TripleDES(key + key[:8]), modes.ECB())  # noqa: S305 - one block of fresh bytes
    turn = cipher.encryptor()
    return turn.update(data) + turn.finalize()


def chip_keys_to_bytes(keys: ChipKeys) -> bytes:
    """Count u8 | entries by kind: kind u8, master 16 bytes."""
    packed = sorted(_ENTRY.pack(CHIP_NUMBERS[key.kind], key.master) for key in keys)
    return bytes((len(packed),)) + b"".join(packed)


def read_chip_keys(raw: bytes) -> ChipKeys:
    """Read what `chip_keys_to_bytes` wrote, else DocumentError MALFORMED."""
    if not raw or len(raw) != 1 + raw[0] * _ENTRY.size:
        raise DocumentError(DocumentFault.MALFORMED, "the chip keys' count does not fit the bytes")
    try:
        keys = tuple(ChipKey(_KINDS[kind], key) for kind, key in _ENTRY.iter_unpack(raw[1:]))
        held = ChipKeys(keys)
    except (KeyError, ShapeError) as error:
        raise DocumentError(DocumentFault.MALFORMED, f"chip keys: {error}") from error
    if chip_keys_to_bytes(held) != raw:
        raise DocumentError(DocumentFault.MALFORMED, "the chip keys do not ascend by kind")
    return held


def _doubled(block: bytes) -> bytes:
    number = int.from_bytes(block, "big") << 1
    mask = (1 << 8 * _BLOCK) - 1
    carried = _LAST_BLOCK_POLYNOMIAL if number > mask else 0
    return ((number & mask) ^ carried).to_bytes(_BLOCK, "big")
