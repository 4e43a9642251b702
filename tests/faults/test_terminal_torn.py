"""The end of the journal torn off at every byte: what remains is a true beginning."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.uploaded import UPLOADED_FILE
from tests.terminals.tills import payment

PAGE_BYTES = 512  # small pages: every byte of the log can be tried in seconds
RECORDS = 3
UPLOADED = 1


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """The files of a journal that was killed after three records, one of them uploaded."""
    folder = tmp_path / "whole"
    folder.mkdir()
    path = folder / JOURNAL_FILE
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.execute("VACUUM")
    db.close()
    Journal(path).close()
    journal = Journal(path)
    assert journal._db.execute("PRAGMA page_size").fetchone() == (PAGE_BYTES,)
    for sequence in range(1, RECORDS + 1):
        journal.append(payment(sequence))
        if sequence == UPLOADED:
            journal.acknowledge(UPLOADED, [], contact=1)
    copy = tmp_path / "torn"
    shutil.copytree(folder, copy)  # as kill -9 leaves it: nobody closed anything
    journal.close()
    return copy


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_torn_at_every_byte_a_true_beginning_remains(torn: Path, tmp_path: Path) -> None:
    database = (torn / JOURNAL_FILE).read_bytes()
    log = (torn / (JOURNAL_FILE + "-wal")).read_bytes()
    uploaded = (torn / UPLOADED_FILE).read_bytes()
    assert len(log) > 3000
    path = tmp_path / JOURNAL_FILE
    seen = set()
    for length in range(len(log) + 1):
        path.write_bytes(database)
        path.with_name(JOURNAL_FILE + "-wal").write_bytes(log[:length])
        path.with_name(JOURNAL_FILE + "-shm").unlink(missing_ok=True)
        path.with_name(UPLOADED_FILE).write_bytes(uploaded)
        journal = Journal(path)
        seen.add(check(journal, length))
        journal.close()
    assert seen == {UPLOADED, 2, RECORDS}


def check(journal: Journal, length: int) -> int:
    """A prefix, a whole chain, and no sequence the server knows is given out again."""
    assert journal.broken is None, length
    records = [held.record for held in journal.records()]
    assert records in (
        [],  # shorter than what was uploaded: the chain goes on after that
        *([payment(n) for n in range(1, count + 1)] for count in range(RECORDS + 1)),
    ), length
    assert journal.next_sequence > UPLOADED, length
    if records:
        assert journal.sequence == records[-1].sequence
    return journal.sequence


def test_any_flipped_byte_of_the_files_is_noticed_or_harmless(torn: Path, tmp_path: Path) -> None:
    """A flipped byte in the log ends it there; it never makes another record."""
    database = (torn / JOURNAL_FILE).read_bytes()
    log = (torn / (JOURNAL_FILE + "-wal")).read_bytes()
    path = tmp_path / JOURNAL_FILE
    for place in range(0, len(log), 7):
        path.write_bytes(database)
        bad = log[:place] + bytes((log[place] ^ 0x40,)) + log[place + 1 :]
        path.with_name(JOURNAL_FILE + "-wal").write_bytes(bad)
        path.with_name(JOURNAL_FILE + "-shm").unlink(missing_ok=True)
        journal = Journal(path)
        records = [held.record for held in journal.records()] if not journal.broken else []
        assert records == [payment(n) for n in range(1, len(records) + 1)]
        journal.close()
