"""A serial scanner on a pseudo-terminal: real bytes through the real driver."""

from __future__ import annotations

import contextlib
import os
import queue
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from qr_terminals.errors import ConfigError
from qr_terminals.readers import NAME_CHARACTERS_MAX, Scan, reader_name
from qr_terminals.readers.serial import SerialReader
from qr_terminals.readers.simulated import SimulatedReader
from tests.terminals.bench import codes_into, wait_for

CODE = "9072024001301040897646836818487666"
OTHER = "9072024001301041955908396362480675"


class Scanner:
    """The scanner's end of a cable; the other end has a name that survives unplugging."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.plug()

    def plug(self) -> None:
        self.wire, port = os.openpty()
        tty.setraw(port)
        self.port = port
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(port))

    def unplug(self) -> None:
        os.close(self.port)
        os.close(self.wire)

    def send(self, data: bytes) -> None:
        os.write(self.wire, data)


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    scanner = Scanner(tmp_path / "scanner")
    yield scanner
    scanner.unplug()


@pytest.fixture
def reader(scanner: Scanner) -> SerialReader:
    return SerialReader(str(scanner.link))


@pytest.fixture
def scans(reader: SerialReader) -> Iterator[queue.Queue[Scan]]:
    found: queue.Queue[Scan] = queue.Queue()
    reader.start(codes_into(found.put))
    wait_for(lambda: reader.is_connected)
    yield found
    reader.stop()
    assert not reader.is_connected


def until_heard(scanner: Scanner, scans: queue.Queue[Scan]) -> list[str]:
    """Scan until something comes: what is sent before the port is open again is lost, as it is."""
    for _ in range(20):
        scanner.send(OTHER.encode() + b"\r")
        with contextlib.suppress(queue.Empty):
            return [scans.get(timeout=0.5).text]
    return []


def test_a_scan_comes_through_the_cable(scanner: Scanner, scans: queue.Queue[Scan]) -> None:
    scanner.send(CODE.encode() + b"\r")
    assert scans.get(timeout=2) == Scan(CODE)
    scanner.send(f"{CODE}\r\n{OTHER}\r\n".encode())
    assert [scans.get(timeout=2).text, scans.get(timeout=2).text] == [CODE, OTHER]


def test_a_scan_without_terminator_comes_after_a_moment(
    scanner: Scanner, scans: queue.Queue[Scan]
) -> None:
    scanner.send(CODE.encode())
    assert scans.get(timeout=2) == Scan(CODE)


def test_an_unplugged_scanner_is_opened_again(scanner: Scanner, scans: queue.Queue[Scan]) -> None:
    scanner.send(CODE.encode() + b"\r")
    assert scans.get(timeout=2) == Scan(CODE)
    scanner.unplug()
    scanner.plug()
    assert until_heard(scanner, scans) == [OTHER]


def test_a_code_cut_off_by_unplugging_is_no_beginning_of_the_next(
    scanner: Scanner, reader: SerialReader, scans: queue.Queue[Scan]
) -> None:
    for half in (CODE[:5], CODE[:20], CODE[:33], CODE):
        scanner.send(half.encode())
        scanner.unplug()
        wait_for(lambda: not reader.is_connected)
        scanner.plug()
        wait_for(lambda: reader.is_connected)
        heard = until_heard(scanner, scans)
        while not scans.empty():
            heard.append(scans.get().text)
        assert set(heard) <= {half, OTHER}, "two halves became one"
        assert OTHER in heard or until_heard(scanner, scans) == [OTHER]


def test_every_byte_value_may_come_and_the_next_scan_is_whole(
    scanner: Scanner, scans: queue.Queue[Scan]
) -> None:
    scanner.send(bytes(range(256)) + b"\r" + CODE.encode() + b"\r")
    texts = [scans.get(timeout=2).text]
    while texts[-1] != CODE:
        texts.append(scans.get(timeout=2).text)
    assert all(text.isprintable() and text.isascii() for text in texts)


def test_a_scanner_needs_a_port() -> None:
    with pytest.raises(ConfigError, match="serial port"):
        SerialReader("")


def test_a_simulated_reader_gives_what_is_presented_while_it_is_started() -> None:
    found: list[Scan] = []
    reader = SimulatedReader()
    reader.present("too early")
    reader.start(codes_into(found.append))
    assert reader.is_connected
    reader.present(CODE)
    reader.stop()
    reader.present("too late")
    assert found == [Scan(CODE)]


def test_a_reader_is_named_so_that_a_heartbeat_can_carry_it() -> None:
    assert reader_name("serial", "/dev/serial/by-id/usb-A-if00") == "serial:usb-A-if00"
    long = reader_name("hid", f"/dev/input/by-id/usb-{'x' * 200}-event-kbd")
    assert len(long) == NAME_CHARACTERS_MAX
    assert long.endswith("-event-kbd")
