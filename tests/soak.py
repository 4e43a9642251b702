"""
The long versions of the terminal's fault tests, in two processes, with a bar.

    python3 tests/soak.py replays              # 1,000,000 codes that have paid, shown again
    python3 tests/soak.py forgeries            # 10,000,000 made-up codes
    python3 tests/soak.py downgrades           # every other form and epoch of a right code
    python3 tests/soak.py power                # 20,000 power cuts while a journal is written
    python3 tests/soak.py forgeries --count 50000 --seed 7

The same seed tries the same. Exit status 0: as many were tried as asked, and none was taken.
"""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import sys
import tempfile
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.terminals.attacks import ATTACKS, SOAK_COUNTS, Tried

PROCESSES = 2
SHARED_MIN = 1_000  # fewer are not worth a second process
LISTEN_SECONDS = 0.2


def work(name: str, count: int, seed: int, told: multiprocessing.Queue[Tried]) -> None:
    """One process's share; it tells how far it is."""
    with tempfile.TemporaryDirectory(prefix="xm-soak-") as folder:
        for tried in ATTACKS[name](Path(folder), count, seed):
            told.put(tried)


def run(name: str, count: int, seed: int) -> tuple[int, int]:
    """All of it with a bar; how many were tried and how many taken."""
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    processes = PROCESSES if count >= SHARED_MIN else 1
    shares = [count // processes + (number < count % processes) for number in range(processes)]
    workers = [
        context.Process(target=work, args=(name, share, seed + number, told))
        for number, share in enumerate(shares)
    ]
    for worker in workers:
        worker.start()
    tried = taken = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        bar = progress.add_task(f"{name}, seed {seed}", total=count)
        while True:
            is_over = not any(worker.is_alive() for worker in workers)
            try:
                one = told.get(timeout=LISTEN_SECONDS)
            except queue.Empty:
                if is_over:
                    break
                continue
            tried, taken = tried + one.tried, taken + one.taken
            progress.update(bar, completed=tried)
    for worker in workers:
        worker.join()
    return tried, taken


def main() -> int:
    """Read the command line and do it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attack", choices=sorted(ATTACKS))
    parser.add_argument("--count", type=int, help="how many, in place of what is promised")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    count = asked.count or SOAK_COUNTS[asked.attack]
    tried, taken = run(asked.attack, count, asked.seed)
    print(f"{asked.attack}: {taken} of {tried:,} taken (seed {asked.seed})")
    return 0 if tried >= count and taken == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
