"""`python3 benchmarks/gate.py [--json]`: how long somebody waits in front of a door.

From the scan of a code to the relay board having its order, through the door's own event loop,
rule, state machine and durable log, against one bare durable append of the same bytes to another
SQLite file, tap by tap in turns; and to the strike of an OSDP device on a bus, whose polls are most
of it. The aim is 300 ms at the 99th percentile, to either.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import tempfile
import time
import tty
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figures import Spread, load_average, tell
from benchmarks.terminal import AT, CARDS, DISK_FOLDER, BareFile, Phones, by_round, rules
from campus_code import (
    CardEntry,
    CardState,
    DocumentKind,
    Door,
    DoorCard,
    DoorRules,
    Opening,
    Zone,
    card_number,
    keyring_to_bytes,
    pack_directory,
    pack_doors,
    seal_to,
    sign_document,
    to_json,
)
from qr_terminals.clock import TrustedClock
from qr_terminals.doors.door import DoorInbox, DoorParts, DoorProgram, SideScan
from qr_terminals.doors.locks import Lock, RelayLock
from qr_terminals.doors.log import LOG_FILE, DoorLog
from qr_terminals.doors.osdp_lock import OsdpLock
from qr_terminals.doors.screen import DoorScreen
from qr_terminals.holdings import KEYRING_CONTEXT, Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import make_keys
from simulators.osdp.peripheral import Peripheral

TAPS = 2_000
WARM_UP_TAPS = 100
TAPS_PER_ROUND = 100
OSDP_TAPS = 100
LISTED_CARDS = 20_000  # with a grant or a door freeze, beside the 50,000 of the directory
TERMINAL_ID = 1
AIM_MILLISECONDS = 300
ALWAYS = (0, 1, 2, 3, 4, 5, 6, 7)
MASTER_KEY = bytes(range(16))
MILLISECONDS = 1_000


def gate_rules() -> DoorRules:
    """One door with every rule at work, open to the class and to the granted."""
    zone = Zone("大厅", "Hall", (Opening((1,), True, ALWAYS, 0, 1440),))
    door = Door(1, "safe", passback="soft", passback_seconds=60, sync_age_seconds_max=86_400)
    return DoorRules(8 * 3600, {20260101: 0}, {1: zone}, {TERMINAL_ID: door})


class Gate:
    """A whole door without a network, its clocks standing still at `AT`."""

    def __init__(self, home: Path, phones: Phones, lock: Lock) -> None:
        keys, server_key = make_keys(home), Ed25519PrivateKey.generate()
        self.log = DoorLog(home / LOG_FILE, AT)
        self._journal = Journal(home / JOURNAL_FILE)
        holdings = Holdings(home, keys, server_key.public_key())
        sealed = seal_to(
            keys.sealing.public_key(), keyring_to_bytes(phones.keyring), KEYRING_CONTEXT
        )
        numbers = [card_number(number) for number in range(1, CARDS + 1)]
        listed = [(number, DoorCard(grants={1: 0})) for number in numbers[:LISTED_CARDS]]
        for kind, payload in (
            (DocumentKind.RULES, to_json(rules())),
            (DocumentKind.KEYRING, sealed),
            (
                DocumentKind.CARD_DIRECTORY,
                pack_directory(CardEntry(one, 1, CardState.ACTIVE, 1, 0) for one in numbers),
            ),
            (DocumentKind.DOORS, pack_doors(gate_rules(), listed)),
        ):
            holdings.take(sign_document(kind, 1, AT, payload, server_key))
        clock = TrustedClock(lambda: float(AT), lambda: 1_000.0)
        self._journal.set_mark("last_sync_at", AT)
        self._screen = (home / "screen").open("w", encoding="utf-8")
        inbox: DoorInbox = queue.SimpleQueue()
        screen = DoorScreen(self._screen, is_plain=True)
        self._door = DoorProgram(
            DoorParts(TERMINAL_ID, self.log, self._journal, holdings, clock, lock, screen), inbox
        )
        self._door.recover()

    def tap(self, code: str) -> float:
        """Scan one code; seconds until the lock has obeyed and it is shown."""
        before = self.log.tip[0]
        began = time.perf_counter()
        self._door.take(SideScan(code, "in"))
        seconds = time.perf_counter() - began
        assert self.log.tip[0] == before + 1, self._door.state.shown
        assert self._door.state.shown.shown_as == "admitted"
        return seconds

    @property
    def first_body(self) -> bytes:
        """The bytes of the first event; the others are as long, but for their digits."""
        return next(self.log.events()).to_bytes()

    def close(self) -> None:
        """Let go of its files."""
        self._journal.close()
        self.log.close()
        self._screen.close()


def measure_relay(folder: Path, taps: int) -> dict[str, Any]:
    """Scan to relay against a bare append, tap by tap in turns."""
    near, far = os.openpty()
    tty.setraw(far)
    phones, lock = Phones(), RelayLock(os.ttyname(far))
    folder.mkdir()
    gate, bare = Gate(folder, phones, lock), BareFile(folder / "bare.sqlite3")
    tapped: list[float] = []
    plain: list[float] = []
    body = b""
    for number in range(1, WARM_UP_TAPS + taps + 1):
        tapped.append(gate.tap(phones.code(number)))
        os.read(near, 64)  # the board reads its order
        body = body or gate.first_body
        plain.append(bare.append(body))
    bare.close()
    gate.close()
    lock.close()
    os.close(near)
    os.close(far)
    del tapped[:WARM_UP_TAPS], plain[:WARM_UP_TAPS]
    return {
        "taps": taps,
        "ratio_to_bare_append": Spread.of(by_round(tapped, plain)).told(2),
        "ratio_of_medians": round(median(tapped) / median(plain), 2),
        "bare_append_ms": round(median(plain) * MILLISECONDS, 3),
        **percentiles("scan_to_relay", tapped),
    }


def measure_osdp(folder: Path, taps: int, master_key: bytes | None) -> dict[str, Any]:
    """Scan to the strike of a simulated device at 115,200 baud, in a secure channel or without."""
    name = "scan_to_osdp" if master_key is None else "scan_to_secure_osdp"
    device, phones = Peripheral(1, master_key), Phones()
    lock = OsdpLock(device.path, 1, master_key=master_key)
    folder.mkdir()
    gate = Gate(folder, phones, lock)
    tapped = []
    for number in range(1, taps + 1):
        tapped.append(gate.tap(phones.code(number)))
        assert device.is_open
        time.sleep(0.013 * (number % 8))  # people do not come in step with the polls
    gate.close()
    lock.close()
    time.sleep(0.3)
    device.unplug()
    return percentiles(name, tapped)


def percentiles(name: str, seconds: Sequence[float]) -> dict[str, Any]:
    """The median, the 99th percentile and the longest (ms), and whether the aim is met."""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)] * MILLISECONDS
    return {
        f"{name}_p50_ms": round(median(ordered) * MILLISECONDS, 2),
        f"{name}_p99_ms": round(p99, 2),
        f"{name}_longest_ms": round(ordered[-1] * MILLISECONDS, 2),
        f"{name}_within_aim": p99 <= AIM_MILLISECONDS,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual taps")
    asked = parser.parse_args()
    taps = max(round(TAPS * asked.scale / TAPS_PER_ROUND), 1) * TAPS_PER_ROUND
    osdp_taps = max(int(OSDP_TAPS * asked.scale), 10)
    with tempfile.TemporaryDirectory(prefix="xm-gate-", dir=DISK_FOLDER) as name:
        figures = measure_relay(Path(name) / "relay", taps)
        figures |= measure_osdp(Path(name) / "osdp", osdp_taps, None)
        figures |= measure_osdp(Path(name) / "secure", osdp_taps, MASTER_KEY)
    figures["load_average"] = load_average()
    tell(figures, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
