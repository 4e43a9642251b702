"""
Chips: the contactless cards a school hands out, and the list of whose card each of them is.

A chip identifies and nothing more; money stays on the server, nothing of it is ever read from a
chip. In a record a chip is written `kind:uid`, the uid in lower-case hex digits.

List payload: base u64 | count u32 | count entries of 16 bytes, ascending by their first 12:
kind u8 | length u8 | uid, zeros up to 10 bytes | card number u32; big-endian. Base 0 is the full
list, otherwise what changed since that version; there card number 0xFFFFFFFF takes a chip away.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from campus_code.directory import CARD_NUMBER_MAX
from campus_code.documents import require_next
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.limits import VERSION_MAX, require_card_number, require_int

CHIPS_MAX: Final = 200_000
CHIP_ENTRY_BYTES: Final = 16
UID_BYTES_MAX: Final = 10
CHIP_MARK: Final = ":"
"""What stands in the text of every chip and in no other credential."""
TAKEN_AWAY: Final = 0xFFFF_FFFF
CHIP_TEXT_CHARACTERS_MAX: Final = 8 + 1 + 2 * UID_BYTES_MAX
_HEAD = struct.Struct(">QI")
_ENTRY = struct.Struct(">BB10sI")
_KEY_BYTES = 12


class ChipKind(enum.StrEnum):
    """What a chip is; the word stands in records."""

    DESFIRE = "desfire"
    CPU = "cpu"
    CLASSIC = "classic"


UID_BYTES: Final[Mapping[ChipKind, tuple[int, ...]]] = {
    ChipKind.DESFIRE: (7,),
    ChipKind.CPU: (8,),
    ChipKind.CLASSIC: (4, 7),
}
"""How long a uid of each kind may be. Four bytes of a DESFire are random: it hides its own."""

CHIP_NUMBERS: Final[Mapping[ChipKind, int]] = {
    ChipKind.DESFIRE: 1,
    ChipKind.CPU: 2,
    ChipKind.CLASSIC: 3,
}
_KINDS: Final = {number: kind for kind, number in CHIP_NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Chip:
    """One chip, told apart by its kind and uid; for a CPU card the serial number in its file."""

    kind: ChipKind
    uid: bytes

    def __post_init__(self) -> None:
        lengths = UID_BYTES[self.kind]
        if type(self.uid) is not bytes or len(self.uid) not in lengths:
            wanted = " or ".join(map(str, lengths))
            raise ShapeError(f"uid: {wanted} bytes are wanted of a {self.kind} chip")

    def __str__(self) -> str:
        return f"{self.kind}:{self.uid.hex()}"


def chip_from_text(text: object) -> Chip:
    """The chip a credential names, written in the one right way, else ShapeError."""
    if type(text) is not str or len(text) > CHIP_TEXT_CHARACTERS_MAX:
        raise ShapeError("chip: kind:uid is wanted")
    word, _, digits = text.partition(":")
    try:
        chip = Chip(ChipKind(word), bytes.fromhex(digits))
    except ValueError as error:
        raise ShapeError("chip: a known kind and hex digits are wanted") from error
    if str(chip) != text:
        raise ShapeError("chip: lower-case hex digits without spaces are wanted")
    return chip


class ChipList:
    """An immutable list of one version; found by bisection, not held as objects."""

    __slots__ = ("_entries", "version")

    def __init__(self, version: int = 0, entries: bytes = b"") -> None:
        """Start empty; use `apply` with a payload for everything else."""
        self.version = version
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries) // CHIP_ENTRY_BYTES

    def __iter__(self) -> Iterator[tuple[Chip, str]]:
        for entry in _cut(self._entries):
            chip, number = _read_entry(entry)
            yield chip, f"{number:08d}"

    def find(self, chip: Chip) -> str | None:
        """The number of the card this chip belongs to, or None."""
        wanted, low, high = _key(chip), 0, len(self)
        while low < high:
            middle = (low + high) // 2
            at = middle * CHIP_ENTRY_BYTES
            key = self._entries[at : at + _KEY_BYTES]
            if key == wanted:
                return f"{_ENTRY.unpack_from(self._entries, at)[3]:08d}"
            low, high = (middle + 1, high) if key < wanted else (low, middle)
        return None

    def apply(self, payload: bytes, version: int) -> ChipList:
        """
        The list after a payload of document version `version`; this one stays as it is.

        DocumentError: MALFORMED, OVER_LIMIT, STALE_VERSION, WRONG_BASE (changes since another
        version than the one held).
        """
        base, entries = _read_payload(payload)
        require_next(version, base, self.version)
        merged = {} if base == 0 else {one[:_KEY_BYTES]: one for one in _cut(self._entries)}
        for entry in entries:
            if _read_entry(entry)[1] == TAKEN_AWAY:
                merged.pop(entry[:_KEY_BYTES], None)
            else:
                merged[entry[:_KEY_BYTES]] = entry
        if len(merged) > CHIPS_MAX:
            raise DocumentError(DocumentFault.OVER_LIMIT, f"over {CHIPS_MAX} chips")
        return ChipList(version, b"".join(merged[key] for key in sorted(merged)))


def pack_chips(entries: Iterable[tuple[Chip, str | None]], base_version: int = 0) -> bytes:
    """
    The payload of a full list (base 0) or of changes; any order, each chip once. A card number of
    None takes the chip away, and stands in changes only.
    """
    require_int("base_version", base_version, 0, VERSION_MAX)
    packed = sorted(_pack_entry(chip, number, base_version) for chip, number in entries)
    if len(packed) > CHIPS_MAX:
        raise ShapeError(f"entries: at most {CHIPS_MAX} are allowed, not {len(packed)}")
    if len({one[:_KEY_BYTES] for one in packed}) != len(packed):
        raise ShapeError("entries: a chip is given twice")
    return _HEAD.pack(base_version, len(packed)) + b"".join(packed)


def _pack_entry(chip: Chip, number: str | None, base_version: int) -> bytes:
    if number is None and base_version == 0:
        raise ShapeError("entries: a full list takes no chip away")
    card = TAKEN_AWAY if number is None else int(require_card_number("card_number", number))
    return _key(chip) + card.to_bytes(4, "big")


def _key(chip: Chip) -> bytes:
    head = bytes((CHIP_NUMBERS[chip.kind], len(chip.uid)))
    return head + chip.uid.ljust(UID_BYTES_MAX, b"\0")


def _cut(entries: bytes) -> Iterator[bytes]:
    for at in range(0, len(entries), CHIP_ENTRY_BYTES):
        yield entries[at : at + CHIP_ENTRY_BYTES]


def _read_entry(entry: bytes) -> tuple[Chip, int]:
    kind, length, uid, number = _ENTRY.unpack(entry)
    if kind not in _KINDS or uid[length:].strip(b"\0"):
        raise ShapeError("entries: an unknown kind, or bytes behind a uid")
    return Chip(_KINDS[kind], uid[:length]), number


def _read_payload(payload: bytes) -> tuple[int, list[bytes]]:
    if len(payload) < _HEAD.size:
        raise DocumentError(DocumentFault.MALFORMED, "too short for a list of chips")
    base, count = _HEAD.unpack_from(payload)
    if count > CHIPS_MAX:
        raise DocumentError(DocumentFault.OVER_LIMIT, f"over {CHIPS_MAX} chips")
    body = payload[_HEAD.size :]
    if len(body) != count * CHIP_ENTRY_BYTES:
        raise DocumentError(DocumentFault.MALFORMED, "the count does not fit the bytes")
    entries = list(_cut(body))
    last = b""
    for entry in entries:
        try:
            _, number = _read_entry(entry)
        except ShapeError as error:
            raise DocumentError(DocumentFault.MALFORMED, str(error)) from error
        if entry[:_KEY_BYTES] <= last:
            raise DocumentError(DocumentFault.MALFORMED, "chips do not ascend")
        if number > CARD_NUMBER_MAX and (number != TAKEN_AWAY or base == 0):
            raise DocumentError(DocumentFault.MALFORMED, f"card {number} is out of bounds")
        last = entry[:_KEY_BYTES]
    return base, entries
