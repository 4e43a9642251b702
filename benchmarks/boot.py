"""`python3 benchmarks/boot.py [--json]`: a terminal that starts on a month's journal.

100,000 records, the last 10,000 of them not uploaded. `ratio_to_bare_read`: opening the journal
(the whole chain checked, every record read strictly) and remembering what it says of cards, by
reading the very same rows with bare sqlite3, in turns. Aim: ready within 3 s, memory flat.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from benchmarks.figures import Spread, load_average, ratio_of, tell
from campus_code import STEP_SECONDS, card_number, chain_hash
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.memory import remember
from tests.terminals.tills import payment

RECORDS = 100_000
WAITING = 10_000
CARDS = 20_000
ROUNDS = 5
DISK_FOLDER = "/var/tmp"  # noqa: S108 - a disk where /tmp may be memory
FORKS = multiprocessing.get_context("spawn")


def fill(path: Path, records: int) -> None:
    """A journal as a month of selling leaves it, written at once."""
    journal = Journal(path)
    first, chain = payment(1), journal.tip[1]
    rows = []
    for sequence in range(1, records + 1):
        later = STEP_SECONDS * sequence
        record = replace(
            first,
            sequence=sequence,
            card_number=card_number(sequence % CARDS),
            step=first.step + sequence,
            occurred_at=first.occurred_at + later,
        )
        body = record.to_bytes()
        chain = chain_hash(chain, body)
        rows.append((sequence, body, chain, record.card_number, 1, record.step))
    journal.close()
    db = sqlite3.connect(path)
    db.executemany(
        "INSERT INTO record(sequence, body, chain, card, issue, step) VALUES(?,?,?,?,?,?)", rows
    )
    synced = max(records - WAITING, 0)
    db.execute("UPDATE record SET acked = 1, confirmed = 1 WHERE sequence <= ?", (synced,))
    db.execute("INSERT INTO mark VALUES('synced_through', ?)", (synced,))
    db.commit()
    db.close()


def boot(path: Path) -> None:
    """What a terminal does before it can be ready."""
    journal = Journal(path)
    assert journal.broken is None
    memory = remember(journal)
    assert len(memory.steps) > 0
    journal.close()


def read_bare(path: Path) -> None:
    """The same rows, looked at by nobody."""
    db = sqlite3.connect(path)
    rows = db.execute("SELECT * FROM record ORDER BY sequence").fetchall()
    assert rows
    db.close()


class Cost(NamedTuple):
    """Seconds of the wall and of the CPU, and the most megabytes the process ever had."""

    wall: float
    cpu: float
    megabytes: float


def _alone(what: Callable[[Path], None], path: Path, told: multiprocessing.Queue[Cost]) -> None:
    began, cpu_began = time.perf_counter(), time.process_time()
    what(path)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    told.put(Cost(wall, cpu, int(peak) / 1024))


def nothing(_path: Path) -> None:
    """What a process needs anyway."""


def in_own_process(what: Callable[[Path], None], path: Path) -> Cost:
    """What it costs there."""
    told: Any = FORKS.Queue()
    process = FORKS.Process(target=_alone, args=(what, path, told))
    process.start()
    cost: Cost = told.get()
    process.join()
    return cost


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual records")
    asked = parser.parse_args()
    loads = [load_average()]
    with tempfile.TemporaryDirectory(prefix="xm-boot-", dir=DISK_FOLDER) as name:
        path = Path(name) / JOURNAL_FILE
        records = max(int(RECORDS * asked.scale), 1)
        fill(path, records)
        idle = in_own_process(nothing, path).megabytes
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(in_own_process(boot, path))
            bare.append(in_own_process(read_bare, path))
    figures = {
        "records": records,
        "ratio_to_bare_read": ratio_of([one.wall for one in ours], [one.wall for one in bare]),
        "cpu_ratio_to_bare_read": ratio_of([one.cpu for one in ours], [one.cpu for one in bare]),
        "boot_seconds": Spread.of([one.wall for one in ours]).told(2),
        "boot_cpu_seconds": Spread.of([one.cpu for one in ours]).told(2),
        "boot_megabytes": Spread.of([one.megabytes - idle for one in ours]).told(0),
        "bare_read_seconds": Spread.of([one.wall for one in bare]).told(3),
        "bare_read_megabytes": Spread.of([one.megabytes - idle for one in bare]).told(0),
        "load_average": [*loads, load_average()],
    }
    tell(figures, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
