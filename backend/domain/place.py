"""Where things stand: campus → canteen → window, and how far somebody's right goes in that tree.

A school with one campus needs none of it: what stands at no place belongs to the whole school.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.errors import ForbiddenError, InvalidInputError, NotFoundError

NAME_LENGTH_MAX: Final = 64
ID_MAX: Final = 2**31 - 1
NOWHERE_IN_PARTICULAR: Final = 0
"""The id of no place: the whole school."""


class PlaceKind(StrEnum):
    """The three steps of the tree. Each stands in one of the step above it."""

    CAMPUS = "campus"
    CANTEEN = "canteen"
    WINDOW = "window"


STANDS_IN: Final[Mapping[PlaceKind, PlaceKind | None]] = {
    PlaceKind.CAMPUS: None,
    PlaceKind.CANTEEN: PlaceKind.CAMPUS,
    PlaceKind.WINDOW: PlaceKind.CANTEEN,
}
"""Because a place's parent is always of the step above, the tree can have no circle."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place; `parent_id` is 0 for a campus."""

    id: int
    parent_id: int
    kind: PlaceKind
    name: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a right goes: the whole school, or these merchants and places and nothing else."""

    is_whole_school: bool = False
    merchant_ids: frozenset[int] = frozenset()
    place_ids: frozenset[int] = frozenset()

    def has_merchant(self, merchant_id: int) -> bool:
        """Whether what belongs to this merchant may be seen and acted on."""
        return self.is_whole_school or merchant_id in self.merchant_ids

    def has_place(self, place_id: int) -> bool:
        """Whether what stands at this place may be; the school itself is no place (0)."""
        return self.is_whole_school or place_id in self.place_ids


WHOLE_SCHOOL: Final = Reach(is_whole_school=True)
NO_REACH: Final = Reach()


def below(places: Iterable[Place], roots: Iterable[int]) -> frozenset[int]:
    """The ids of some places and of all that stands below them."""
    children: dict[int, list[int]] = {}
    known = set()
    for place in places:
        known.add(place.id)
        children.setdefault(place.parent_id, []).append(place.id)
    found: set[int] = set()
    waiting = [root for root in roots if root in known]
    while waiting:
        place_id = waiting.pop()
        if place_id not in found:
            found.add(place_id)
            waiting += children.get(place_id, ())
    return frozenset(found)


def campus_of(places: Iterable[Place], place_id: int) -> int:
    """The campus a place is or stands in; 0 for no place."""
    chain = chain_of(places, place_id)
    return chain[-1] if chain else NOWHERE_IN_PARTICULAR


def chain_of(places: Iterable[Place], place_id: int) -> tuple[int, ...]:
    """A place and those it stands in, nearest first; nothing for no place."""
    parents = {place.id: place.parent_id for place in places}
    chain = []
    while place_id in parents:
        chain.append(place_id)
        place_id = parents[place_id]
    return tuple(chain)


def require_parent(kind: PlaceKind, parent: Place | None) -> None:
    """Raise InvalidInputError unless a place of this kind may stand in that one (None: school)."""
    wanted = STANDS_IN[kind]
    if (None if parent is None else parent.kind) is not wanted:
        why = "a campus stands in no place" if wanted is None else f"must be a {wanted}"
        raise InvalidInputError("parent_id", why)


def read_place_name(text: str) -> str:
    """A name as it is kept. Raises InvalidInputError: empty, too long, or not to be shown."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidInputError(
            "name", f"1..{NAME_LENGTH_MAX} characters that can be shown", zh="名称为 1～64 个字。"
        )
    return name


def unknown_place() -> NotFoundError:
    """The answer for no place, and for one that is not the asker's."""
    return NotFoundError("unknown_place", zh="没有这个地点。", en="There is no such place.")


def beyond_reach(verb: str) -> ForbiddenError:
    """The answer to somebody whose right ends at a place, where the whole school is meant."""
    return ForbiddenError(
        "beyond_reach",
        zh="您的权限限于所属地点，此项须由全校权限的人员办理。",
        en="Your right ends at your place; this is for the whole school.",
        verb=verb,
    )
