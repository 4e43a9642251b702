"""Cash drawers: what one must hold, and what a count that differs asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from backend.domain.lot import yuan

DRAWER_FEN_MAX: Final = 100_000_000
"""The most anybody says to have counted: a million yuan."""
NOTE_LENGTH_MAX: Final = 200


class NoOpenDrawer(ConflictError):
    """Cash is neither taken nor paid without a drawer that is answered for."""

    def __init__(self) -> None:
        super().__init__(
            "no_open_drawer",
            zh="请先打开自己的钱箱，再收付现金。",
            en="Open your own drawer before you take or pay cash.",
        )


@dataclass(frozen=True, slots=True)
class Drawer:
    """What went through one drawer (fen): the float it began with, cash taken, cash paid out."""

    opened_fen: int
    taken_fen: int
    paid_fen: int

    @property
    def expected_fen(self) -> int:
        """What it must hold."""
        return self.opened_fen + self.taken_fen - self.paid_fen


def judge_count(drawer: Drawer, counted_fen: int, note: str) -> int:
    """How much more (negative: less) was counted than must be there, in fen.

    Raises InvalidInputError for a difference without a note.
    """
    difference_fen = counted_fen - drawer.expected_fen
    if difference_fen and not note.strip():
        raise InvalidInputError(
            "note",
            "the count differs from the books; say why",
            zh=f"清点结果与账面相差 {yuan(abs(difference_fen))} 元，请说明原因。",
        )
    return difference_fen


def unknown_drawer() -> NotFoundError:
    """The answer when there is no such drawer, or it is another person's."""
    return NotFoundError("unknown_drawer", zh="没有这个钱箱。", en="There is no such drawer.")
