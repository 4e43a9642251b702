"""The journal: durable, chained, gapless, kept until confirmed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from campus_code import FIRST_HASH, Refusal, RefusedError, chain_hash
from qr_terminals.chain import PAGE_BYTES, TABLES, Attempt, Trouble
from qr_terminals.errors import JournalError
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.memory import remember
from qr_terminals.uploaded import UPLOADED_FILE
from tests.terminals.campus import NOON, card
from tests.terminals.tills import payment, reversal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / JOURNAL_FILE


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def fill(journal: Journal, count: int) -> None:
    for sequence in range(journal.next_sequence, journal.next_sequence + count):
        journal.append(payment(sequence))


def reopen(journal: Journal, path: Path) -> Journal:
    journal.close()
    return Journal(path)


def edit(path: Path, sql: str, *arguments: object) -> None:
    with sqlite3.connect(path) as db:
        db.execute(sql, arguments)
    db.close()


def test_it_writes_through_to_the_disk(journal: Journal) -> None:
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA page_size").fetchone() == (PAGE_BYTES,)


def test_a_journal_with_other_pages_goes_on_as_it_is(path: Path) -> None:
    older = sqlite3.connect(path)
    older.execute("PRAGMA page_size=4096")
    older.execute("PRAGMA journal_mode=WAL")
    older.executescript(TABLES)
    older.close()
    journal = Journal(path)
    fill(journal, 3)
    again = reopen(journal, path)
    assert again._db.execute("PRAGMA page_size").fetchone() == (4096,)
    assert [held.record.sequence for held in again.records()] == [1, 2, 3]
    again.close()


def test_records_are_chained_and_found_again(journal: Journal, path: Path) -> None:
    fill(journal, 3)
    again = reopen(journal, path)
    assert [held.record for held in again.records()] == [payment(n) for n in (1, 2, 3)]
    expected = FIRST_HASH
    for number in (1, 2, 3):
        expected = chain_hash(expected, payment(number).to_bytes())
    assert again.tip == (3, expected)
    again.close()


@pytest.mark.parametrize("sequence", [1, 3, 5, 100])
def test_a_sequence_may_not_leave_a_gap_or_come_twice(journal: Journal, sequence: int) -> None:
    fill(journal, 3)
    with pytest.raises(JournalError, match=f"{sequence} does not follow"):
        journal.append(payment(sequence))
    assert journal.sequence == 3


def test_a_step_of_a_card_pays_once_whatever_memory_says(journal: Journal) -> None:
    journal.append(payment(1, number=5))
    with pytest.raises(RefusedError) as refused:
        journal.append(payment(2, number=5))
    assert refused.value.refusal is Refusal.ALREADY_USED
    journal.append(payment(2, number=5, step_ahead=1))
    journal.append(reversal(3, 1))
    journal.append(reversal(4, 2))  # reversals have no step that could be used


def test_an_attempt_is_closed_by_the_record_of_its_sequence(journal: Journal, path: Path) -> None:
    attempt = Attempt(1, "x" * 34, card(1), 1, 5, NOON)
    journal.begin(attempt)
    again = reopen(journal, path)
    assert again.open_attempt() == attempt
    again.append(reversal(1, 1), closes_attempt=True)
    assert again.open_attempt() is None
    again.close()


def test_every_flipped_byte_of_a_record_is_found(path: Path) -> None:
    journal = Journal(path)
    fill(journal, 3)
    journal.close()
    body, chain = payment(2).to_bytes(), journal_chain(path, 2)
    for place in range(len(body)):
        assert broken_after(path, "body", flipped(body, place), body) == 1, place
    for place in range(len(chain)):
        assert broken_after(path, "chain", flipped(chain, place), chain) == 1, place


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :]


def journal_chain(path: Path, sequence: int) -> bytes:
    with sqlite3.connect(path) as db:
        row = db.execute("SELECT chain FROM record WHERE sequence = ?", (sequence,)).fetchone()
    db.close()
    return bytes(row[0])


def broken_after(path: Path, column: str, bad: bytes, good: bytes) -> int:
    """Open it with the bad bytes; how far it says it is sound."""
    edit(path, f"UPDATE record SET {column} = ? WHERE sequence = 2", bad)
    journal = Journal(path)
    assert journal.broken is not None
    sound = journal.broken.sound_through
    with pytest.raises(JournalError):
        journal.append(payment(journal.next_sequence, number=30))
    journal.close()
    edit(path, f"UPDATE record SET {column} = ? WHERE sequence = 2", good)
    return sound


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE record SET card = '99999999' WHERE sequence = 2",
        "UPDATE record SET step = step + 1 WHERE sequence = 2",
        "UPDATE record SET step = NULL WHERE sequence = 2",
        "DELETE FROM record WHERE sequence = 2",
        "UPDATE record SET sequence = 9 WHERE sequence = 3",
    ],
)
def test_an_edited_row_is_found_and_what_is_sound_still_goes_up(
    journal: Journal, path: Path, sql: str
) -> None:
    fill(journal, 3)
    journal.close()
    edit(path, sql)
    again = Journal(path)
    assert again.broken is not None
    _, records = again.to_upload()
    assert [one.sequence for one in records] == list(range(1, again.broken.sound_through + 1))
    again.close()


def test_it_is_pruned_only_after_a_later_contact_confirmed_it(journal: Journal) -> None:
    fill(journal, 4)
    journal.acknowledge(3, [], contact=1)
    journal.confirm(3, contact=1)
    assert journal.prune(NOON + 1) == 0, "one contact is not two"
    journal.confirm(2, contact=2)
    assert journal.confirmed_through() == 2
    assert journal.prune(NOON) == 0, "too young"
    assert journal.prune(NOON + 1) == 2
    assert [held.record.sequence for held in journal.records()] == [3, 4]


def test_the_chain_goes_on_after_pruning_and_a_restart(journal: Journal, path: Path) -> None:
    fill(journal, 3)
    journal.acknowledge(3, [], contact=1)
    journal.confirm(3, contact=2)
    before = journal.tip
    assert journal.prune(NOON + 1) == 3
    again = reopen(journal, path)
    assert again.tip == before
    assert again.to_upload() == (before[1], ())
    again.append(payment(4))
    previous, records = again.to_upload()
    assert (previous, records) == (before[1], (payment(4),))
    memory = remember(again)
    with pytest.raises(RefusedError):
        memory.check_code(card(2), 1, NOON // 15)
    again.close()


def test_what_the_server_lost_is_uploaded_again(journal: Journal) -> None:
    fill(journal, 4)
    journal.acknowledge(4, [], contact=1)
    journal.confirm(4, contact=2)
    journal.confirm(2, contact=3)  # its database was restored from a backup
    assert [one.sequence for one in journal.to_upload()[1]] == [3, 4]
    assert (journal.depth(), journal.confirmed_through()) == (2, 2)
    journal.acknowledge(3, [], contact=4)
    assert journal.depth() == 1


def test_a_gap_is_uploaded_again_at_once(journal: Journal) -> None:
    fill(journal, 3)
    journal.acknowledge(3, [], contact=1)
    journal.confirm(1, contact=1, has_gap=True)
    assert [one.sequence for one in journal.to_upload()[1]] == [2, 3]


def test_a_conflict_is_kept_for_people_and_not_sent_for_ever(journal: Journal) -> None:
    fill(journal, 1)
    journal.acknowledge(1, [Trouble(1, "conflict", "journal_fault")], contact=1)
    journal.confirm(0, contact=2)
    assert journal.to_upload()[1] == ()
    assert journal.troubles() == [Trouble(1, "conflict", "journal_fault")]


def test_a_set_has_at_most_five_hundred_records(journal: Journal) -> None:
    journal._db.execute("PRAGMA synchronous=OFF")  # durability is not what this test is about
    for sequence in range(1, 503):
        journal.append(payment(sequence, number=1, step_ahead=sequence))
    assert len(journal.to_upload()[1]) == 500
    journal.acknowledge(500, [], contact=1)
    assert [one.sequence for one in journal.to_upload()[1]] == [501, 502]


def test_a_full_disk_writes_nothing_and_says_so(journal: Journal, path: Path) -> None:
    fill(journal, 2)
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="full"):
        fill(journal, 37)
    sequence = journal.sequence
    again = reopen(journal, path)
    assert again.broken is None
    assert again.sequence == sequence
    again.close()


def test_a_journal_shorter_than_what_was_uploaded_goes_on_after_it(
    journal: Journal, path: Path
) -> None:
    fill(journal, 5)
    journal.acknowledge(5, [], contact=1)
    tip = journal.tip
    journal.close()
    edit(path, "DELETE FROM record WHERE sequence > 2")  # the disk lost the end
    again = Journal(path)
    assert again.broken is None
    assert again.tip == tip
    assert again.next_sequence == 6
    with pytest.raises(RefusedError):  # what the lost records used may not be used again
        remember(again).check_code(card(4), 1, NOON // 15)
    again.close()


def test_a_deleted_journal_goes_on_after_what_was_uploaded(journal: Journal, path: Path) -> None:
    fill(journal, 2)
    journal.acknowledge(2, [], contact=1)
    tip = journal.tip
    journal.close()
    for file in path.parent.glob(JOURNAL_FILE + "*"):
        file.unlink()
    again = Journal(path)
    assert again.tip == tip
    again.close()


def test_a_damaged_note_of_the_upload_is_a_broken_journal(journal: Journal, path: Path) -> None:
    fill(journal, 1)
    journal.close()
    path.with_name(UPLOADED_FILE).write_bytes(b"{")
    again = Journal(path)
    assert again.broken is not None
    again.close()


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to look like one" * 20)
    with pytest.raises(JournalError, match="not a database"):
        Journal(path)


def test_counts_of_refusals_are_kept_for_three_days(journal: Journal) -> None:
    for day in (20260101, 20260102, 20260103, 20260104, 20260104):
        journal.count_refusal(day, "expired")
    assert journal.refusals() == {
        "20260102": {"expired": 1},
        "20260103": {"expired": 1},
        "20260104": {"expired": 2},
    }


def test_contacts_are_numbered_across_restarts(journal: Journal, path: Path) -> None:
    assert [journal.next_contact(), journal.next_contact()] == [1, 2]
    again = reopen(journal, path)
    assert again.next_contact() == 3
    again.close()
