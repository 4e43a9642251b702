"""
The terminal program's command line.

    python -m qr_terminals enrol "xm1:https://campus.example|TOKEN" --home DIR
    python -m qr_terminals provision "xm1:…|TOKEN" --home DIR --serial /dev/serial/by-id/…
    python -m qr_terminals --home DIR --serial /dev/serial/by-id/… --camera /dev/v4l/by-id/…
    python -m qr_terminals --home DIR --page 8741          # the cashier's page on this box
    python -m qr_terminals authority --home DIR            # who may void: sets the PIN
    python -m qr_terminals chip desfire --home DIR
    python -m qr_terminals --config terminal.toml
    python -m qr_terminals door --home DIR --lock relay:/dev/ttyUSB0 --serial-in /dev/ttyS1
    python -m qr_terminals kiosk --home DIR --serial /dev/serial/by-id/…
"""

from __future__ import annotations

import argparse
import getpass
import queue
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from campus_code import ChipKind
from qr_terminals.authority import Authority, set_authority
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import Config, Identity, read_config, read_identity
from qr_terminals.control import ControlSocket, follow_lines
from qr_terminals.disk import only_instance
from qr_terminals.enrol import enrol
from qr_terminals.errors import TerminalError
from qr_terminals.faces import Faces
from qr_terminals.holdings import Holdings
from qr_terminals.install.provision import provision, read_wish
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.neighbours import NeighbourParts, Neighbours, Place
from qr_terminals.open_readers import open_readers
from qr_terminals.parts import Inbox, TerminalParts
from qr_terminals.readers import Reader
from qr_terminals.readers.nfc import NfcReader
from qr_terminals.readers.pcsc import ANY_SLOT
from qr_terminals.screen import Screen
from qr_terminals.sync import Contact, Pushed, SyncLoop
from qr_terminals.terminal import Terminal
from qr_terminals.write_chip import write_in_slot

if TYPE_CHECKING:
    from qr_terminals.cashier import CashierPage
    from qr_terminals.console import ConsoleRun

EXIT_WRONG = 2


def main(words: list[str]) -> int:
    """Run the command line; the exit status."""
    try:
        if words[:1] == ["enrol"]:
            return _enrol(words[1:])
        if words[:1] == ["door"]:
            from qr_terminals.doors.program import run_door

            return run_door(words[1:])
        if words[:1] == ["kiosk"]:
            from qr_terminals.kiosk.program import run_kiosk

            return run_kiosk(words[1:])
        if words[:1] == ["authority"]:
            return _authority(words[1:])
        if words[:1] == ["provision"]:
            return provision(read_wish(words[1:]), print, time.time)
        if words[:1] == ["chip"]:
            return _chip(words[1:])
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


def _authority(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="qr_terminals authority", description="Set the PIN.")
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    home = parser.parse_args(words).home
    read_identity(home)
    asked = "授权密码 · authority PIN: "
    pin = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline()
    set_authority(home, pin.strip())
    print("已设置，重新启动终端后生效 · set; it holds from the terminal's next start")
    return 0


def _chip(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="qr_terminals chip", description="Write the school's key onto a physical card."
    )
    parser.add_argument("kind", choices=[kind.value for kind in ChipKind])
    parser.add_argument("--home", required=True, type=Path, help="the terminal's own folder")
    parser.add_argument("--nfc", default=ANY_SLOT, help="part of the contactless reader's name")
    told = parser.parse_args(words)
    identity = read_identity(told.home)
    held = Holdings(told.home, load_keys(told.home), identity.server_key).now
    chip = write_in_slot(told.nfc, ChipKind(told.kind), held)
    print(f"已写好，请在后台把它绑定到校园卡：{chip}")
    print(f"Written; now bind it to a card at the office: {chip}")
    return 0


def _run(words: list[str]) -> int:
    told = vars(_run_parser().parse_args(words))
    config = read_config(told.pop("config"), told)
    readers = open_readers(config)
    identity = read_identity(config.home)
    with only_instance(config.home):
        _work(config, identity, readers)
    return 0


def _run_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qr_terminals", description="校码终端 Xiaoma terminal")
    parser.add_argument("--config", type=Path, help="settings in TOML")
    parser.add_argument("--home", help="the terminal's own folder, made by enrolling")
    more = "may be given several times"
    parser.add_argument("--serial", action="append", help=f"port of a code scanner; {more}")
    parser.add_argument("--hid", action="append", help=f"a scanner that is a keyboard; {more}")
    parser.add_argument("--camera", action="append", help=f"a camera; {more}")
    parser.add_argument("--camera-command", dest="camera_command", help="the program that films")
    parser.add_argument("--nfc", help="part of the contactless reader's name, or: any")
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
    holdings = Holdings(config.home, keys, identity.server_key)
    client = Client(identity.base_url, identity.terminal_id, keys, clock.rough)
    inbox: Inbox = queue.SimpleQueue()
    neighbours = None
    if config.neighbours:
        place = Place(
            config.neighbours_address, config.neighbours_port, config.neighbours_interface
        )
        neighbours = Neighbours(
            NeighbourParts(
                identity.terminal_id,
                holdings,
                clock,
                clock.boot_now,
                lambda version: inbox.put(Pushed(version)),
                place,
            )
        )
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
