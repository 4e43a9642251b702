"""
kill -9 of a terminal before every syscall that writes, syncs or sends, and disks that fail.

The oracle is the display: this test reads what was shown through a pipe. Whatever was shown is in
the journal after a restart, goes up exactly once, and nothing is charged twice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from campus_code import RecordKind
from qr_terminals.journal import JOURNAL_FILE, Journal
from tests.faults.till_driver import ALONE, ONLINE
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, NOON, Campus
from tests.terminals.standin import Standin

ROOT = Path(__file__).parents[2]
KILLED = -9
CALLS_MAX = 400


def _environment() -> dict[str, str]:
    """Without coverage: it would add its own syscalls to the sweep, and be killed in its files."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith("COVERAGE")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": ""}


@dataclass
class Fixed:
    """A home folder that has synced once, and the stand-in's memory of its keys."""

    home: Path
    signing_key: bytes
    sealing_key: bytes

    def again(self, folder: Path) -> Standin:
        """A copy of the home in `folder`, and a stand-in that knows it."""
        shutil.copytree(self.home, folder)
        standin = Standin(Campus())
        standin.signing_key, standin.sealing_key = self.signing_key, self.sealing_key
        path = folder / "terminal.json"
        identity = orjson.loads(path.read_bytes())
        path.write_bytes(orjson.dumps({**identity, "base_url": standin.url}))
        return standin


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Fixed:
    home = tmp_path_factory.mktemp("till") / "home"
    standin = Standin(Campus())
    rig = Rig(standin.url, home, NOON)
    rig.sync()
    rig.close()
    standin.close()
    return Fixed(home, standin.signing_key, standin.sealing_key)


def drive(home: Path, url: str, inject: str, *more: str) -> tuple[int, list[dict[str, object]]]:
    """Run the driver under strace; its exit status and the whole lines it showed."""
    strace = shutil.which("strace")
    assert strace, "strace is wanted for this test (apt-get install strace)"
    done = subprocess.run(
        [
            strace, "-f", "-qq", "-o", os.devnull,
            "-e", f"trace={inject.partition(':')[0]}", "-e", "signal=none",
            "-e", f"inject={inject}",
            sys.executable, "-m", "tests.faults.till_driver", str(home), url, *more,
        ],
        cwd=ROOT,
        capture_output=True,
        timeout=50,
        check=False,
        env=_environment(),
    )  # fmt: skip
    assert done.returncode in (0, KILLED, 128 + 9), done.stderr.decode()
    whole = done.stdout[: done.stdout.rfind(b"\n") + 1]
    return done.returncode, [orjson.loads(line) for line in whole.splitlines()]


def approved(lines: list[dict[str, object]]) -> dict[int, int]:
    """Fen by sequence of every payment that was shown."""
    return {
        int(str(line["sequence"])): int(str(line["charged_fen"]))
        for line in lines
        if line.get("result") == "approved"
    }


def check_after(home: Path, standin: Standin, lines: list[dict[str, object]]) -> None:
    """Start again, sync twice, present both codes again: everything is charged once."""
    shown = approved(lines)
    rig = Rig(standin.url, home, NOON)
    assert rig.journal.broken is None
    kept = paid(rig.journal)
    assert shown.items() <= kept.items(), "a displayed success was lost"
    rig.sync()
    rig.sync()
    rig.lines()
    assert standin.charged() == kept
    assert standin.conflicts() == []
    rig.clocks.pass_(5)
    for number in (ALONE, ONLINE):
        rig.scan(Campus().code(number))
        rig.clocks.pass_(5)
    rig.sync()
    charged = standin.charged()
    assert charged == paid(rig.journal)
    assert list(charged.values()) == [FIXED_FEN] * 2, "each card pays once in the end"
    assert standin.conflicts() == []
    rig.close()


def paid(journal: Journal) -> dict[int, int]:
    """Fen by sequence as the journal has it."""
    records = [held.record for held in journal.records()]
    undone = {one.reverses for one in records if one.kind is RecordKind.REVERSAL}
    return {
        one.sequence: one.charged_fen
        for one in records
        if one.kind is RecordKind.PAYMENT and one.sequence not in undone
    }


def sweep(fixed: Fixed, folder: Path, call: str) -> int:
    """Kill before the k-th `call`, for every k until the program comes through; how many."""
    for k in range(1, CALLS_MAX):
        home = folder / f"{call}-{k}"
        standin = fixed.again(home)
        try:
            status, lines = drive(home, standin.url, f"{call}:signal=SIGKILL:when={k}")
            check_after(home, standin, lines)
        finally:
            standin.close()
        if status == 0:
            assert len(approved(lines)) == 2
            return k - 1
        shutil.rmtree(home)
    raise AssertionError(f"more than {CALLS_MAX} {call} calls")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killed_before_any_syscall_nothing_shown_is_lost_or_doubled(
    fixed: Fixed, tmp_path: Path
) -> None:
    calls = ("pwrite64", "fdatasync", "write", "sendto", "fsync", "rename")
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(calls, pool.map(lambda c: sweep(fixed, tmp_path, c), calls), strict=True))
    # the sweep is worth something only if it really met the places that matter
    assert found["pwrite64"] >= 10
    assert found["fdatasync"] >= 5
    assert found["write"] >= 2
    assert found["sendto"] >= 3
    assert found["fsync"] >= 1


@pytest.mark.timeout(120)
@pytest.mark.parametrize("when", ["{k}", "{k}+"])
def test_a_disk_that_fails_shows_no_success_it_did_not_keep(
    fixed: Fixed, tmp_path: Path, when: str
) -> None:
    faults = 0
    for k in range(1, 6):  # the fifth is the commit of the payment the server has answered
        home = tmp_path / f"eio-{k}"
        standin = fixed.again(home)
        inject = f"fdatasync:error=EIO:when={when.format(k=k)}"
        try:
            _, lines = drive(home, standin.url, inject, "abrupt")
            results = [line.get("result") for line in lines if line["event"] == "shown"]
            faults += results.count("fault")
            if "fault" in results:
                after = results[results.index("fault") :]
                assert "approved" not in after, "money was taken after a fault"
            kept = kept_after(home)
            shown = approved(lines)
            assert shown.items() <= kept.items()
            if "+" not in when:
                assert kept == shown, "what the person was told is unpaid came back to life"
        finally:
            standin.close()
    assert faults >= 2


def kept_after(home: Path) -> dict[int, int]:
    journal = Journal(home / JOURNAL_FILE)
    assert journal.broken is None
    kept = paid(journal)
    journal.close()
    return kept


@pytest.mark.timeout(120)
@pytest.mark.parametrize("first", [9, 11, 13, 15])
def test_a_disk_full_at_any_write_shows_no_success_it_did_not_keep(
    fixed: Fixed, tmp_path: Path, first: int
) -> None:
    home = tmp_path / "home"
    standin = fixed.again(home)
    try:
        _, lines = drive(home, standin.url, f"pwrite64:error=ENOSPC:when={first}+", "abrupt")
        shown = approved(lines)
        assert kept_after(home) == shown, "what was refused for want of room is kept, or the other"
        assert len(shown) < 2, "the disk was never full"
        check_after(home, standin, lines)
    finally:
        standin.close()
