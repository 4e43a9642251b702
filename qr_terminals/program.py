"""A till: builds its parts from the settings, hands them down, and runs until told to quit."""

from __future__ import annotations

import argparse
import queue
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from qr_terminals.authority import Authority
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import Config, Identity, read_config, read_identity
from qr_terminals.control import ControlSocket, follow_lines
from qr_terminals.disk import only_instance
from qr_terminals.faces import Faces
from qr_terminals.holdings import Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.neighbours import NeighbourParts, Neighbours, Place
from qr_terminals.open_readers import open_readers
from qr_terminals.parts import Inbox, TerminalParts
from qr_terminals.readers import Reader
from qr_terminals.readers.nfc import NfcReader
from qr_terminals.readers.psam import PsamSlot, pairing_key
from qr_terminals.screen import Screen
from qr_terminals.sync import Contact, Pushed, SyncLoop
from qr_terminals.terminal import Terminal

if TYPE_CHECKING:
    from qr_terminals.cashier import CashierPage
    from qr_terminals.console import ConsoleRun


def run_terminal(words: list[str]) -> int:
    """Run a till until it is told to quit; ConfigError when the settings are none."""
    told = vars(run_parser().parse_args(words))
    config = read_config(told.pop("config"), told)
    readers = open_readers(config)
    identity = read_identity(config.home)
    with only_instance(config.home):
        _work(config, identity, readers)
    return 0


def run_parser() -> argparse.ArgumentParser:
    """The command line of a till; every option may stand in the settings file instead."""
    parser = argparse.ArgumentParser(prog="qr_terminals", description="校码终端 Xiaoma terminal")
    parser.add_argument("--config", type=Path, help="settings in TOML")
    parser.add_argument("--home", help="the terminal's own folder, made by enrolling")
    more = "may be given several times"
    parser.add_argument("--serial", action="append", help=f"port of a code scanner; {more}")
    parser.add_argument("--hid", action="append", help=f"a scanner that is a keyboard; {more}")
    parser.add_argument("--camera", action="append", help=f"a camera; {more}")
    parser.add_argument("--camera-command", dest="camera_command", help="the program that films")
    parser.add_argument("--nfc", help="part of the contactless reader's name, or: any")
    parser.add_argument("--psam", help="part of the name of the slot the PSAM sits in")
    parser.add_argument("--baud-rate", dest="baud_rate", type=int)
    parser.add_argument("--control", help="unix socket for typed lines, instead of standard input")
    parser.add_argument("--plain", action="store_true", default=None, help="JSON lines")
    parser.add_argument("--amount-fen", dest="amount_fen", type=int, help="amount for everybody")
    parser.add_argument(
        "--console", action="store_true", default=None, help="a screen in this text terminal"
    )
    parser.add_argument("--page", type=int, help="serve the cashier's page on this port, 0: any")
    parser.add_argument("--sync-seconds", dest="sync_seconds", type=float)
    parser.add_argument(
        "--no-neighbours", dest="neighbours", action="store_false", default=None, help="LAN off"
    )
    parser.add_argument("--neighbours-interface", dest="neighbours_interface", help="IPv4 address")
    parser.add_argument("--neighbours-port", dest="neighbours_port", type=int)
    return parser


def _work(config: Config, identity: Identity, readers: list[Reader]) -> None:
    keys = load_keys(config.home)
    clock = TrustedClock()
    journal = Journal(config.home / JOURNAL_FILE)
    holdings = Holdings(config.home, keys, identity.server_key, has_psam=bool(config.psam))
    psam = PsamSlot(config.psam, pairing_key(keys)) if config.psam else None
    client = Client(identity.base_url, identity.terminal_id, keys, clock.rough)
    inbox: Inbox = queue.SimpleQueue()
    neighbours = _make_neighbours(config, identity.terminal_id, holdings, clock, inbox)
    screen = Screen(sys.stdout, is_plain=config.plain)
    page = _make_page(config, identity, holdings, inbox)
    console = _make_console(config, identity, inbox)
    parts = TerminalParts(
        identity.group_id,
        journal,
        holdings,
        clock,
        client,
        Faces(
            *([] if console is not None else [screen]),
            *(one.face for one in (page, console) if one is not None),
        ),
        config.amount_fen,
        neighbours,
        Authority(config.home, journal),
        identity.terminal_id,
        psam,
    )
    terminal = Terminal(parts, inbox)
    contact = Contact(client, journal, holdings, clock, keys, identity.terminal_id, terminal.health)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: terminal.quit())
    control = ControlSocket(Path(config.control), inbox.put) if config.control else None
    if control is None and console is None:
        follow_lines(sys.stdin, inbox.put)
    if config.nfc:
        readers.append(NfcReader(terminal.wanted, config.nfc))
    if psam is not None:
        readers.append(psam)
    if page is not None:
        page.face.follow(terminal)
        page.start()
        screen.tell("page", {"url": page.url})

    def run() -> None:
        terminal.start(readers, SyncLoop(contact, inbox.put, config.sync_seconds))
        terminal.run()

    try:
        if console is None:
            run()
        else:
            console.face.follow(terminal)
            console.run(run, terminal.quit)
    finally:
        if page is not None:
            page.stop()
        if control is not None:
            control.close()
        client.close()
        journal.close()


def _make_page(
    config: Config, identity: Identity, holdings: Holdings, inbox: Inbox
) -> CashierPage | None:
    if config.page is None:
        return None
    from qr_terminals.cashier import CashierPage  # a box without a page does not carry its server

    return CashierPage(config.page, identity, holdings, inbox.put, time.monotonic)


def _make_console(config: Config, identity: Identity, inbox: Inbox) -> ConsoleRun | None:
    if not config.console:
        return None
    from qr_terminals.console import ConsoleRun  # nor this one

    return ConsoleRun(identity, inbox.put, time.monotonic)


def _make_neighbours(
    config: Config, terminal_id: int, holdings: Holdings, clock: TrustedClock, inbox: Inbox
) -> Neighbours | None:
    if not config.neighbours:
        return None
    place = Place(config.neighbours_address, config.neighbours_port, config.neighbours_interface)
    parts = NeighbourParts(
        terminal_id,
        holdings,
        clock,
        clock.boot_now,
        lambda version: inbox.put(Pushed(version)),
        place,
    )
    return Neighbours(parts)
