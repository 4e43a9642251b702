"""
The door's command line.

    python -m qr_terminals door --home DIR --serial-in PORT --serial-out PORT
        --lock relay:/dev/ttyUSB0 --contact /dev/ttyS0 --control DIR/control
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from campus_code import Side
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.config import SYNC_SECONDS, Identity, read_identity
from qr_terminals.control import ControlSocket, follow_lines
from qr_terminals.disk import only_instance, read_private
from qr_terminals.doors.contact import DoorContact
from qr_terminals.doors.door import Alarm, DoorInbox, DoorParts, DoorProgram, SideScan
from qr_terminals.doors.locks import AlarmContact, Lock, RelayLock, SimulatedLock
from qr_terminals.doors.log import LOG_FILE, DoorLog
from qr_terminals.doors.osdp_lock import OsdpLock
from qr_terminals.doors.screen import DoorScreen
from qr_terminals.errors import ConfigError
from qr_terminals.holdings import Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import load_keys
from qr_terminals.readers import Reader, Scan, Sink, Unread
from qr_terminals.readers.serial import SerialReader
from qr_terminals.sync import SyncLoop

OSDP_KEY_FILE = "osdp.key"
OSDP_ADDRESS_MAX = 126
OSDP_KEY_BYTES = 16
RELAY_CHANNELS_MAX = 16


@dataclass(frozen=True, slots=True)
class DoorConfig:
    """
    `lock`: `simulated`, `relay:PORT[,channel]` or `osdp:PORT[,address[,baud]]`; a file `osdp.key`
    in the home (16 bytes in hex, mode 600) makes the OSDP channel a secure one. `contact`: the port
    of the fire contact, "" for none. `serial_in`, `serial_out`: the scanners' ports, "" for none.
    """

    home: Path
    lock: str
    serial_in: str = ""
    serial_out: str = ""
    baud_rate: int = 9600
    contact: str = ""
    control: str = ""
    plain: bool = False
    sync_seconds: float = SYNC_SECONDS


def run_door(words: list[str]) -> int:
    """Run a door until it is told to end; ConfigError and the like name what is wrong."""
    told = {name: one for name, one in vars(_parser().parse_args(words)).items() if one is not None}
    config = DoorConfig(**told)
    if not 0.1 <= config.sync_seconds <= 3600:
        raise ConfigError(
            "设置项 sync_seconds 应为 0.1..3600。", "The setting sync_seconds must be 0.1..3600."
        )
    identity = read_identity(config.home)
    with only_instance(config.home):
        _work(config, identity)
    return 0


@dataclass(frozen=True, slots=True)
class LockSpec:
    """What `--lock` names: a kind, a port ("" for none), and the numbers after it."""

    kind: str
    port: str
    numbers: tuple[int, ...] = ()


def read_lock(spec: str) -> LockSpec:
    """Read what `--lock` says, without touching any lock; ConfigError when it names none."""
    kind, _, rest = spec.partition(":")
    port, *numbers = rest.split(",")
    if not all(one.isascii() and one.isdigit() and len(one) <= 7 for one in numbers):
        raise _no_lock(spec)
    told = LockSpec(kind, port, tuple(map(int, numbers)))
    match told.kind, told.port, told.numbers:
        case "simulated", "", ():
            return told
        case "relay" | "osdp", str(path), () if path:
            return told
        case "relay", str(path), (channel,) if path and 1 <= channel <= RELAY_CHANNELS_MAX:
            return told
        case "osdp", str(path), (address,) | (address, _) if path and address <= OSDP_ADDRESS_MAX:
            return told
    raise _no_lock(spec)


def open_lock(spec: str, home: Path) -> Lock:
    """The lock that `--lock` names; ConfigError when it names none."""
    told = read_lock(spec)
    if told.kind == "simulated":
        return SimulatedLock()
    if told.kind == "relay":
        return RelayLock(told.port, *told.numbers)
    address, baud_rate = (*told.numbers, *(0, 115_200)[len(told.numbers) :])
    return OsdpLock(told.port, address, baud_rate=baud_rate, master_key=_osdp_key(home))


def _osdp_key(home: Path) -> bytes | None:
    path = home / OSDP_KEY_FILE
    if not path.exists():
        return None
    try:
        key = bytes.fromhex(read_private(path).decode().strip())
    except ValueError as error:
        raise _no_key(path) from error
    if len(key) != OSDP_KEY_BYTES:
        raise _no_key(path)
    return key


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qr_terminals door", description="校码门禁 Xiaoma door")
    parser.add_argument("--home", required=True, type=Path, help="made by enrolling")
    parser.add_argument("--lock", required=True, help="simulated, relay:PORT or osdp:PORT")
    parser.add_argument("--serial-in", dest="serial_in", help="port of the scanner outside")
    parser.add_argument("--serial-out", dest="serial_out", help="port of the scanner inside")
    parser.add_argument("--baud-rate", dest="baud_rate", type=int)
    parser.add_argument("--contact", help="port of the fire contact, normally closed")
    parser.add_argument("--control", help="unix socket for typed lines, instead of standard input")
    parser.add_argument("--plain", action="store_true", default=None, help="JSON lines")
    parser.add_argument("--sync-seconds", dest="sync_seconds", type=float)
    return parser


def _work(config: DoorConfig, identity: Identity) -> None:
    keys = load_keys(config.home)
    clock = TrustedClock()
    lock = open_lock(config.lock, config.home)
    log = DoorLog(config.home / LOG_FILE, clock.rough())
    journal = Journal(config.home / JOURNAL_FILE)
    holdings = Holdings(config.home, keys, identity.server_key)
    client = Client(identity.base_url, identity.terminal_id, keys, clock.rough)
    screen = DoorScreen(sys.stdout, is_plain=config.plain)
    inbox: DoorInbox = queue.SimpleQueue()
    parts = DoorParts(identity.terminal_id, log, journal, holdings, clock, lock, screen)
    door = DoorProgram(parts, inbox)
    terminal_id, health = identity.terminal_id, door.health
    contact = DoorContact(client, journal, holdings, clock, keys, terminal_id, health, log)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: door.quit())
    control = ControlSocket(Path(config.control), inbox.put) if config.control else None
    if control is None:
        follow_lines(sys.stdin, inbox.put)
    alarm = AlarmContact(config.contact, lambda is_on: inbox.put(Alarm(is_on)))
    if config.contact:
        alarm.start()
    readers = _readers(config, inbox)
    door.start(readers, SyncLoop(contact, inbox.put, config.sync_seconds))
    try:
        door.run()
    finally:
        if config.contact:
            alarm.stop()
        if control is not None:
            control.close()
        client.close()
        lock.close()
        journal.close()
        log.close()


def _readers(config: DoorConfig, inbox: DoorInbox) -> list[Reader]:
    sides: list[tuple[str, Side]] = [(config.serial_in, "in"), (config.serial_out, "out")]
    readers: list[Reader] = []
    for port, side in sides:
        if port:
            reader = SerialReader(port, config.baud_rate)
            reader.start(_sink(inbox, side))
            readers.append(reader)
    return readers


def _sink(inbox: DoorInbox, side: Side) -> Sink:
    def put(one: Scan | Unread) -> None:
        # a card that told nothing is as good as a text that cannot be read
        inbox.put(SideScan(one.text if isinstance(one, Scan) else "", side))

    return put


def _no_lock(spec: str) -> ConfigError:
    return ConfigError(
        f"--lock {spec} 不认识，应为 simulated、relay:端口 或 osdp:端口。",
        f"--lock {spec} is no lock: simulated, relay:PORT[,channel], osdp:PORT[,address[,baud]].",
    )


def _no_key(path: Path) -> ConfigError:
    return ConfigError(f"{path} 应为 32 位十六进制。", f"{path} must hold 16 bytes in hex.")
