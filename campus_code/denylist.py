"""
The denylist: credentials refused at once, before the directory says so.

Payload: base u64 | flags u8 | count u32 | count entries of 14 bytes, ascending by card and issue:
card number u32 | issue u8 (255: every issue) | state u8 | version u64; big-endian. Base 0 is a
full list. State 0 (active) in a delta lifts that denial. Flag 1: a mass denial is meant.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from campus_code.directory import CARD_NUMBER_MAX, CardState
from campus_code.documents import require_next
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.limits import ISSUE_MAX, VERSION_MAX, require_card_number, require_int

DENIALS_MAX: Final = 200_000
DENIED_SHARE_MAX: Final = 2  # percent of the known cards; more is an accident or an attack
DENIED_COUNT_ALWAYS: Final = 20  # a small school may lose a whole class's cards
EVERY_ISSUE: Final = 255
ENTRY_BYTES: Final = 14
_FLAG_MASS: Final = 1
_HEAD = struct.Struct(">QBI")
_ENTRY = struct.Struct(">IBBQ")
_Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Denial:
    """One denied credential; issue None denies every issue. State ACTIVE lifts a denial."""

    card_number: str
    issue: int | None
    state: CardState
    version: int


class Denylist:
    """An immutable denylist of one version."""

    __slots__ = ("_states", "version")

    def __init__(
        self, version: int = 0, states: Mapping[_Key, tuple[CardState, int]] | None = None
    ) -> None:
        """Start empty; use `apply` with a payload for everything else."""
        self.version = version
        self._states = dict(states or {})

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[Denial]:
        for (number, issue), (state, version) in sorted(self._states.items()):
            named = None if issue == EVERY_ISSUE else issue
            yield Denial(f"{number:08d}", named, state, version)

    def state_of(self, card_number: str, issue: int) -> CardState | None:
        """The strictest state under which (card, issue) is denied, or None."""
        number = int(card_number)
        one = self._states.get((number, issue))
        every = self._states.get((number, EVERY_ISSUE))
        if one is None:
            return None if every is None else every[0]
        return one[0] if every is None else max(one[0], every[0])

    def apply(self, payload: bytes, version: int, cards_known: int | None = None) -> Denylist:
        """
        The list after a payload of document version `version`; this one stays as it is.

        DocumentError: MALFORMED, OVER_LIMIT, STALE_VERSION, WRONG_BASE, and IMPLAUSIBLE when it
        denies more than DENIED_SHARE_MAX percent of `cards_known` without the mass flag.
        """
        base, flags, changes = _read_payload(payload, version)
        require_next(version, base, self.version)
        states = {} if base == 0 else dict(self._states)
        for number, issue, state, since in changes:
            if state is CardState.ACTIVE:
                states.pop((number, issue), None)
            else:
                states[number, issue] = (state, since)
        if len(states) > DENIALS_MAX:
            raise DocumentError(DocumentFault.OVER_LIMIT, f"over {DENIALS_MAX} denials")
        if not flags & _FLAG_MASS:
            _check_share(states, cards_known)
        return Denylist(version, states)


def pack_denylist(
    denials: Iterable[Denial], base_version: int = 0, *, is_mass: bool = False
) -> bytes:
    """The payload of a full list (base 0) or of changes; any order, each (card, issue) once."""
    require_int("base_version", base_version, 0, VERSION_MAX)
    rows = sorted(_row(denial) for denial in denials)
    if len(rows) > DENIALS_MAX:
        raise ShapeError(f"denials: at most {DENIALS_MAX} are allowed, not {len(rows)}")
    if len({row[:2] for row in rows}) != len(rows):
        raise ShapeError("denials: a card and issue are given twice")
    flags = _FLAG_MASS if is_mass else 0
    return _HEAD.pack(base_version, flags, len(rows)) + b"".join(_ENTRY.pack(*row) for row in rows)


def denylist_base(payload: bytes) -> int:
    """The version that a payload changes, 0 for a full list; of one that was applied."""
    base: int = _HEAD.unpack_from(payload)[0]
    return base


def _row(denial: Denial) -> tuple[int, int, int, int]:
    number = int(require_card_number("card_number", denial.card_number))
    issue = EVERY_ISSUE
    if denial.issue is not None:
        issue = require_int("issue", denial.issue, 0, ISSUE_MAX)
    state = require_int("state", int(denial.state), 0, CardState.CLOSED)
    return number, issue, state, require_int("version", denial.version, 1, VERSION_MAX)


def _check_share(states: Mapping[_Key, object], cards_known: int | None) -> None:
    if cards_known is None:
        return
    denied = len({number for number, _ in states})
    if denied > DENIED_COUNT_ALWAYS and denied * 100 > cards_known * DENIED_SHARE_MAX:
        raise DocumentError(
            DocumentFault.IMPLAUSIBLE, f"denies {denied} of {cards_known} cards without the flag"
        )


def _read_payload(
    payload: bytes, document_version: int
) -> tuple[int, int, list[tuple[int, int, CardState, int]]]:
    if len(payload) < _HEAD.size:
        raise DocumentError(DocumentFault.MALFORMED, "too short for a denylist")
    base, flags, count = _HEAD.unpack_from(payload)
    if count > DENIALS_MAX:
        raise DocumentError(DocumentFault.OVER_LIMIT, f"over {DENIALS_MAX} denials")
    entries = payload[_HEAD.size :]
    if len(entries) != count * ENTRY_BYTES or flags > _FLAG_MASS:
        raise DocumentError(DocumentFault.MALFORMED, "count or flags do not fit")
    changes = []
    last = (-1, 0)
    for number, issue, state, version in _ENTRY.iter_unpack(entries):
        if (number, issue) <= last or number > CARD_NUMBER_MAX:
            raise DocumentError(DocumentFault.MALFORMED, "cards do not ascend")
        is_issue = issue <= ISSUE_MAX or issue == EVERY_ISSUE
        if not is_issue or state > CardState.CLOSED or not 1 <= version <= document_version:
            raise DocumentError(DocumentFault.MALFORMED, f"card {number:08d} is out of bounds")
        last = (number, issue)
        changes.append((number, issue, CardState(state), version))
    return base, flags, changes
