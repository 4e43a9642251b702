"""
A terminal on a disk that somebody else fills. Run where HOME lies on a small disk of its own.

    python -m tests.faults.terminals.full_driver HOME URL

The journal keeps its usual reserve. Each phase prints the word of what the screen showed, and how
many records still wait after a contact.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from typing import Any

from qr_terminals.disk import MEGABYTE, RESERVE_BYTES, free_bytes
from tests.terminals.bench import Rig
from tests.terminals.campus import NOON, Campus


def fill(path: Path, left_bytes: int) -> None:
    """Leave so many bytes of the disk free, or none."""
    with path.open("ab") as file:
        while (more := free_bytes(path.parent) - left_bytes) > 0:
            os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), min(more, MEGABYTE))


def main(home: Path, url: str) -> None:
    """Sell with room, into the reserve, with nothing left at all, and with room again."""
    campus, numbers, filler = Campus(), count(1), home / "somebody-elses"
    rig = Rig(url, home, NOON)

    def sell(phase: str) -> None:
        rig.clocks.pass_(4)
        shown: dict[str, Any] = rig.scan(campus.code(next(numbers)))
        rig.sync()
        word = shown.get("reason") or shown.get("result", "nothing")
        print(phase, word, rig.terminal.state.mode, rig.journal.depth(), flush=True)

    sell("room")
    fill(filler, RESERVE_BYTES - MEGABYTE)
    sell("reserve")
    fill(filler, 0)
    sell("nothing")
    filler.unlink()
    sell("again")
    rig.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
