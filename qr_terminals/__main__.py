"""
The terminal program's command line.

    python -m qr_terminals enrol "xm1:https://campus.example|TOKEN" --home DIR
    python -m qr_terminals --home DIR --serial /dev/serial/by-id/…
    python -m qr_terminals --config terminal.toml
    python -m qr_terminals kiosk --home DIR --serial /dev/serial/by-id/…
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
import time
from pathlib import Path

from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import Config, Identity, read_config, read_identity
from qr_terminals.control import ControlSocket, follow_lines
from qr_terminals.disk import only_instance
from qr_terminals.enrol import enrol
from qr_terminals.errors import TerminalError
from qr_terminals.holdings import Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.kiosk.program import run_kiosk
from qr_terminals.readers import Reader
from qr_terminals.readers.serial import SerialReader
from qr_terminals.screen import Screen
from qr_terminals.sync import Contact, SyncLoop
from qr_terminals.terminal import Inbox, Terminal, TerminalParts

EXIT_WRONG = 2


def main(words: list[str]) -> int:
    """Run the command line; the exit status."""
    try:
        if words[:1] == ["enrol"]:
            return _enrol(words[1:])
        if words[:1] == ["kiosk"]:
            return run_kiosk(words[1:])
        return _run(words)
    except TerminalError as error:
        print(error.zh, file=sys.stderr)
        print(error.en, file=sys.stderr)
        return EXIT_WRONG


def _enrol(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="qr_terminals enrol", description="Enrol this device.")
    parser.add_argument("code", help="the enrolment code the office shows: xm1:address|token")
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    told = parser.parse_args(words)
    identity = enrol(told.code, told.home, int(time.time()))
    print(f"已登记：{identity.merchant} {identity.name}（终端 {identity.terminal_id}）")
    print(f"Enrolled: {identity.merchant} {identity.name} (terminal {identity.terminal_id})")
    return 0


def _run(words: list[str]) -> int:
    told = vars(_run_parser().parse_args(words))
    config = read_config(told.pop("config"), told)
    identity = read_identity(config.home)
    with only_instance(config.home):
        _work(config, identity)
    return 0


def _run_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qr_terminals", description="校码终端 Xiaoma terminal")
    parser.add_argument("--config", type=Path, help="settings in TOML")
    parser.add_argument("--home", help="the terminal's own folder, made by enrolling")
    parser.add_argument("--serial", help="port of the code scanner")
    parser.add_argument("--baud-rate", dest="baud_rate", type=int)
    parser.add_argument("--control", help="unix socket for typed lines, instead of standard input")
    parser.add_argument("--plain", action="store_true", default=None, help="JSON lines")
    parser.add_argument("--amount-fen", dest="amount_fen", type=int, help="amount for everybody")
    parser.add_argument("--sync-seconds", dest="sync_seconds", type=float)
    return parser


def _work(config: Config, identity: Identity) -> None:
    keys = load_keys(config.home)
    clock = TrustedClock()
    journal = Journal(config.home / JOURNAL_FILE)
    holdings = Holdings(config.home, keys, identity.server_key)
    client = Client(identity.base_url, identity.terminal_id, keys, clock.rough)
    screen = Screen(sys.stdout, is_plain=config.plain)
    inbox: Inbox = queue.SimpleQueue()
    parts = TerminalParts(
        identity.group_id, journal, holdings, clock, client, screen, config.amount_fen
    )
    terminal = Terminal(parts, inbox)
    contact = Contact(client, journal, holdings, clock, keys, identity.terminal_id, terminal.health)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: terminal.quit())
    control = ControlSocket(Path(config.control), inbox.put) if config.control else None
    if control is None:
        follow_lines(sys.stdin, inbox.put)
    readers: list[Reader] = []
    if config.serial:
        readers.append(SerialReader(config.serial, config.baud_rate))
    terminal.start(readers, SyncLoop(contact, inbox.put, config.sync_seconds))
    try:
        terminal.run()
    finally:
        if control is not None:
            control.close()
        client.close()
        journal.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
