"""
The limits list: which cards have limits that guardians set. Cards without limits are not in it.

Payload: base u64 | kinds u16 | profiles u16 | cards u32
| kinds × (length u8 | UTF-8) | profiles × profile | cards × (card number u32 | profile u16);
profile: days u8 (bit 0: every day, bits 1–7: Monday to Sunday) | a limit u32 for each bit set
| count u8 | count × (kind u16 | limit u32). Big-endian, fen. Base 0 is the full list, otherwise
what changed since that version; there profile 65535 takes a card's limits away.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from campus_code.directory import CARD_NUMBER_MAX
from campus_code.documents import require_next
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.holder_limits import LIMITED_KINDS_MAX, WEEKDAYS, HolderLimits
from campus_code.limits import VERSION_MAX, require_card_number, require_int

LIMITED_CARDS_MAX: Final = 20_000
NAMED_KINDS_MAX: Final = 1000
NO_PROFILE: Final = 65_535
_HEAD = struct.Struct(">QHHI")
_CARD = struct.Struct(">IH")
_FEN = struct.Struct(">I")
_KIND = struct.Struct(">HI")
_Changes = Mapping[str, HolderLimits | None]


class CardLimits:
    """An immutable limits list of one version."""

    __slots__ = ("_limits", "version")

    def __init__(self, version: int = 0, limits: Mapping[str, HolderLimits] | None = None) -> None:
        """Start empty; use `apply` with a payload for everything else."""
        self.version = version
        self._limits = dict(limits or {})

    def __len__(self) -> int:
        return len(self._limits)

    def __iter__(self) -> Iterator[tuple[str, HolderLimits]]:
        return iter(sorted(self._limits.items()))

    def of(self, card_number: str) -> HolderLimits | None:
        """The limits of a card; None for the many that have none."""
        return self._limits.get(card_number)

    def apply(self, payload: bytes, version: int) -> CardLimits:
        """
        The list after a payload of document version `version`; this one stays as it is.

        DocumentError: MALFORMED, OVER_LIMIT, STALE_VERSION, WRONG_BASE (changes since another
        version than the one held).
        """
        base, changes = _read_payload(payload)
        require_next(version, base, self.version)
        limits = {} if base == 0 else dict(self._limits)
        for number, one in changes.items():
            if one is None:
                limits.pop(number, None)
            else:
                limits[number] = one
        if len(limits) > LIMITED_CARDS_MAX:
            raise DocumentError(DocumentFault.OVER_LIMIT, f"over {LIMITED_CARDS_MAX} cards")
        return CardLimits(version, limits)


def pack_limits(entries: Iterable[tuple[str, HolderLimits | None]], base_version: int = 0) -> bytes:
    """
    The payload of a full list (base 0) or of changes; any order, each card once. Cards with equal
    limits share a profile. None, or limits of nothing, takes a card out; a full list skips it.
    """
    require_int("base_version", base_version, 0, VERSION_MAX)
    given = sorted(entries, key=lambda entry: require_card_number("card_number", entry[0]))
    rows = [(number, limits or None) for number, limits in given if base_version or limits]
    if len(rows) > LIMITED_CARDS_MAX:
        raise ShapeError(f"entries: at most {LIMITED_CARDS_MAX} are allowed, not {len(rows)}")
    if len({number for number, _ in rows}) != len(rows):
        raise ShapeError("entries: a card is given twice")
    kinds = sorted({kind for _, limits in rows if limits for kind in limits.kinds})
    if len(kinds) > NAMED_KINDS_MAX:
        raise ShapeError(f"kinds: at most {NAMED_KINDS_MAX} are allowed, not {len(kinds)}")
    place_of = {kind: place for place, kind in enumerate(kinds)}
    packed = [None if limits is None else _pack(limits, place_of) for _, limits in rows]
    profiles = sorted({one for one in packed if one is not None})
    number_of = {profile: place for place, profile in enumerate(profiles)}
    parts = [_HEAD.pack(base_version, len(kinds), len(profiles), len(rows))]
    for raw in (kind.encode() for kind in kinds):
        parts += [bytes((len(raw),)), raw]
    parts += profiles
    for (card_number, _), profile in zip(rows, packed, strict=True):
        named = NO_PROFILE if profile is None else number_of[profile]
        parts.append(_CARD.pack(int(card_number), named))
    return b"".join(parts)


def _pack(limits: HolderLimits, place_of: Mapping[str, int]) -> bytes:
    days = (limits.day_fen, *limits.weekday_fen)
    bits = sum(1 << place for place, fen in enumerate(days) if fen is not None)
    amounts = b"".join(_FEN.pack(fen) for fen in days if fen is not None)
    kinds = sorted((place_of[kind], fen) for kind, fen in limits.kinds.items())
    packed = b"".join(_KIND.pack(place, fen) for place, fen in kinds)
    return bytes((bits,)) + amounts + bytes((len(kinds),)) + packed


class _Bytes:
    """Reading one field after the other; past the end is malformed."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def take(self, shape: struct.Struct) -> tuple[int, ...]:
        return shape.unpack(self.cut(shape.size))

    def byte(self) -> int:
        return self.cut(1)[0]

    def cut(self, length: int) -> bytes:
        piece = self._raw[self._at : self._at + length]
        if len(piece) != length:
            raise DocumentError(DocumentFault.MALFORMED, "ends before its counts say")
        self._at += length
        return piece


def _read_payload(payload: bytes) -> tuple[int, _Changes]:
    raw = _Bytes(payload)
    base, kind_count, profile_count, card_count = raw.take(_HEAD)
    if card_count > LIMITED_CARDS_MAX or kind_count > NAMED_KINDS_MAX:
        raise DocumentError(DocumentFault.OVER_LIMIT, "too many cards or kinds")
    try:
        kinds = [raw.cut(raw.byte()).decode() for _ in range(kind_count)]
        profiles = [_profile(raw, kinds) for _ in range(profile_count)]
        changes = dict(_card(raw, profiles) for _ in range(card_count))
        written = pack_limits(changes.items(), base)
    except (ShapeError, UnicodeDecodeError, IndexError) as error:
        raise DocumentError(DocumentFault.MALFORMED, str(error)) from error
    if written != payload:
        # order, doubles, unused kinds and profiles, bytes at the end: none of it is ever written
        raise DocumentError(DocumentFault.MALFORMED, "is not the one way to write this list")
    return base, changes


def _profile(raw: _Bytes, kinds: list[str]) -> HolderLimits:
    bits = raw.byte()
    days = [raw.take(_FEN)[0] if bits >> place & 1 else None for place in range(WEEKDAYS + 1)]
    count = raw.byte()
    if count > LIMITED_KINDS_MAX:
        raise DocumentError(DocumentFault.OVER_LIMIT, f"over {LIMITED_KINDS_MAX} kinds a card")
    pairs = [raw.take(_KIND) for _ in range(count)]
    return HolderLimits(days[0], tuple(days[1:]), {kinds[place]: fen for place, fen in pairs})


def _card(raw: _Bytes, profiles: list[HolderLimits]) -> tuple[str, HolderLimits | None]:
    number, place = raw.take(_CARD)
    if number > CARD_NUMBER_MAX:
        raise DocumentError(DocumentFault.MALFORMED, f"card {number} is out of bounds")
    return f"{number:08d}", None if place == NO_PROFILE else profiles[place]
