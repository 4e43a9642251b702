"""`python3 benchmarks/outage.py [--json]`: the queue at a counter whose server is gone.

A true terminal program, a scanner on a pty, a stand-in server that is well, then gone, in turns.
People come as fast as the terminal takes them, `PERSON_SECONDS` apart at the least. Aims: from the
moment the server is gone somebody is served within 3 s, and the queue moves at 0.9 of its rate or
more. `hangs`: requests are taken and never answered; `gone`: connections are closed at once.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from benchmarks.figures import Spread, load_average, ratio_of, tell
from qr_terminals.__main__ import main as terminal_main
from tests.terminals.campus import CARDS, Campus
from tests.terminals.program import Program
from tests.terminals.standin import TOKEN, Standin

PERSON_SECONDS = 0.5
WINDOW_SECONDS = 25.0
"""Longer than a terminal leaves a dead server alone: the question after that is in it too."""
SETTLE_SECONDS = 8.0
"""Until it has found out; whoever comes then is served too, and is not counted in the rate."""
HANG_SECONDS = 5.0
ROUNDS = 2
FAULTS = ("hangs", "gone")


@dataclass(frozen=True, slots=True)
class Served:
    """A stretch of the queue: people a second, seconds until the first, whether any was online."""

    per_second: float
    first_seconds: float
    is_online: bool


class Queue:
    """People with phones, one after the other."""

    def __init__(self, program: Program, campus: Campus) -> None:
        self._program, self._campus, self._numbers = program, campus, count()

    def serve(self, seconds: float) -> Served:
        """Serve for so long."""
        began = time.monotonic()
        first_seconds, people, is_online = 0.0, 0, False
        while time.monotonic() - began < seconds:
            came = time.monotonic()
            code = self._campus.code(next(self._numbers) % CARDS, int(time.time()))
            line = self._program.scan(code)
            assert line["result"] == "approved", line
            people += 1
            is_online = bool(line["online"])
            first_seconds = first_seconds or time.monotonic() - began
            time.sleep(max(0.0, came + PERSON_SECONDS - time.monotonic()))
        return Served(people / (time.monotonic() - began), first_seconds, is_online)


def measure(home: Path, seconds: float) -> dict[str, Any]:
    """Every figure."""
    campus = Campus(at=int(time.time()), display_seconds=0, deadline_milliseconds=1_500)
    standin = Standin(campus, is_live=True)
    with contextlib.redirect_stdout(sys.stderr):
        assert terminal_main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 0
    program = Program(home)
    figures: dict[str, Any] = {"load_average": [load_average()]}
    try:
        program.next("synced")
        queue = Queue(program, campus)
        for fault in FAULTS:
            well, ill, firsts = [], [], []
            for _ in range(ROUNDS):
                well.append(queue.serve(seconds))
                standin.is_down, standin.hang_seconds = fault == "gone", HANG_SECONDS
                first = queue.serve(SETTLE_SECONDS)
                firsts.append(first.first_seconds)
                ill.append(queue.serve(seconds))
                standin.is_down, standin.hang_seconds = False, 0.0
                program.next("synced")
            assert all(one.is_online for one in well)
            figures |= {
                f"{fault}_rate_ratio": ratio_of(
                    [one.per_second for one in ill], [one.per_second for one in well]
                ),
                f"{fault}_first_seconds": Spread.of(firsts).told(2),
            }
    finally:
        program.kill()
        standin.close()
    figures["load_average"].append(load_average())
    return figures


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seconds", type=float, default=WINDOW_SECONDS, help="of each stretch")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xm-outage-", dir=os.environ.get("TMPDIR")) as name:
        tell(measure(Path(name) / "home", asked.seconds), as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
