"""The door program: its own process, scanners on ptys, an OSDP strike, kills, a stand-in server."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from qr_terminals.__main__ import main
from simulators.osdp.peripheral import Peripheral
from tests.terminals.bench import wait_for
from tests.terminals.campus import Campus
from tests.terminals.doors import FROZEN, hall_rules
from tests.terminals.standin import TOKEN, Standin

ROOT = Path(__file__).parents[2]


class DoorProcess:
    """`python -m qr_terminals door`; its lines are read as they come."""

    def __init__(self, home: Path, lock: str) -> None:
        self.ports = [os.openpty() for _ in range(2)]
        for _, port in self.ports:
            tty.setraw(port)
        outside, inside = (os.ttyname(port) for _, port in self.ports)
        self.control = home.parent / "control"
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "qr_terminals", "door", "--home", str(home), "--plain",
                "--serial-in", outside, "--serial-out", inside, "--lock", lock,
                "--control", str(self.control), "--sync-seconds", "0.5",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(orjson.loads(line))

    def next(self, *results: str) -> dict[str, Any]:
        """The next line of one of these results or events."""
        until = time.monotonic() + 10
        while True:
            line = self.lines.get(timeout=max(until - time.monotonic(), 0.01))
            if line.get("result", line["event"]) in results:
                return line

    def scan(self, text: str, side: int = 0) -> dict[str, Any]:
        os.write(self.ports[side][0], text.encode() + b"\r\n")
        return self.next("admitted", "refused", "emergency", "fault")

    def type(self, line: str) -> None:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.control))
            control.sendall(line.encode() + b"\n")

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(timeout=10)
        self._thread.join(timeout=5)
        with contextlib.suppress(OSError):
            for handle in (one for pair in self.ports for one in pair):
                os.close(handle)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@pytest.fixture
def campus() -> Campus:
    return Campus(at=int(time.time()), display_seconds=0)


@pytest.fixture
def home(standin: Standin, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    standin.is_live = True
    standin.publish("doors", 1, standin.campus.doors_document(1, hall_rules(passback="hard"), {}))
    assert main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 0
    return home


@pytest.fixture
def strike() -> Iterator[Peripheral]:
    strike = Peripheral(1)
    yield strike
    strike.unplug()


@pytest.fixture
def doors(home: Path, strike: Peripheral) -> Iterator[list[DoorProcess]]:
    started: list[DoorProcess] = []
    yield started
    for door in started:
        if door.process.poll() is None:
            door.end(signal.SIGKILL)


def start(doors: list[DoorProcess], home: Path, strike: Peripheral) -> DoorProcess:
    door = DoorProcess(home, f"osdp:{strike.path},1")
    doors.append(door)
    door.next("ready")
    door.next("synced")
    return door


def test_a_door_opens_through_kills_pushes_and_a_cut_network(
    doors: list[DoorProcess], home: Path, strike: Peripheral, standin: Standin
) -> None:
    campus = standin.campus
    door = start(doors, home, strike)
    code = campus.code(1, int(time.time()))
    assert door.scan(code)["result"] == "admitted"
    assert strike.is_open
    door.end(signal.SIGKILL)
    wait_for(lambda: not strike.is_open, seconds=6)  # the strike counts its seconds itself

    standin.is_down = True
    door = DoorProcess(home, f"osdp:{strike.path},1")
    doors.append(door)
    door.next("ready")
    assert door.scan(code)["reason"] == "already_used"
    fresh = campus.code(1, int(time.time()) + 15)
    assert door.scan(fresh)["reason"] == "passback"
    assert door.scan(fresh, 1)["result"] == "admitted"
    assert door.scan(campus.code(2, int(time.time())))["result"] == "admitted"

    standin.is_down = False
    wait_for(lambda: standin.doors.through >= 5, seconds=10)
    standin.publish("doors", 2, campus.doors_document(2, None, {3: FROZEN}, 1))
    standin.push("doors", 2)
    wait_for(lambda: standin.heartbeats[-1]["versions"]["doors"] == 2)
    assert door.scan(campus.code(3, int(time.time())))["reason"] == "doors_frozen"

    door.type("emergency on")
    door.next("emergency")
    door.type("status")
    assert door.next("status")["emergency"] is True  # and so it is written down by now
    door.end(signal.SIGKILL)
    assert strike.is_open
    door = start(doors, home, strike)
    assert door.scan(campus.code(4, int(time.time())))["result"] == "emergency"
    door.type("emergency off")
    door.next("waiting")
    wait_for(lambda: not strike.is_open)
    door.type("status")
    assert door.next("status")["emergency"] is False
    assert door.end() == 0
    words = [(event.kind.value, event.word) for event in standin.doors.told()]
    assert ("emergency_began", "command") in words
    assert standin.doors.conflicts == []


@pytest.mark.parametrize(
    "words,zh,en",
    [
        (["--home", "/nowhere/at/all", "--lock", "simulated"], "没有已登记的终端", "enrolled"),
        (["--home", "x", "--lock", "simulated", "--sync-seconds", "0"], "sync_seconds", "0.1"),
    ],
    ids=["home", "sync_seconds"],
)
def test_a_wrong_command_line_is_explained_in_both_languages(
    words: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["door", *words]) == 2
    said = capsys.readouterr().err
    assert zh in said
    assert en in said
