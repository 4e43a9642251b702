"""A whole door in this process: real log, real client, a stand-in server, fake clocks."""

from __future__ import annotations

import contextlib
import io
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from campus_code import (
    Door,
    DoorCard,
    DoorRules,
    Opening,
    Side,
    Zone,
)
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import read_identity
from qr_terminals.control import Line
from qr_terminals.doors.contact import DoorContact
from qr_terminals.doors.door import Alarm, DoorInbox, DoorParts, DoorProgram, SideScan
from qr_terminals.doors.locks import SimulatedLock
from qr_terminals.doors.log import LOG_FILE, DoorLog
from qr_terminals.doors.screen import DoorScreen
from qr_terminals.doors.state import TimePassed
from qr_terminals.enrol import enrol
from qr_terminals.errors import RevokedError, TerminalError
from qr_terminals.holdings import Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.sync import SyncFailed
from tests.terminals.bench import Clocks
from tests.terminals.standin import TERMINAL_ID, TOKEN, Standin

HALL = 7
ALWAYS = (0, 1, 2, 3, 4, 5, 6, 7)


def hall_rules(**changes: Any) -> DoorRules:
    """The test terminal as a door that lets class 1 in at all times."""
    zone = Zone("大厅", "Hall", (Opening((1,), False, ALWAYS, 0, 1440),))
    return DoorRules(8 * 3600, {}, {HALL: zone}, {TERMINAL_ID: Door(HALL, "safe", **changes)})


class DoorRig:
    """Builds a door on a home folder; `restart` builds it again on the same files."""

    def __init__(self, url: str, home: Path, at: int) -> None:
        self.home = home
        self.clocks = Clocks(at)
        if not (home / "terminal.json").exists():
            enrol(f"xm1:{url}|{TOKEN}", home, at)
        self.identity = read_identity(home)
        self.lock = SimulatedLock()
        self.out = io.StringIO()
        self._read = 0
        self.build()

    def build(self) -> None:
        keys = load_keys(self.home)
        clock = TrustedClock(self.clocks.wall, self.clocks.read_boot)
        self.log = DoorLog(self.home / LOG_FILE, int(self.clocks.at))
        self.journal = Journal(self.home / JOURNAL_FILE)
        self.holdings = Holdings(self.home, keys, self.identity.server_key)
        self.client = Client(self.identity.base_url, TERMINAL_ID, keys, clock.rough)
        self.inbox: DoorInbox = queue.SimpleQueue()
        self.door = DoorProgram(
            DoorParts(
                TERMINAL_ID,
                self.log,
                self.journal,
                self.holdings,
                clock,
                self.lock,
                DoorScreen(self.out, is_plain=True),
            ),
            self.inbox,
        )
        self.contact = DoorContact(
            self.client,
            self.journal,
            self.holdings,
            clock,
            keys,
            TERMINAL_ID,
            self.door.health,
            self.log,
        )
        self.door.recover()

    def restart(self) -> None:
        self.close()
        self.build()

    def close(self) -> None:
        self.client.close()
        self.journal.close()
        self.log.close()

    def sync(self) -> None:
        """One contact, as the sync loop would make it."""
        try:
            self.door.take(self.contact.make())
        except TerminalError as error:
            self.door.take(SyncFailed(error, isinstance(error, RevokedError)))

    def scan(self, text: str, side: Side = "in") -> str:
        """Present a text; the word of what was shown: admitted, or why not."""
        self.door.take(SideScan(text, side))
        line = self.shown()[-1]
        return str(line.get("reason", line["result"]))

    def type(self, line: str) -> None:
        self.door.take(Line(line))

    def alarm(self, *, is_alarm: bool) -> None:
        self.door.take(Alarm(is_alarm))

    def pass_(self, seconds: float) -> None:
        """Time passes, for the door too."""
        self.clocks.pass_(seconds)
        self.door.handle(TimePassed())

    def told(self) -> list[dict[str, Any]]:
        """Every line so far, views and others."""
        return [orjson.loads(line) for line in self.out.getvalue().splitlines()]

    def shown(self) -> list[dict[str, Any]]:
        """Every view since the last call."""
        text = self.out.getvalue()[self._read :]
        self._read = len(self.out.getvalue())
        lines = [orjson.loads(line) for line in text.splitlines()]
        return [line for line in lines if line["event"] == "shown"]

    @property
    def moves(self) -> list[str]:
        return [move for move, _ in self.lock.moves]

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.log.events()]


FROZEN = DoorCard(is_frozen=True)


@contextlib.contextmanager
def open_door(standin: Standin, home: Path) -> Iterator[DoorRig]:
    """A door that has synced once and shows nothing yet."""
    rig = DoorRig(standin.url, home, standin.campus.at)
    standin.publish("doors", 1, standin.campus.doors_document(1, hall_rules(), {}))
    rig.sync()
    rig.shown()
    rig.lock.moves.clear()
    yield rig
    rig.close()
