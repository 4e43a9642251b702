"""What the holder and the offices are told of passages through doors."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.api.told import At
from backend.tables.door_events import PassageLine

BEFORE_MAX = 2**63 - 1


class PageQuery(Shape):
    """A page: events before this id; 0 begins with the newest."""

    before_id: Annotated[int, Field(ge=0, le=BEFORE_MAX)] = 0


class LookShape(Shape):
    """Why somebody looks; the holder reads it."""

    reason: str = Field(min_length=1, max_length=200)
    before_id: int = Field(default=0, ge=0, le=BEFORE_MAX)


class PassageTold(TypedDict):
    """One event at a door. `word`: why it was refused, or what caused it; "" for a passage."""

    passage_id: int
    at: At
    terminal_id: int
    door: str
    zone: int
    side: str
    kind: str
    word: str
    is_passback: bool


class PassagesTold(TypedDict):
    """A page, newest first; the next begins before `next_before_id`, 0: there is none."""

    passages: list[PassageTold]
    next_before_id: int
    kept_seconds: int


def passage_body(line: PassageLine) -> PassageTold:
    """One event as JSON."""
    return {
        "passage_id": line.id,
        "at": line.at,
        "terminal_id": line.terminal_id,
        "door": line.door,
        "zone": line.zone,
        "side": line.side,
        "kind": line.kind,
        "word": line.word,
        "is_passback": line.is_passback,
    }


def next_before(lines: list[PassageLine], lines_max: int) -> int:
    """Where the next page begins."""
    return lines[-1].id if len(lines) == lines_max else 0
