"""
The doors list: the door rules, and the cards of which a door must know more than their class.

Payload: base u64 | length u32 | door rules (JSON) | count u32 | count × card;
card: card number u32 | flags u8 (bit 0: its doors are frozen) | grants u8
| grants × (zone u16 | until u32, Unix seconds, 0: without end). Big-endian. Base 0 is the whole
list. Otherwise it holds what changed since that version: length 0 leaves the rules as they are,
a card with no flag and no grant is in the list no more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from campus_code.directory import CARD_NUMBER_MAX
from campus_code.documents import require_next
from campus_code.door_rules import (
    DOOR_RULES_BYTES_MAX,
    ZONE_MAX,
    DoorRules,
    door_rules_from_json,
    door_rules_to_json,
)
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.limits import VERSION_MAX, require_card_number, require_few, require_int

DOOR_CARDS_MAX: Final = 100_000
GRANTS_MAX: Final = 16
UNTIL_MAX: Final = 2**32 - 1
_FLAG_FROZEN: Final = 1
_HEAD = struct.Struct(">QI")
_COUNT = struct.Struct(">I")
_CARD = struct.Struct(">IBB")
_GRANT = struct.Struct(">HI")


@dataclass(frozen=True, slots=True)
class DoorCard:
    """
    What doors know of one card: are its doors frozen, and which zones it was granted by name.
    `grants`: zone → the Unix second at which the grant ends, 0 for never. Empty, it is falsy.
    """

    is_frozen: bool = False
    grants: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_few("grants", self.grants, 0, GRANTS_MAX)
        for zone, until in self.grants.items():
            require_int("grants", zone, 1, ZONE_MAX)
            require_int(f"grants.{zone}", until, 0, UNTIL_MAX)

    def __bool__(self) -> bool:
        return self.is_frozen or bool(self.grants)

    def is_granted(self, zone: int, at: int) -> bool:
        """Whether the zone is granted at Unix second `at`."""
        until = self.grants.get(zone)
        return until is not None and (until == 0 or at < until)


ORDINARY: Final = DoorCard()
"""A card that is not in the list: its class alone says where it may enter."""


class DoorList:
    """An immutable doors list of one version; `rules` is None before the first."""

    __slots__ = ("_cards", "rules", "version")

    def __init__(
        self,
        version: int = 0,
        rules: DoorRules | None = None,
        cards: Mapping[str, DoorCard] | None = None,
    ) -> None:
        """Start empty; use `apply` with a payload for everything else."""
        self.version = version
        self.rules = rules
        self._cards = dict(cards or {})

    def __len__(self) -> int:
        return len(self._cards)

    def __iter__(self) -> Iterator[tuple[str, DoorCard]]:
        return iter(sorted(self._cards.items()))

    def card(self, card_number: str) -> DoorCard:
        """What is known of a card; ORDINARY for the many that are not in the list."""
        return self._cards.get(card_number, ORDINARY)

    def apply(self, payload: bytes, version: int) -> DoorList:
        """
        The list after a payload of document version `version`; this one stays as it is.

        DocumentError: MALFORMED, OVER_LIMIT, STALE_VERSION, WRONG_BASE (changes since another
        version than the one held).
        """
        base, rules, changes = _read_payload(payload)
        require_next(version, base, self.version)
        cards = {} if base == 0 else dict(self._cards)
        for number, card in changes.items():
            if card:
                cards[number] = card
            else:
                cards.pop(number, None)
        if len(cards) > DOOR_CARDS_MAX:
            raise DocumentError(DocumentFault.OVER_LIMIT, f"over {DOOR_CARDS_MAX} cards")
        return DoorList(version, self.rules if rules is None else rules, cards)


def pack_doors(
    rules: DoorRules | None, cards: Iterable[tuple[str, DoorCard]], base_version: int = 0
) -> bytes:
    """
    The payload of a whole list (base 0: rules must be given, ordinary cards are left out) or of
    changes (rules None: unchanged; an ordinary card leaves the list). Any order, each card once.
    """
    require_int("base_version", base_version, 0, VERSION_MAX)
    if rules is None and base_version == 0:
        raise ShapeError("rules: a whole list holds them")
    given = sorted(cards, key=lambda entry: require_card_number("card_number", entry[0]))
    rows = [(number, card) for number, card in given if base_version or card]
    if len(rows) > DOOR_CARDS_MAX:
        raise ShapeError(f"cards: at most {DOOR_CARDS_MAX} are allowed, not {len(rows)}")
    if len({number for number, _ in rows}) != len(rows):
        raise ShapeError("cards: a card is given twice")
    written = b"" if rules is None else door_rules_to_json(rules)
    if len(written) > DOOR_RULES_BYTES_MAX:
        raise ShapeError(f"rules: at most {DOOR_RULES_BYTES_MAX} bytes are allowed")
    parts = [_HEAD.pack(base_version, len(written)), written, _COUNT.pack(len(rows))]
    for number, card in rows:
        flags = _FLAG_FROZEN if card.is_frozen else 0
        parts.append(_CARD.pack(int(number), flags, len(card.grants)))
        parts += [_GRANT.pack(*grant) for grant in sorted(card.grants.items())]
    return b"".join(parts)


def _read_payload(payload: bytes) -> tuple[int, DoorRules | None, dict[str, DoorCard]]:
    try:
        base, length = _HEAD.unpack_from(payload)
        at = _HEAD.size + length
        (count,) = _COUNT.unpack_from(payload, at)
        if count > DOOR_CARDS_MAX or length > DOOR_RULES_BYTES_MAX:
            raise DocumentError(DocumentFault.OVER_LIMIT, "too many cards or too long rules")
        rules = door_rules_from_json(payload[_HEAD.size : at]) if length else None
        at += _COUNT.size
        cards = {}
        for _ in range(count):
            number, card, at = _read_card(payload, at)
            cards[number] = card
        written = pack_doors(rules, cards.items(), base)
    except (struct.error, ShapeError) as error:
        raise DocumentError(DocumentFault.MALFORMED, str(error)) from error
    if written != payload:
        # order, doubles, other JSON than ours, unknown flags, bytes at the end: never written
        raise DocumentError(DocumentFault.MALFORMED, "is not the one way to write this list")
    return base, rules, cards


def _read_card(payload: bytes, at: int) -> tuple[str, DoorCard, int]:
    number, flags, count = _CARD.unpack_from(payload, at)
    if number > CARD_NUMBER_MAX:
        raise DocumentError(DocumentFault.MALFORMED, f"card {number} is out of bounds")
    at += _CARD.size
    grants = [_GRANT.unpack_from(payload, at + place * _GRANT.size) for place in range(count)]
    card = DoorCard(bool(flags & _FLAG_FROZEN), dict(grants))
    return f"{number:08d}", card, at + count * _GRANT.size
