"""
A cashier's shift: begun and ended on purpose, with its totals, kept in the journal's file.

A shift is two sequences of the journal, so its totals are counted from records and cannot differ
from them. What it was when it ended is kept until the next one ends, and for the server until that
says that it has it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from qr_terminals.errors import ShiftError
from qr_terminals.journal import Journal
from qr_terminals.takings import SHIFT_OPENED_AT, SHIFT_START, Takings, TakingsBook

NOT_COUNTED = -1
WAITING = "shift"
"""The journal's marks of shifts that ended and wait for the server: `shift:<opened_at>`."""
SHIFTS_TOLD_MAX = 20
"""So many that ended go with one sync, the oldest first."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Begun at Unix second `opened_at` by the cashier of this number (0 when none was given)."""

    opened_at: int
    cashier: int


@dataclass(frozen=True, slots=True)
class ClosedShift:
    """A shift that ended, what was taken in it, and what the cashier counted (fen), if anything."""

    shift: Shift
    closed_at: int
    takings: Takings
    counted_fen: int | None

    @property
    def difference_fen(self) -> int:
        """What was counted less what stands in the journal; 0 when nothing was counted."""
        return 0 if self.counted_fen is None else self.counted_fen - self.takings.stands_fen


class ShiftBook:
    """The shift that is open, and the last one that ended."""

    def __init__(self, journal: Journal, takings: TakingsBook) -> None:
        self._journal = journal
        self._takings = takings
        opened_at = journal.mark(SHIFT_OPENED_AT)
        self.now = Shift(opened_at, journal.mark("shift_cashier")) if opened_at else None
        self.last = self._read_last()

    def open(self, cashier: int, at: int) -> Shift:
        """Begin a shift. ShiftError when one is open; JournalError when it was not kept."""
        if self.now is not None:
            raise ShiftError("已有班次未结束。", "A shift is open already.")
        shift = Shift(at, cashier)
        self._journal.set_marks(
            {
                SHIFT_OPENED_AT: at,
                "shift_cashier": cashier,
                SHIFT_START: self._journal.sequence,
            }
        )
        self._takings.begin_shift(self._journal.sequence)
        self.now = shift
        return shift

    def close(self, counted_fen: int | None, at: int) -> ClosedShift:
        """End the shift. ShiftError when none is open; JournalError when it was not kept."""
        if self.now is None:
            raise ShiftError("没有进行中的班次。", "No shift is open.")
        closed = ClosedShift(self.now, at, self._takings.shift, counted_fen)
        taken = closed.takings
        self._journal.set_marks(
            {
                SHIFT_OPENED_AT: 0,
                "closed_opened_at": closed.shift.opened_at,
                "closed_cashier": closed.shift.cashier,
                "closed_at": at,
                "closed_payments": taken.payments,
                "closed_charged_fen": taken.charged_fen,
                "closed_offline": taken.offline,
                "closed_voided": taken.voided,
                "closed_voided_fen": taken.voided_fen,
                "closed_counted_fen": NOT_COUNTED if counted_fen is None else counted_fen,
                f"{WAITING}:{closed.shift.opened_at:012}": json.dumps(self._told(closed)).encode(),
            }
        )
        self.now, self.last = None, closed
        return closed

    def _told(self, closed: ClosedShift) -> dict[str, int | None]:
        taken = closed.takings
        return {
            "opened_at": closed.shift.opened_at,
            "cashier": closed.shift.cashier,
            "first_sequence": self._journal.mark(SHIFT_START) + 1,
            "last_sequence": self._journal.sequence,
            "closed_at": closed.closed_at,
            "payments": taken.payments,
            "charged_fen": taken.charged_fen,
            "offline": taken.offline,
            "voided": taken.voided,
            "voided_fen": taken.voided_fen,
            "counted_fen": closed.counted_fen,
        }

    def _read_last(self) -> ClosedShift | None:
        mark = self._journal.mark
        if not mark("closed_at"):
            return None
        takings = Takings(
            mark("closed_payments"),
            mark("closed_charged_fen"),
            mark("closed_offline"),
            mark("closed_voided"),
            mark("closed_voided_fen"),
        )
        shift = Shift(mark("closed_opened_at"), mark("closed_cashier"))
        counted = mark("closed_counted_fen")
        return ClosedShift(
            shift, mark("closed_at"), takings, None if counted == NOT_COUNTED else counted
        )


def told_shifts(journal: Journal) -> list[dict[str, int | None]]:
    """What a sync says of shifts: those that ended and wait, the oldest first, and the open one.

    Of the open one the server counts for itself; its `closed_at` is None, its sums 0.
    """
    waiting = [json.loads(raw) for raw in journal.marks_of(WAITING).values()]
    told: list[dict[str, int | None]] = waiting[:SHIFTS_TOLD_MAX]
    opened_at = journal.mark(SHIFT_OPENED_AT)
    if opened_at:
        sums = ("last_sequence", "payments", "charged_fen", "offline", "voided", "voided_fen")
        told.append(
            {
                "opened_at": opened_at,
                "cashier": journal.mark("shift_cashier"),
                "first_sequence": journal.mark(SHIFT_START) + 1,
                "closed_at": None,
                "counted_fen": None,
                **dict.fromkeys(sums, 0),
            }
        )
    return told


def forget_shifts(journal: Journal, through: int) -> None:
    """Forget those that ended and that the server has: opened at this second or before."""
    names = [name for name in journal.marks_of(WAITING) if int(name.partition(":")[2]) <= through]
    if names:
        journal.set_marks(dict.fromkeys(names))
