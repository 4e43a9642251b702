"""One command that makes a box a terminal: what it checks, what it writes, and its score."""

from __future__ import annotations

import configparser
import os
import pwd
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qr_terminals.__main__ import main
from qr_terminals.config import read_config
from qr_terminals.disk import only_instance
from qr_terminals.errors import ConfigError
from qr_terminals.install import checks, files, provision
from qr_terminals.install.checks import Finding, Rights
from qr_terminals.install.roles import SETTINGS_FILE, UNITS, Role, Task
from tests.terminals import campus as campus_module
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


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_new_box_ends_in_a_green_score(box: Box) -> None:
    assert box.run() == 0, box.text
    assert "✔ 100/100" in box.text
    assert [line[:5] for line in box.said if line.startswith("[")] == [
        f"[{number}/{provision.STEPS}]" for number in range(1, provision.STEPS + 1)
    ]
    assert {path.name for path in box.home.iterdir()} >= {
        "terminal.json", "device.keys", "terminal.toml", "rules.held", "keyring.held",
        "directory.held", "journal.sqlite3",
    }  # fmt: skip
    config = read_config(box.home / SETTINGS_FILE, {})
    assert (config.home, config.serial, config.hid) == (box.home, (box.port,), ())
    assert main(["--config", str(box.home / SETTINGS_FILE), "--home", "/nowhere"]) == 2


def test_the_score_is_the_terminals_own_and_never_more_than_its_worst_part(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campus_module, "EPOCH_SECONDS", 86_400 + 60)  # a seventh of what is good
    assert box.run() == provision.EXIT_RED
    assert box.red == {"keys"}
    assert "✘ 14/100" in box.text


def test_again_it_changes_nothing_and_wants_no_code(box: Box) -> None:
    assert box.run() == 0
    names = ("terminal.json", "device.keys", "terminal.toml", UNITS[Role.TILL], files.RULES)
    before = {k: v for k, v in snapshot(box.folder).items() if k.rpartition("/")[2] in names}
    assert len(before) == len(names)
    assert box.run(code="") == 0
    assert "already, as" in box.text
    after = {k: v for k, v in snapshot(box.folder).items() if k.rpartition("/")[2] in names}
    assert after == before


def test_a_changed_wish_changes_the_settings_alone(box: Box, standin: Standin) -> None:
    assert box.run() == 0
    keys = (box.home / "device.keys").read_bytes()
    assert box.run("--serial", box.port, "--amount-fen", "500", "--page", "8741", code="") == 0
    config = read_config(box.home / SETTINGS_FILE, {})
    assert (config.amount_fen, config.page) == (500, 8741)
    assert (box.home / "device.keys").read_bytes() == keys


def test_a_dry_run_changes_nothing(box: Box, standin: Standin) -> None:
    before = snapshot(box.folder)
    assert box.run("--serial", box.port, "--dry-run") == 0
    assert snapshot(box.folder) == before
    assert not box.home.exists()
    assert standin.heartbeats == []
    for path in (box.home / SETTINGS_FILE, box.folder / "units" / UNITS[Role.TILL]):
        assert f"would write {path}" in box.text


def test_a_server_that_is_away_is_red_and_the_rest_is_looked_at(box: Box, standin: Standin) -> None:
    standin.close()
    assert box.run() == provision.EXIT_RED
    assert box.red >= {"server", "enrolled", "synced"}
    assert "/100 还有" in box.text
    assert "100/100" not in box.text


def test_a_wrong_code_is_red_and_the_next_try_with_the_right_one_is_green(box: Box) -> None:
    assert box.run(code=f"xm1:{box.url}|wrong") == provision.EXIT_RED
    assert "enrolled" in box.red
    assert box.run() == 0, box.text


def test_a_reader_that_is_not_there_is_named(box: Box) -> None:
    assert box.run("--serial", box.port, "--hid", "/dev/input/by-id/no-such") == provision.EXIT_RED
    assert box.red == {"/dev/input/by-id/no-such"}
    assert box.run("--serial", str(box.home / "terminal.toml"), code="") == provision.EXIT_RED
    assert "is no device" in box.text


@pytest.mark.parametrize(
    "uid,mode,may",
    [(0, 0o000, True), (5, 0o600, True), (5, 0o066, False), (6, 0o060, True), (6, 0o606, False),
     (6, 0o040, False), (7, 0o006, True), (7, 0o660, False)],
)  # fmt: skip
def test_the_rights_that_count_are_those_of_the_program(uid: int, mode: int, may: bool) -> None:  # noqa: FBT001
    device = os.stat_result((0o020000 | mode, 0, 0, 1, 5, 66, 0, 0, 0, 0))
    rights = Rights(uid, frozenset({66} if uid == 6 else {77}))
    assert rights.may_use(device) is may


def test_a_box_without_any_reader_is_red(box: Box) -> None:
    assert box.run("--amount-fen", "500") == provision.EXIT_RED
    assert box.red == {"readers"}


def test_a_terminal_that_runs_is_left_to_sync_itself(box: Box, standin: Standin) -> None:
    assert box.run() == 0
    contacts = len(standin.heartbeats)
    with only_instance(box.home):
        assert box.run(code="") == 0
    assert "syncs itself" in box.text
    assert len(standin.heartbeats) == contacts


def test_an_enrolled_box_does_not_go_over_to_another_server(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    assert box.run() == 0
    words = ["xm1:http://127.0.0.1:9|x", "--home", str(box.home), "--serial", box.port]
    assert main(["provision", *words]) == 2
    said = capsys.readouterr().err
    assert "use another folder" in said
    assert "请用另一个目录" in said


@pytest.mark.parametrize(
    "words,match",
    [
        (["--home", "/nowhere/at/all"], "give the office's code"),
        (["hello", "--home", "/nowhere/at/all"], "not an enrolment code"),
        (["--home", "/x", "--owner", "nobody-of-this-name"], "adduser --system --group"),
        (["--home", "/x", "--serial", ""], "serial"),
        (["--home", "/x", "--lock", "simulated"], "--lock is not for --as till"),
        (["--home", "/x", "--as", "door"], "needs --lock"),
        (["--home", "/x", "--as", "door", "--lock", "relay:"], "is no lock"),
        (
            ["--home", "/x", "--as", "door", "--lock", "simulated", "--page", "1"],
            "--page is not for",
        ),
        (["--home", "/x", "--as", "kiosk", "--amount-fen", "5"], "--amount-fen is not for"),
        (["--home", "/x", "--screen", "daemon"], "needs a page"),
    ],
)
def test_a_wrong_command_line_is_explained(
    words: list[str], match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["provision", *words]) == 2
    assert match in capsys.readouterr().err


def test_a_terminal_of_cards_needs_pcscd_and_one_of_codes_does_not(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PCSCD_SOCKET", box.folder / "pcscd.comm")
    assert box.run() == 0
    assert box.run("--nfc", "any", code="") == provision.EXIT_RED
    assert box.red == {"pcscd"}
    (box.folder / "pcscd.comm").touch()
    assert box.run("--nfc", "any", code="") == 0, box.text
    assert read_config(box.home / SETTINGS_FILE, {}).nfc == "any"


# ---------------------------------------------------------------------------------- checks


def test_a_clock_that_was_never_set_is_red() -> None:
    assert checks.check_clock(0.0).is_red
    assert not checks.check_clock(time.time()).is_red


def test_a_clock_that_differs_from_the_servers_is_red(standin: Standin) -> None:
    now = time.time()
    for ahead, is_red in ((0, False), (-20, False), (45, True), (-3600, True)):
        found = {one.word: one for one in checks.check_server(standin.url, now + ahead)}
        assert found["clock skew"].is_red is is_red, ahead


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 32 Foo 2026 00:00:00 GMT"])
def test_a_date_that_is_none_tells_nothing_of_the_clock(date: str) -> None:
    assert checks.clock_skew(date, 0.0) is None


def test_a_folder_that_cannot_be_written_is_red(tmp_path: Path) -> None:
    def full(path: Path) -> list[float]:
        raise OSError(28, f"no space left for {path.name[:7]}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "durable_writes", full)
        found = checks.check_durable(tmp_path)
    assert found.is_red
    assert "no space left" in found.en
    assert not checks.check_durable(tmp_path / "not" / "yet").is_red
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "goods,score", [([], 0), ([True], 100), ([True, False], 50), ([True] * 199 + [False], 99)]
)
def test_the_score_is_full_only_when_everything_needed_is_there(
    goods: list[bool], score: int
) -> None:
    findings = [Finding("x", is_good, "", "") for is_good in goods]
    assert provision.score_of(findings) == score
    extra = Finding("pcscd", is_good=False, zh="", en="", is_needed=False)
    assert provision.score_of([*findings, extra]) == score


# ----------------------------------------------------------------------------------- files


def test_nothing_is_left_to_fill_in_and_the_unit_can_do_little(tmp_path: Path) -> None:
    task = Task(Role.TILL, ("--config", "/var/lib/xiaoma/terminal.toml"))
    unit = files.lay_unit(task, Path("/var/lib/xiaoma"), "xiaoma").text
    rules = files.lay_rules("xiaoma").text
    assert "@" not in unit.replace("@system-service", "")
    assert "@" not in rules
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit)
    service = read["Service"]
    assert service["User"] == "xiaoma"
    assert service["ReadWritePaths"] == "/var/lib/xiaoma"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ExecStart"].endswith("-m qr_terminals --config /var/lib/xiaoma/terminal.toml")


def test_a_unit_names_the_link_that_an_update_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "current"
    link.symlink_to(files.PROGRAM)
    monkeypatch.setattr(sys, "executable", str(files.PROGRAM / ".venv" / "bin" / "python"))
    unit = files.lay_unit(Task(Role.TILL, ()), tmp_path, "xiaoma", tmp_path, link).text
    assert f"WorkingDirectory={link}\n" in unit
    assert f"ExecStart={link}/.venv/bin/python -m qr_terminals" in unit
    assert str(files.PROGRAM) not in unit.replace(str(link), "")


def test_a_link_to_something_else_is_refused(tmp_path: Path) -> None:
    words = ["--home", str(tmp_path / "home"), "--dry-run", "--program"]
    for other in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ConfigError, match="--program"):
            provision.read_wish([*words, str(other)])
    link = tmp_path / "current"
    link.symlink_to(files.PROGRAM)
    assert provision.read_wish([*words, str(link)]).program == link


def test_a_program_in_a_home_folder_is_not_hidden_from_itself() -> None:
    home = Path(files.HOMES[0], "till")
    assert "ProtectHome=no" in files.lay_unit(Task(Role.TILL, ()), home, "xiaoma").text


def test_settings_with_odd_names_are_read_back_as_they_were(tmp_path: Path) -> None:
    odd = ("/dev/a b", '/dev/"quoted"', "/dev/back\\slash", "/dev/扫码枪")
    command = "film '{device}' --size=\"640\""
    told = {"home": str(tmp_path), "serial": list(odd), "camera": ["/x"], "camera_command": command}
    laid = files.lay_settings(read_config(None, told))
    files.write(laid)
    assert laid.is_there
    read = read_config(laid.path, {})
    assert (read.serial, read.camera_command) == (odd, command)


def test_what_is_written_belongs_to_whom_the_program_runs_as_each_time(box: Box) -> None:
    for amount in ("500", "600"):  # the second run writes the settings again
        words = ("--serial", box.port, "--owner", "daemon", "--amount-fen", amount)
        is_red = box.run(*words) == provision.EXIT_RED
        owners = {path.stat().st_uid for path in (box.home, *box.home.iterdir())}
        if os.getuid() == 0:
            assert owners == {pwd.getpwnam("daemon").pw_uid}
            assert "owner" not in box.red
        else:  # only root may give files away, and that is said
            assert owners == {os.getuid()}
            assert is_red
            assert "owner" in box.red
    assert (box.home / SETTINGS_FILE).stat().st_mode & 0o777 == 0o600
