"""A cashier's shift as a terminal tells it, and what the books say of the same records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class ToldShift:
    """In the terminal's words. `closed_at` None: it is open, and its sums say nothing yet."""

    opened_at: int
    cashier: int
    first_sequence: int
    last_sequence: int
    closed_at: int | None
    stands_fen: int
    counted_fen: int | None


class ShiftSums(NamedTuple):
    """What the books hold of a shift's records; what was voided stays among the payments."""

    payments: int = 0
    offline_payments: int = 0
    charged_fen: int = 0
    voided: int = 0
    voided_fen: int = 0

    @property
    def stands_fen(self) -> int:
        """The sum less what was voided."""
        return self.charged_fen - self.voided_fen
