"""
A terminal that takes one tap alone and one online, then uploads. Run under strace, which kills it.

    python -m tests.faults.till_driver HOME URL [abrupt]

With `abrupt` it ends after the taps as a power cut would: nothing is uploaded, nothing is closed.
Its standard output is the display: what the parent reads there was shown.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.terminals.bench import Rig
from tests.terminals.campus import NOON, Campus

ALONE, ONLINE = 1, 2


def main(home: Path, url: str, *, is_abrupt: bool) -> None:
    """Two taps and one contact."""
    campus = Campus()
    rig = Rig(url, home, NOON, sys.stdout)
    till = rig.terminal._till
    asking = till.circuit
    till.circuit = type(asking)(paused_until=rig.clocks.boot + 1)
    rig.scan(campus.code(ALONE))
    till.circuit = asking
    rig.scan(campus.code(ONLINE))
    if is_abrupt:
        os._exit(0)
    rig.sync()
    rig.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], is_abrupt="abrupt" in sys.argv)
