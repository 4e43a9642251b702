"""
The card directory: what a terminal knows of cards, without personal data.

Payload: base u64 | count u32 | count entries of 12 bytes, ascending by card number:
card number u32 | issue u8 | state u8 | class u8 | 0 u8 | offline limit u32 (fen); big-endian.
Base 0 is a full directory, otherwise the payload holds what changed since that version.
"""

from __future__ import annotations

import enum
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from campus_code.documents import require_next
from campus_code.errors import DocumentError, DocumentFault, RefusedError, ShapeError
from campus_code.limits import (
    AMOUNT_FEN_MAX,
    CLASS_ID_MAX,
    ISSUE_MAX,
    VERSION_MAX,
    require_card_number,
    require_int,
)
from campus_code.refusals import Refusal

DIRECTORY_ENTRIES_MAX: Final = 200_000
CARD_NUMBER_MAX: Final = 99_999_999
ENTRY_BYTES: Final = 12
_HEAD = struct.Struct(">QI")
_ENTRY = struct.Struct(">IBBBBI")


class CardState(enum.IntEnum):
    """A card's state; the higher is the stricter. UNKNOWN is never stored."""

    ACTIVE = 0
    FROZEN = 1
    LOST = 2
    CLOSED = 3
    UNKNOWN = 4


_STATES: Final = tuple(CardState)  # by number: a call of the enum costs more than the bisection
STATE_REFUSALS: Final = {
    CardState.FROZEN: Refusal.FROZEN,
    CardState.LOST: Refusal.LOST,
    CardState.CLOSED: Refusal.CLOSED,
    CardState.UNKNOWN: Refusal.UNKNOWN_CARD,
}


@dataclass(frozen=True, slots=True)
class CardEntry:
    """One card: its current issue, state, class and what it may spend offline (fen)."""

    card_number: str
    issue: int
    state: CardState
    class_id: int
    offline_limit_fen: int


class CardDirectory:
    """An immutable directory of one version; found by bisection, not held as objects."""

    __slots__ = ("_entries", "_numbers", "version")

    def __init__(self, version: int = 0, entries: bytes = b"") -> None:
        """Start empty; use `apply` with a payload for everything else."""
        self.version = version
        self._entries = entries
        self._numbers = array("I", (row[0] for row in _ENTRY.iter_unpack(entries)))

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[CardEntry]:
        return (_entry(row) for row in _ENTRY.iter_unpack(self._entries))

    def find(self, card_number: str) -> CardEntry | None:
        """The card's entry, or None when it is not in the directory."""
        if len(card_number) != 8 or not (card_number.isascii() and card_number.isdigit()):
            return None
        number = int(card_number)
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            return None
        return _entry(_ENTRY.unpack_from(self._entries, at * ENTRY_BYTES))

    def apply(self, payload: bytes, version: int) -> CardDirectory:
        """
        The directory after a payload of document version `version`; this one stays as it is.

        DocumentError: MALFORMED, OVER_LIMIT, STALE_VERSION, WRONG_BASE (a delta since another
        version than the one held), IMPLAUSIBLE (a full directory that forgets every card).
        """
        base, entries = _read_payload(payload)
        require_next(version, base, self.version)
        if base == 0 and not entries and len(self):
            raise DocumentError(DocumentFault.IMPLAUSIBLE, "the new directory is empty")
        merged = entries if base == 0 else self._merge(entries)
        if len(merged) > DIRECTORY_ENTRIES_MAX * ENTRY_BYTES:
            raise DocumentError(DocumentFault.OVER_LIMIT, f"over {DIRECTORY_ENTRIES_MAX} cards")
        return CardDirectory(version, merged)

    def _merge(self, changes: bytes) -> bytes:
        merged = bytearray()
        copied = 0  # entries of ours already taken over
        for at in range(0, len(changes), ENTRY_BYTES):
            change = changes[at : at + ENTRY_BYTES]
            number = int.from_bytes(change[:4], "big")
            place = bisect_left(self._numbers, number, copied)
            merged += self._entries[copied * ENTRY_BYTES : place * ENTRY_BYTES]
            merged += change
            is_known = place < len(self._numbers) and self._numbers[place] == number
            copied = place + is_known
        merged += self._entries[copied * ENTRY_BYTES :]
        return bytes(merged)


def pack_directory(entries: Iterable[CardEntry], base_version: int = 0) -> bytes:
    """The payload of a full directory (base 0) or of changes; any order, each card once."""
    require_int("base_version", base_version, 0, VERSION_MAX)
    rows = sorted(entries, key=lambda entry: entry.card_number)
    if len(rows) > DIRECTORY_ENTRIES_MAX:
        raise ShapeError(f"entries: at most {DIRECTORY_ENTRIES_MAX} are allowed, not {len(rows)}")
    packed = bytearray(_HEAD.pack(base_version, len(rows)))
    last = ""
    for entry in rows:
        number = require_card_number("card_number", entry.card_number)
        if number == last:
            raise ShapeError(f"entries: card {number} is given twice")
        last = number
        packed += _ENTRY.pack(
            int(number),
            require_int("issue", entry.issue, 0, ISSUE_MAX),
            require_int("state", int(entry.state), 0, CardState.CLOSED),
            require_int("class_id", entry.class_id, 0, CLASS_ID_MAX),
            0,
            require_int("offline_limit_fen", entry.offline_limit_fen, 0, AMOUNT_FEN_MAX),
        )
    return bytes(packed)


def check_card(
    card_number: str, issue: int, directory: CardDirectory, denied: CardState | None
) -> CardEntry:
    """
    Step 7 of verifying: the card is known, the issue current, the state active.

    `denied` is what the denylist says of (card, issue). Raises RefusedError: UNKNOWN_CARD,
    REPLACED_CREDENTIAL, FROZEN, LOST or CLOSED (the stricter of directory and denylist).
    """
    entry = directory.find(card_number)
    if entry is None:
        raise RefusedError(Refusal.UNKNOWN_CARD)
    if issue != entry.issue:
        raise RefusedError(Refusal.REPLACED_CREDENTIAL, issue=issue)
    state = entry.state if denied is None else max(entry.state, denied)
    if state is not CardState.ACTIVE:
        raise RefusedError(STATE_REFUSALS[state])
    return entry


def _entry(row: tuple[int, ...]) -> CardEntry:
    number, issue, state, class_id, _, offline_limit_fen = row
    return CardEntry(f"{number:08d}", issue, _STATES[state], class_id, offline_limit_fen)


def _read_payload(payload: bytes) -> tuple[int, bytes]:
    if len(payload) < _HEAD.size:
        raise DocumentError(DocumentFault.MALFORMED, "too short for a directory")
    base, count = _HEAD.unpack_from(payload)
    if count > DIRECTORY_ENTRIES_MAX:
        raise DocumentError(DocumentFault.OVER_LIMIT, f"over {DIRECTORY_ENTRIES_MAX} cards")
    entries = payload[_HEAD.size :]
    if len(entries) != count * ENTRY_BYTES:
        raise DocumentError(DocumentFault.MALFORMED, "the count does not fit the bytes")
    last = -1
    for number, issue, state, _class_id, zero, limit in _ENTRY.iter_unpack(entries):
        if not last < number <= CARD_NUMBER_MAX:
            raise DocumentError(DocumentFault.MALFORMED, "card numbers do not ascend")
        if issue > ISSUE_MAX or state > CardState.CLOSED or zero or limit > AMOUNT_FEN_MAX:
            raise DocumentError(DocumentFault.MALFORMED, f"card {number:08d} is out of bounds")
        last = number
    return base, entries
