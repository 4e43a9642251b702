"""What can go wrong between two machines, on order: each fault is used up by one ask."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

BEFORE: Final = ("ask_lost", "garbage_instead")
"""Before the books hear of the ask."""
AFTER: Final = (
    "answer_lost", "late_answer", "false_seal", "half_answer", "garbage_after",
    "other_amount", "other_account", "other_trace",
)  # fmt: skip
"""The books have it; what is wrong is the answer."""
INSTEAD: Final = ("undecided", "undecided_and_moved", "cut_over", "no_batch")
"""The bank says so by itself."""
FAULTS: Final = (*BEFORE, *AFTER, *INSTEAD)
GARBAGE: Final = bytes(range(7, 80))
LATE_SECONDS: Final = 2.0


@dataclass
class Faults:
    """The plan, first things first, each for one kind of ask ("" any): load, undo, sign_in …"""

    planned: deque[tuple[str, str]] = field(default_factory=deque)

    def plan(self, name: str, times: int = 1, only: str = "") -> None:
        """Let the next asks meet a fault. Raises ValueError: no such fault."""
        if name not in FAULTS:
            raise ValueError(f"fault: one of {', '.join(FAULTS)}")
        self.planned.extend([(name, only)] * times)

    def next(self, kind: str) -> str:
        """The fault this ask meets; "" for none."""
        if self.planned and self.planned[0][1] in {"", kind}:
            return self.planned.popleft()[0]
        return ""
