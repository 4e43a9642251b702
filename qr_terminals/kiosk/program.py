"""
The kiosk program.

    python -m qr_terminals kiosk --home DIR --serial /dev/serial/by-id/… [--nfc any] [--port 8030]

It needs a device that was enrolled in a group of the hall. It holds its own keys and nothing else:
no terminal keys, no directory, no journal.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import Identity, read_identity
from qr_terminals.disk import only_instance
from qr_terminals.errors import ConfigError, ServerError
from qr_terminals.keys import load_keys
from qr_terminals.kiosk.cards import Cards
from qr_terminals.kiosk.hall import Hall
from qr_terminals.kiosk.printer import Printer
from qr_terminals.kiosk.routes import kiosk_routes
from qr_terminals.kiosk.visitors import IDLE_SECONDS, TICK_SECONDS, Visitors
from qr_terminals.page import Feed, PageServer
from qr_terminals.readers import Reader, Scan, Sink, Unread
from qr_terminals.readers.nfc import NfcReader
from qr_terminals.readers.serial import BAUD_RATE, SerialReader

PORT: Final = 8030
LINK_SECONDS: Final = 10.0
"""How often the server is asked for announcements: what the screen says of it is so old at most."""
BEAT_SECONDS: Final = 60.0
"""How often the office hears that this kiosk runs."""
IDLE_SECONDS_RANGE: Final = (2.0, 240.0)


def run_kiosk(words: list[str]) -> int:
    """Run the command line until it is stopped; the exit status."""
    told = _parser().parse_args(words)
    low, high = IDLE_SECONDS_RANGE
    if not low <= told.idle_seconds <= high:
        raise ConfigError(
            f"--idle-seconds 应在 {low:g} 到 {high:g} 之间。",
            f"--idle-seconds must be {low:g}..{high:g}.",
        )
    identity = read_identity(told.home)
    with only_instance(told.home):
        _work(told, identity)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qr_terminals kiosk", description="大厅自助机 hall kiosk")
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    parser.add_argument("--serial", default="", help="port of the code scanner")
    parser.add_argument("--baud-rate", dest="baud_rate", type=int, default=BAUD_RATE)
    parser.add_argument("--nfc", default="", help="any, or a part of the contactless reader's name")
    parser.add_argument("--port", type=int, default=PORT, help="port of the page, 0 for a free one")
    parser.add_argument("--printer", default="", help="a CUPS printer; the system's own if none")
    parser.add_argument("--idle-seconds", dest="idle_seconds", type=float, default=IDLE_SECONDS)
    return parser


def _work(told: argparse.Namespace, identity: Identity) -> None:
    clock = TrustedClock()
    client = Client(identity.base_url, identity.terminal_id, load_keys(told.home), clock.rough)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    feed, hall = Feed(), Hall(client)
    visitors = Visitors(hall, feed, time.monotonic, told.idle_seconds)
    routes = kiosk_routes(visitors, hall, Printer(told.printer), identity.school)
    server = PageServer(told.port, routes, feed)
    scanner = SerialReader(told.serial, told.baud_rate) if told.serial else None
    cards = Cards(identity.terminal_id, hall, visitors)
    nfc = NfcReader(cards.wanted, told.nfc) if told.nfc else None
    readers = {name: one for name, one in (("reader", scanner), ("nfc", nfc)) if one is not None}
    watched = Watched(hall, feed, identity, clock, readers)
    link = threading.Thread(target=_watch_link, args=(watched, stopping), daemon=True)
    try:
        visitors.leave()  # whoever was here when the program, or the box, stopped
        server.start()
        if scanner is not None:
            scanner.start(_into(visitors))
        if nfc is not None:
            nfc.start(cards.take)
        link.start()
        sys.stdout.write(f"自助机页面 kiosk page: {server.url}\n")
        sys.stdout.flush()
        while not stopping.wait(TICK_SECONDS):
            visitors.tick()
        visitors.leave()
    finally:
        for reader in readers.values():
            reader.stop()
        server.stop()
        client.close()


def _into(visitors: Visitors) -> Sink:
    def scan(one: Scan | Unread) -> None:
        visitors.scan(one.text if isinstance(one, Scan) else "")

    return scan


@dataclass(frozen=True, slots=True)
class Watched:
    """What the screen and the office are told of."""

    hall: Hall
    feed: Feed
    identity: Identity
    clock: TrustedClock
    readers: Mapping[str, Reader]

    def beat(self) -> None:
        """Say that this kiosk runs, and which of its readers are there."""
        there = {name: one.is_connected for name, one in self.readers.items()}
        self.hall.beat(self.clock.rough(), {"reader": False, **there})


def _watch_link(watched: Watched, stopping: threading.Event) -> None:
    """Publish whether the server answers, and what the school announces; the last known stays.

    `problem` is None while it does, and has sentences when it answers with a refusal.
    """
    hall, feed, identity = watched.hall, watched.feed, watched.identity
    announcements: list[dict[str, object]] = []
    beat_at = time.monotonic()
    while True:
        problem = None
        try:
            announcements = hall.announcements()
            if time.monotonic() >= beat_at:
                watched.beat()
                beat_at = time.monotonic() + BEAT_SECONDS
        except ServerError as error:
            problem = {"zh": error.zh, "en": error.en} if error.status else {"zh": "", "en": ""}
        nfc = watched.readers.get("nfc")
        facts = {
            "problem": problem,
            "school": identity.school,
            "announcements": announcements,
            "takes_cards": nfc is not None and nfc.is_connected,
        }
        feed.publish("link", facts)
        if stopping.wait(LINK_SECONDS):
            return
