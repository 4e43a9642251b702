"""A box becomes a door or a kiosk by the same command, and what systemd is given for each."""

from __future__ import annotations

import configparser
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qr_terminals.doors.log import LOG_FILE
from qr_terminals.doors.program import _parser
from qr_terminals.install import files, provision
from qr_terminals.install.roles import SETTINGS_FILE, UNITS, Role, Task
from tests.terminals.boxes import Box, open_box
from tests.terminals.campus import Campus
from tests.terminals.standin import Standin


@pytest.fixture
def campus() -> Campus:
    return Campus(at=int(time.time()))


@pytest.fixture
def box(tmp_path: Path, standin: Standin) -> Iterator[Box]:
    with open_box(tmp_path, standin) as made:
        yield made


def service_of(unit: Path) -> configparser.SectionProxy:
    """A written unit's [Service]."""
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text("utf-8"))
    return read["Service"]


def test_a_box_becomes_a_door(box: Box, standin: Standin) -> None:
    words = ("--as", "door", "--serial-in", box.port, "--lock", "simulated")
    assert box.run(*words) == 0, box.text
    assert "enable --now xiaoma-door.service" in box.text
    assert not (box.home / SETTINGS_FILE).exists()
    assert (box.home / LOG_FILE).exists()
    assert standin.heartbeats
    service = service_of(box.folder / "units" / UNITS[Role.DOOR])
    program = shlex.split(service["ExecStart"])
    assert program[1:4] == ["-m", "qr_terminals", "door"]
    told = vars(_parser().parse_args(program[4:]))
    assert (told["lock"], told["serial_in"], told["home"]) == ("simulated", box.port, box.home)
    assert (told["control"], told["plain"]) == (f"{box.home}/control", True)
    assert "char-ttyUSB rw" in (box.folder / "units" / UNITS[Role.DOOR]).read_text("utf-8")


def test_a_door_whose_lock_is_not_plugged_in_is_red(box: Box) -> None:
    words = ("--as", "door", "--serial-in", box.port, "--lock", "relay:/dev/no-such,2")
    assert box.run(*words) == provision.EXIT_RED
    assert box.red == {"/dev/no-such"}


def test_a_box_becomes_a_kiosk_with_its_screen(box: Box, standin: Standin) -> None:
    words = ("--as", "kiosk", "--serial", box.port, "--printer", "hall 1", "--screen", "daemon")
    assert box.run(*words) == 0, box.text
    assert "enable --now xiaoma-kiosk.service xiaoma-screen.service" in box.text
    assert [beat["heartbeat"]["readiness"] for beat in standin.heartbeats] == [{"reader": True}]
    assert not (box.home / "journal.sqlite3").exists()
    units = box.folder / "units"
    program = shlex.split(service_of(units / UNITS[Role.KIOSK])["ExecStart"])
    assert program[3:] == ["kiosk", "--home", str(box.home), "--port", "8030",
                           "--serial", box.port, "--printer", "hall 1"]  # fmt: skip
    screen = service_of(units / files.SCREEN)
    assert (screen["User"], "http://127.0.0.1:8030/" in screen["ExecStart"]) == ("daemon", True)


def test_a_till_with_a_page_has_a_screen_when_somebody_is_named_for_it(box: Box) -> None:
    assert box.run("--serial", box.port, "--page", "8741", "--screen", "daemon") == 0, box.text
    screen = service_of(box.folder / "units" / files.SCREEN)
    assert "http://127.0.0.1:8741/" in screen["ExecStart"]
    assert "@" not in (box.folder / "units" / files.SCREEN).read_text("utf-8").replace("getty@", "")


def test_systemd_itself_reads_every_unit(tmp_path: Path) -> None:
    odd = '/dev/a "b" $HOME 100%'
    tasks = [Task(role, ("--printer", odd), (), 8030) for role in Role]
    laid = [files.lay_unit(task, Path("/var/lib/xiaoma"), "daemon", tmp_path) for task in tasks]
    laid.append(files.lay_screen(tasks[0], "daemon", tmp_path))
    for one in laid:
        files.write(one)
    paths = [str(one.path) for one in laid]
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in told.stderr.splitlines() if "xiaoma" in line]
    # this machine may have no cage, and the program's own documentation stands where it stands
    assert [line for line in ours if "is not executable" not in line] == [], told.stderr
