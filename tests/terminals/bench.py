"""A whole terminal in this process: real journal, real client, a stand-in server, fake clocks."""

from __future__ import annotations

import io
import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import orjson

from qr_terminals.authority import Authority
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import Identity, read_identity
from qr_terminals.control import Line
from qr_terminals.enrol import enrol
from qr_terminals.errors import RevokedError, TerminalError
from qr_terminals.holdings import Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.neighbours import NeighbourParts, Neighbours, Place
from qr_terminals.parts import Inbox, TerminalParts
from qr_terminals.readers import Scan, Unread
from qr_terminals.readers.simulated import SimulatedReader
from qr_terminals.screen import Screen
from qr_terminals.sync import Contact, Pushed, SyncFailed
from qr_terminals.terminal import Terminal
from tests.terminals.standin import TERMINAL_ID, TOKEN


class Clocks:
    """A wall clock and a boot clock, both turned by hand; boot runs by itself if asked to."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.boot = 1000.0

    def wall(self) -> float:
        return self.at

    def pass_(self, seconds: float) -> None:
        """Time passes for both."""
        self.at += seconds
        self.boot += seconds

    def read_boot(self) -> float:
        return self.boot


class Rig:
    """Builds a terminal on a home folder; `restart` builds it again on the same files."""

    def __init__(
        self,
        url: str,
        home: Path,
        at: int,
        out: TextIO | None = None,
        meeting: tuple[int, Place] | None = None,
    ) -> None:
        self.home = home
        self.meeting = meeting  # under which number to speak to neighbours, and where
        self.clocks = Clocks(at)
        self.identity: Identity = (
            read_identity(home)
            if (home / "terminal.json").exists()
            else enrol(f"xm1:{url}|{TOKEN}", home, at)
        )
        self.out = out or io.StringIO()
        self._read = 0
        self.build()

    def build(self) -> None:
        keys = load_keys(self.home)
        self.clock = TrustedClock(self.clocks.wall, self.clocks.read_boot)
        self.journal = Journal(self.home / JOURNAL_FILE)
        self.holdings = Holdings(self.home, keys, self.identity.server_key)
        self.client = Client(self.identity.base_url, TERMINAL_ID, keys, self.clock.rough)
        self.inbox: Inbox = queue.SimpleQueue()
        self.neighbours = self._make_neighbours()
        parts = TerminalParts(
            self.identity.group_id,
            self.journal,
            self.holdings,
            self.clock,
            self.client,
            Screen(self.out, is_plain=True),
            neighbours=self.neighbours,
            authority=Authority(self.home, self.journal),
            terminal_id=TERMINAL_ID,
        )
        self.terminal = Terminal(parts, self.inbox)
        self.contact = Contact(
            self.client,
            self.journal,
            self.holdings,
            self.clock,
            keys,
            TERMINAL_ID,
            self.terminal.health,
        )
        self.reader = SimulatedReader()
        self.reader.start(self.inbox.put)
        self.terminal._asker.start()
        self.terminal.recover()
        if self.neighbours is not None:
            self.neighbours.start()

    def _make_neighbours(self) -> Neighbours | None:
        if self.meeting is None:
            return None
        number, place = self.meeting
        parts = NeighbourParts(
            number,
            self.holdings,
            self.clock,
            time.monotonic,
            lambda version: self.inbox.put(Pushed(version)),
            place,
        )
        return Neighbours(parts)

    def restart(self) -> None:
        self.close()
        self.build()

    def close(self) -> None:
        if self.neighbours is not None:
            self.neighbours.stop()
        self.terminal._asker.stop()
        self.client.close()
        self.journal.close()

    def sync(self) -> None:
        """One contact, as the sync loop would make it."""
        try:
            self.terminal.take(self.contact.make())
        except TerminalError as error:
            self.terminal.take(SyncFailed(error, isinstance(error, RevokedError)))

    def scan(self, text: str) -> dict[str, Any]:
        """Present a text; the line the screen showed for it."""
        self.reader.present(text)
        return self.settle()

    def type(self, line: str) -> dict[str, Any]:
        self.inbox.put(Line(line))
        return self.settle()

    def settle(self) -> dict[str, Any]:
        """Let everything happen until the tap under way has ended; the last line shown."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                self.terminal.take(self.inbox.get(timeout=0.01))
            except queue.Empty:
                if self.terminal.state.sequence is None:
                    break
                self.clocks.pass_(0.01)
            self.terminal.tick()
        shown = [line for line in self.lines() if line["event"] == "shown"]
        return shown[-1] if shown else {}

    @property
    def shown_text(self) -> str:
        """Everything that was written to the screen so far."""
        return self.out.getvalue() if isinstance(self.out, io.StringIO) else ""

    def lines(self) -> list[dict[str, Any]]:
        """Every line since the last call; nothing when the lines go elsewhere."""
        if not isinstance(self.out, io.StringIO):
            return []
        text = self.out.getvalue()[self._read :]
        self._read = len(self.out.getvalue())
        return [orjson.loads(line) for line in text.splitlines()]


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something holds, or fail."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)


def codes_into(keep: Callable[[Scan], None]) -> Callable[[Scan | Unread], None]:
    """A sink for readers of codes, which never say that they could not read."""

    def sink(one: Scan | Unread) -> None:
        assert isinstance(one, Scan)
        keep(one)

    return sink
