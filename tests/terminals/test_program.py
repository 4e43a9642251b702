"""The program itself: its own process, a scanner on a pty, a control socket, a stand-in server."""

from __future__ import annotations

import os
import shutil
import sys
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from campus_code import HolderLimits
from qr_terminals.__main__ import main
from qr_terminals.disk import only_instance
from tests.terminals.bench import wait_for
from tests.terminals.campus import FIXED_FEN, FREE, Campus
from tests.terminals.program import Program
from tests.terminals.standin import TOKEN, Standin


@pytest.fixture
def campus() -> Campus:
    return Campus(at=int(time.time()), display_seconds=0)


@pytest.fixture
def home(standin: Standin, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    home = tmp_path / "home"
    standin.is_live = True
    assert main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 0
    assert "一号窗口" in capsys.readouterr().out
    return home


@pytest.fixture
def programs(home: Path) -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        if program.process.poll() is None:
            program.kill()


def start(programs: list[Program], home: Path) -> Program:
    program = Program(home)
    programs.append(program)
    program.next("ready")
    program.next("synced")
    return program


def test_one_approval_of_many_presentations_through_kills(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    campus = standin.campus
    program = start(programs, home)
    code = campus.code(1, int(time.time()))
    shown = [program.scan(code)]
    assert (shown[0]["result"], shown[0]["charged_fen"]) == ("approved", FIXED_FEN)
    for turn in range(1, 50):
        if turn in (10, 30):
            program.kill()
            program = start(programs, home)
        shown.append(program.scan(code))
    assert sum(line["result"] == "approved" for line in shown) == 1
    reasons = {line["reason"] for line in shown if line["result"] == "refused"}
    assert reasons == {"already_used"}
    program.type("status")
    status = program.next("status")
    assert (status["sequence"], status["reader"]) == (1, True)
    wait_for(lambda: standin.charged() == {1: FIXED_FEN} and standin.through == 1)
    assert program.end() == 0


def test_the_last_payment_is_shown_again_after_a_kill(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    program = start(programs, home)
    first = program.scan(standin.campus.code(1, int(time.time())))
    program.kill()
    again = Program(home)
    programs.append(again)
    assert again.next() == {**first, "after_restart": True}
    again.type("void")
    assert again.next()["reverses"] == first["sequence"]
    wait_for(lambda: standin.through == 2)
    assert standin.charged() == {}


def test_a_keypad_types_amounts_and_a_scanner_cannot(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    path = home / "terminal.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "group_id": FREE}))
    program = start(programs, home)
    assert program.scan("amount 100")["reason"] == "unreadable"
    code = standin.campus.code(1, int(time.time()))
    assert program.scan(code)["reason"] == "no_price"
    program.type("amount 880")
    assert program.next()["amount_fen"] == 880
    assert program.scan(code)["charged_fen"] == 880
    program.type("amount -5")
    assert program.next()["result"] == "unreadable_line"
    program.type("quit")
    assert program.wait() == 0


def test_several_readers_work_side_by_side_and_each_is_named_in_status_and_heartbeat(
    programs: list[Program], home: Path, standin: Standin, tmp_path: Path
) -> None:
    scene = tmp_path / "scene"
    scene.write_text("")
    film = f"{sys.executable} -m simulators.camera --a-second 20 {{device}}"
    away = "/dev/input/by-id/usb-Nobody-event-kbd"
    program = Program(home, "--camera", str(scene), "--camera-command", film, "--hid", away)
    programs.append(program)
    program.next("synced")
    scene.write_text(standin.campus.code(1, int(time.time())))
    assert program.next()["result"] == "approved"
    assert program.scan(standin.campus.code(2, int(time.time())))["result"] == "approved"
    program.type("status")
    readers = program.next("status")["readers"]
    serial = f"serial:{os.ttyname(program._port).rpartition('/')[2]}"
    assert readers == {serial: True, "hid:usb-Nobody-event-kbd": False, "camera:scene": True}
    wait_for(
        lambda: (
            standin.heartbeats[-1]["heartbeat"]["readiness"]["readers_away"]
            == ["hid:usb-Nobody-event-kbd"]
        )
    )
    assert program.end() == 0


def test_a_scanner_pulled_out_in_the_middle_of_a_code_stops_nothing_and_comes_back(
    programs: list[Program], home: Path, standin: Standin, tmp_path: Path
) -> None:
    link = tmp_path / "scanner"
    wire, port = plug(link)
    program = Program(home, "--serial", str(link))
    programs.append(program)
    program.next("synced")

    def is_there() -> bool:
        program.type("status")
        readers: dict[str, bool] = program.next("status")["readers"]
        return readers["serial:scanner"]

    wait_for(is_there)
    os.write(wire, standin.campus.code(1, int(time.time()))[:20].encode())
    os.close(wire)
    os.close(port)
    wait_for(lambda: not is_there())
    program.type(f"code {standin.campus.code(2, int(time.time()))}")  # meanwhile by hand
    shown = program.next()
    while shown["result"] == "refused":  # the half code, if it was heard before the plug was out
        assert shown["reason"] == "unreadable"
        shown = program.next()
    assert shown["result"] == "approved"
    wire, port = plug(link)
    wait_for(is_there)
    os.write(wire, standin.campus.code(3, int(time.time())).encode() + b"\r")
    assert program.next()["result"] == "approved"
    assert program.end() == 0
    os.close(wire)
    os.close(port)


def plug(link: Path) -> tuple[int, int]:
    """Put a scanner into a port whose name stays."""
    wire, port = os.openpty()
    tty.setraw(port)
    link.unlink(missing_ok=True)
    link.symlink_to(os.ttyname(port))
    return wire, port


def test_a_cut_network_costs_no_payment(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    program = start(programs, home)
    standin.is_down = True
    lines = [program.scan(standin.campus.code(n, int(time.time()))) for n in range(6)]
    assert [line["result"] for line in lines] == ["approved"] * 6
    assert not any(line["online"] for line in lines)
    standin.is_down = False
    wait_for(lambda: standin.through == 6, seconds=10)
    assert standin.charged() == {line["sequence"]: FIXED_FEN for line in lines}


def test_a_second_program_on_the_same_home_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_instance(home):
        assert main(["--home", str(home)]) == 2
    said = capsys.readouterr().err
    assert "已有一个终端程序在运行" in said
    assert "already running" in said


def test_nothing_on_disk_names_a_person_and_keys_are_private(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    program = start(programs, home)
    program.scan(standin.campus.code(1, int(time.time())))
    program.end()
    assert (home / "device.keys").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    for path in home.iterdir():
        assert standin.campus.terminal_key.master not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    "words,zh,en",
    [
        ([], "--home", "No home folder"),
        (["--home", "/nowhere/at/all"], "没有已登记的终端", "holds no enrolled terminal"),
        (["--config", "/nowhere.toml"], "读不到设置文件", "cannot be read"),
        (["enrol", "hello", "--home", "/tmp/x"], "不是登记码", "not an enrolment code"),
    ],
)
def test_a_wrong_command_line_is_explained_in_both_languages(
    words: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert zh in said
    assert en in said


@pytest.mark.parametrize(
    "text,name",
    [
        ("home = 5", "home"),
        ("plain = 1", "plain"),
        ("sync_seconds = 0", "sync_seconds"),
        ("sync_seconds = true", "sync_seconds"),
        ("amount_fen = -1", "amount_fen"),
        ("baud_rate = 1", "baud_rate"),
        ("colour = 'red'", "colour"),
        ("serial = 5", "serial"),
        ("hid = ['/a', '']", "hid"),
        ("camera = ['/a', '/a']", "camera"),
        (f"serial = {[str(n) for n in range(9)]}", "serial"),
        ("hid = 'event3'", "event3"),
        ("camera = '/x'\ncamera_command = \"a 'b\"", "camera_command"),
        ("home = ", "settings"),
    ],
)
def test_a_wrong_setting_is_named(
    tmp_path: Path, text: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "settings.toml"
    lines = text if text.startswith("home") else f"home = '/x'\n{text}"
    path.write_text(lines)
    assert main(["--config", str(path)]) == 2
    assert name in capsys.readouterr().err


def test_an_enrolled_home_is_not_enrolled_again(
    home: Path, standin: Standin, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 2
    assert "enrolled already" in capsys.readouterr().err


def test_a_refused_token_leaves_no_terminal_behind(
    standin: Standin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "new"
    assert main(["enrol", f"xm1:{standin.url}|wrong", "--home", str(home)]) == 2
    assert "没有这个登记码" in capsys.readouterr().err
    assert main(["--home", str(home)]) == 2
    assert main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 0


def test_keys_that_others_may_read_are_not_used(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "device.keys").chmod(0o640)
    assert main(["--home", str(home)]) == 2
    assert "600" in capsys.readouterr().err


def test_a_new_device_of_an_old_terminal_goes_on_in_its_sequence(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    program = start(programs, home)
    code = standin.campus.code(1, int(time.time()))
    program.scan(code)
    wait_for(lambda: standin.through == 1)
    program.end()
    shutil.rmtree(home)
    assert main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 0
    program = start(programs, home)
    assert program.scan(code)["reason"] == "already_used"
    later = standin.campus.code(2, int(time.time()) + 15)
    assert program.scan(later)["sequence"] == 2
    wait_for(lambda: standin.through == 2)
    assert standin.conflicts() == []


def test_a_limit_set_while_connected_holds_offline_and_after_a_kill(
    programs: list[Program], home: Path, standin: Standin
) -> None:
    campus = standin.campus
    program = start(programs, home)
    document = campus.limits_document(3, {1: HolderLimits(kinds={"shop": 0})})
    standin.publish("limits", 3, document)
    standin.push("limits", 3)
    wait_for(lambda: standin.heartbeats[-1]["versions"]["limits"] == 3)
    standin.is_down = True
    for _ in range(2):
        refused = program.scan(campus.code(1, int(time.time())))
        assert (refused["result"], refused["reason"]) == ("refused", "guardian_kind_limit")
        program.kill()
        program = Program(home)
        programs.append(program)
        program.next("ready")
    assert program.scan(campus.code(2, int(time.time())))["result"] == "approved"
    assert standin.charged() == {}
