"""A door's log by itself: what is on the disk, and what it does when the disk refuses."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from campus_code import FIRST_HASH, DoorEvent, DoorEventKind, Passage
from qr_terminals.doors.log import KEPT_SECONDS, DoorLog, Used
from qr_terminals.errors import JournalError, JournalFullError
from tests.terminals.campus import NOON, Campus, card

CAMPUS = Campus()


def passage(sequence: int, number: int = 1, side: str = "in", at: int = NOON) -> DoorEvent:
    return DoorEvent(
        sequence,
        DoorEventKind.ADMITTED,
        at,
        zone=7,
        side=side,
        credential=CAMPUS.code(number, at),
        card_number=card(number),
        issue=1,
        step=at // 15,
    )


@pytest.fixture
def log(tmp_path: Path) -> DoorLog:
    return DoorLog(tmp_path / "doors.sqlite3", NOON)


def test_a_passage_is_on_the_disk_when_append_returns(log: DoorLog) -> None:
    """WAL with synchronous=FULL: each commit is synced before it returns."""
    assert log._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert log._db.execute("PRAGMA synchronous").fetchone() == (2,)
    log.close()


def test_a_sequence_may_not_leave_a_gap_or_come_twice(log: DoorLog) -> None:
    log.append(passage(1))
    for sequence in (1, 3):
        with pytest.raises(JournalError, match="does not follow"):
            log.append(passage(sequence))
    assert log.next_sequence == 2
    log.close()


def test_steps_and_passages_are_there_again(log: DoorLog, tmp_path: Path) -> None:
    log.append(passage(1))
    log.append(passage(2, side="out", at=NOON + 15))
    log.close()
    again = DoorLog(tmp_path / "doors.sqlite3", NOON)
    assert again.tip == log.tip
    assert sorted(again.used()) == [
        Used(card(1), 1, "in", False, NOON // 15),
        Used(card(1), 1, "out", False, NOON // 15 + 1),
    ]
    assert again.passages() == {card(1): Passage("out", NOON + 15)}
    again.append(DoorEvent(3, DoorEventKind.PASSBACK_RESET, NOON, "command"))
    assert again.passages() == {}
    assert len(again.used()) == 2
    again.close()


def test_a_refused_write_changes_nothing_and_is_said(log: DoorLog) -> None:
    log.append(passage(1))
    log._db.execute("PRAGMA query_only=1")
    with pytest.raises(JournalError, match="opens to no code"):
        log.append(passage(2))
    log._db.execute("PRAGMA query_only=0")
    assert log.next_sequence == 2
    log.append(passage(2))
    assert [event.sequence for event in log.events()] == [1, 2]
    log.close()


def fill(log: DoorLog) -> None:
    """Passages of one person after the other."""
    for sequence in range(log.next_sequence, log.next_sequence + 500):
        log.append(passage(sequence, sequence))


def test_a_full_disk_has_its_own_name_and_is_over_when_there_is_room(log: DoorLog) -> None:
    (pages,) = log._db.execute("PRAGMA page_count").fetchone()
    log._db.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(JournalFullError, match="until there is room"):
        fill(log)
    done = log.next_sequence
    log._db.execute("PRAGMA max_page_count=100000")
    log.append(passage(done, done))
    assert log.next_sequence == done + 1
    log.close()


def test_a_full_disk_at_the_start_sets_nothing_aside(
    log: DoorLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(passage(1))
    log.close()

    def full(_: DoorLog) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(DoorLog, "_open", full)
        with pytest.raises(JournalError, match="full"):
            DoorLog(tmp_path / "doors.sqlite3", NOON)
    again = DoorLog(tmp_path / "doors.sqlite3", NOON)
    assert (again.was_set_aside, again.next_sequence) == (False, 2)
    again.close()


def test_sets_are_of_500_and_begin_where_the_server_is(log: DoorLog) -> None:
    for sequence in range(1, 503):
        log.append(DoorEvent(sequence, DoorEventKind.RELEASED, NOON, "command"))
    first = log.waiting()
    assert (first.first, first.hash_before, len(first.bodies)) == (1, FIRST_HASH, 500)
    chain = log._db.execute("SELECT chain FROM event WHERE sequence = 500").fetchone()[0]
    log.answered(500, chain)
    rest = log.waiting()
    assert (rest.first, rest.hash_before, len(rest.bodies), log.depth()) == (501, chain, 2, 2)
    log.answered(502, log.tip[1])
    assert log.waiting().bodies == ()
    log.close()


def test_an_event_goes_only_after_the_server_said_twice_that_it_has_it(log: DoorLog) -> None:
    over = NOON + KEPT_SECONDS + 1
    log.append(passage(1))
    assert log.prune(over) == 0
    log.answered(1, log.tip[1])
    assert log.prune(over) == 0
    log.answered(1, log.tip[1])
    assert log.prune(over - 1) == 0
    assert log.prune(over) == 1
    assert (log.next_sequence, log.waiting().hash_before) == (2, log.tip[1])
    log.close()
