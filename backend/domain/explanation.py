"""Where a fen comes from: a tree of facts, from the figure down to what was tapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Fact = int | str | bool | None


class Figure(StrEnum):
    """What can be explained; the word in the address."""

    PAYMENT = "payments"
    POSTING = "postings"
    SETTLEMENT = "settlements"
    ACCOUNT = "accounts"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of the tree: what it is, its number, what is known of it, and what is behind it."""

    what: str
    id: int
    facts: Mapping[str, Fact]
    because: tuple[Node, ...] = ()
