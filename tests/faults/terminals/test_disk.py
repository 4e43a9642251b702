"""Disks that are full, and records that rot: no sale is lost, none is invented, uploads go on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from campus_code import RECORDS_MAX, Refusal
from qr_terminals.asking import Circuit
from qr_terminals.chain import full
from qr_terminals.disk import MEGABYTE, RESERVE_BYTES
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.lease import KEPT_EVERY_SECONDS
from qr_terminals.state import Mode
from qr_terminals.sync import Synced
from tests.terminals.bench import Rig
from tests.terminals.campus import Campus
from tests.terminals.standin import Standin
from tests.terminals.tills import payment

ROOT = Path(__file__).parents[3]
NEVER_SO_MUCH = 1 << 62


def results(rig: Rig, numbers: range, campus: Campus) -> list[str]:
    """What the screen said to each of these cards."""
    said = []
    for number in numbers:
        shown = rig.scan(campus.code(number, rig.clock.rough()))
        said.append(shown.get("reason") or shown["result"])
        rig.clocks.pass_(4)
    return said


# -------------------------------------------------------------------------------- full (F8)


def test_into_the_reserve_nothing_is_sold_and_all_else_goes_on(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    assert results(rig, range(1, 4), campus) == ["approved"] * 3
    rig.journal._reserve_bytes = NEVER_SO_MUCH
    assert results(rig, range(4, 6), campus) == ["journal_fault"] * 2
    assert rig.type("void")["reverses"] == 3, "the reserve is there to undo"
    standin.is_down = False
    rig.sync()
    assert rig.journal.depth() == 0, "the reserve is there to acknowledge"
    assert sorted(standin.charged()) == [1, 2]
    rig.sync()
    beat = standin.heartbeats[-1]["heartbeat"]
    assert beat["paused"] is True
    assert beat["readiness"]["room"] is False
    assert beat["readiness"]["writes"] is True
    rig.journal._reserve_bytes = RESERVE_BYTES
    assert results(rig, range(4, 5), campus) == ["approved"], "it goes on by itself"


def test_a_full_disk_is_said_in_both_languages() -> None:
    for language, words in (("zh", "磁盘已满，只剩 12 MB"), ("en", "disk is full, 12 MB left")):
        said = Refusal.JOURNAL_FAULT.sentence(language, {"free_megabytes": 12})  # type: ignore[arg-type]
        assert words in said


def test_a_journal_that_cannot_grow_refuses_uploads_and_goes_on(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig, db = offline_rig, offline_rig.journal._db
    rig.terminal._till.circuit = Circuit(paused_until=1e9)  # nothing is begun that must be undone
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")
    said = results(rig, range(1, 40), campus)
    assert set(said) == {"approved", "journal_fault"}
    assert "approved" not in said[said.index("journal_fault") :]
    sold = rig.journal.sequence
    standin.is_down = False
    rig.sync()
    assert len(standin.charged()) == sold
    db.execute("PRAGMA max_page_count = 100000")
    assert results(rig, range(38, 40), campus) == ["approved"] * 2
    rig.sync()
    assert len(standin.charged()) == sold + 2
    assert standin.conflicts() == []


def test_more_than_a_set_goes_up_though_no_answer_can_be_kept(rig: Rig, standin: Standin) -> None:
    journal = rig.journal
    journal._db.execute("PRAGMA synchronous=OFF")  # durability is not what this test is about
    for sequence in range(1, RECORDS_MAX + 3):
        journal.append(payment(sequence, number=1, step_ahead=sequence))
    journal._db.execute(
        "CREATE TRIGGER full BEFORE UPDATE ON record BEGIN SELECT raise(FAIL, 'full'); END"
    )
    rig.sync()
    assert len(standin.records) == RECORDS_MAX + 2
    journal._db.execute("DROP TRIGGER full")
    assert journal.depth() == RECORDS_MAX + 2
    rig.contact.make()
    assert journal.depth() == 0
    assert standin.conflicts() == []


def test_a_disk_that_somebody_else_fills(tmp_path: Path, rig: Rig, standin: Standin) -> None:
    """The whole way on a real small disk, down to its last byte and back; a mount of one's own."""
    rig.close()
    disk = tmp_path / "disk"
    disk.mkdir()
    size = RESERVE_BYTES + 4 * MEGABYTE
    script = (
        f"mount -t tmpfs -o size={size} disk {disk} && cp -a {rig.home} {disk}/home &&"
        f" exec {sys.executable} -m tests.faults.terminals.full_driver {disk}/home {standin.url}"
    )
    unshare = shutil.which("unshare")
    assert unshare, "unshare is wanted for this test (apt-get install util-linux)"
    flags = ["-m"] if os.getuid() == 0 else ["-Urm"]
    done = subprocess.run(
        [unshare, *flags, "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["room", "approved", "showing", "0"],
        ["reserve", "journal_fault", "showing", "0"],
        ["nothing", "journal_fault", "showing", "0"],
        ["again", "approved", "showing", "0"],
    ]
    assert len(standin.charged()) == 2


def test_a_full_disk_stops_nothing_but_selling(
    rig: Rig, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is only noted now and then (the lease, a shift) must not end in a fault either."""

    def no_room(*_: object) -> None:
        raise full(0)

    standin.is_down = True
    with monkeypatch.context() as filled:
        filled.setattr(rig.journal, "set_mark", no_room)
        filled.setattr(rig.journal, "set_marks", no_room)
        rig.clocks.pass_(KEPT_EVERY_SECONDS + 1)
        rig.terminal.tick()
        rig.lines()
        told = rig.type("shift open 27")
        assert (told["result"], "0 MB" in told["en"]) == ("journal_full", True)
        rig.terminal.take(Synced(standin.at, None, ()))
        assert rig.terminal.state.mode is not Mode.FAULT
    assert rig.scan(standin.campus.code(1, rig.clock.rough()))["result"] == "approved"


# --------------------------------------------------------------------------------- rot (F9)


def edit(path: Path, sequence: int, body: bytes) -> None:
    """Change a record's bytes behind the terminal's back."""
    db = sqlite3.connect(path)
    db.execute("UPDATE record SET body = ? WHERE sequence = ?", (body, sequence))
    db.commit()
    db.close()


def rotten(record_body: bytes) -> bytes:
    """One bit of it is another."""
    middle = len(record_body) // 2
    return record_body[:middle] + bytes((record_body[middle] ^ 1,)) + record_body[middle + 1 :]


def body_of(journal: Journal, sequence: int) -> bytes:
    """A record's bytes."""
    return next(held for held in journal.records(after=sequence - 1)).record.to_bytes()


def test_rot_in_an_old_record_keeps_no_other_from_going_up(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    results(rig, range(1, 5), campus)
    standin.is_down = False
    rig.sync()
    standin.is_down = True
    rig.terminal._till.circuit = Circuit()
    results(rig, range(5, 8), campus)
    edit(rig.home / JOURNAL_FILE, 2, rotten(body_of(rig.journal, 2)))
    rig.lines()
    rig.restart()
    rig.lines()
    assert "第 1 笔之后已损坏" in rig.shown_text, "somebody is told"
    assert rig.scan(campus.code(9)) == {}, "no money is taken"
    standin.is_down = False
    rig.sync()
    assert sorted(standin.records) == list(range(1, 8))
    assert standin.conflicts() == []
    rig.sync()
    assert standin.heartbeats[-1]["heartbeat"]["readiness"]["writes"] is False


def test_what_rots_or_is_edited_before_it_went_up_is_never_signed(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    """Eight yuan turned into eighty by whoever has the box open, while it is running."""
    rig = offline_rig
    results(rig, range(1, 4), campus)
    layout = orjson.loads(body_of(rig.journal, 2))
    dearer = orjson.dumps([12500 if part == 1250 else part for part in layout])
    edit(rig.home / JOURNAL_FILE, 2, dearer)
    standin.is_down = False
    rig.lines()
    rig.sync()
    assert sorted(standin.records) == [1]
    assert any(line.get("result") == "fault" for line in rig.lines())
