"""What a benchmark says: spreads instead of single figures, the machine's load, who used the CPU.

The machine may be shared, so both sides of a ratio are measured in turns (A/B/A/B), each round
gives its own ratio, and what is told is the median with the lowest and highest beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Spread:
    """Several rounds of one figure."""

    lowest: float
    median: float
    highest: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one round."""
        return cls(min(values), statistics.median(values), max(values), len(values))

    def told(self, digits: int) -> dict[str, float]:
        """As JSON, rounded."""
        return {
            "min": round(self.lowest, digits),
            "median": round(self.median, digits),
            "max": round(self.highest, digits),
            "rounds": self.rounds,
        }


def ratio_of(ours: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """Ours to another's rate, round by round, as told."""
    return Spread.of([one / two for one, two in zip(ours, other, strict=True)]).told(3)


def load_average() -> float:
    """How many programs wanted the CPU in the last minute; more than the cores is noise."""
    return round(os.getloadavg()[0], 2)


def cpu_seconds(pid: int) -> float:
    """CPU seconds all threads of a running process have used, to the nanosecond (Linux)."""
    used = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            used += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:  # the thread ended while we looked
            continue
    return used / NANOSECONDS


class CpuClock:
    """CPU seconds of this process and, when there is one, of a database server beside it."""

    def __init__(self, database_pid: int | None) -> None:
        self._database_pid = database_pid
        self._began = self.now()

    def now(self) -> tuple[float, float]:
        """Seconds of Python, seconds of the database, since whenever."""
        database = cpu_seconds(self._database_pid) if self._database_pid else 0.0
        return time.process_time(), database

    def restart(self) -> None:
        """Count from now."""
        self._began = self.now()

    def spent(self) -> tuple[float, float]:
        """Seconds of Python and of the database since the start."""
        ours, database = self.now()
        return ours - self._began[0], database - self._began[1]


def tell(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one result: a JSON object, or a line a figure."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, figure in figures.items():
        if isinstance(figure, Mapping) and "median" in figure:
            spread = f"({figure['min']:,} … {figure['max']:,}, {figure['rounds']} rounds)"
            print(f"{name:36} {figure['median']:>14,} {spread}")
        elif isinstance(figure, Mapping):
            print(f"{name}:")
            tell({f"  {word}": one for word, one in figure.items()}, as_json=False)
        elif isinstance(figure, int | float):
            print(f"{name:36} {figure:>14,}")
        else:
            print(f"{name:36} {figure!s:>14}")
