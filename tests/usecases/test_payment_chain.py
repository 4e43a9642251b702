"""Uploads of chained records: gaps, wiped and edited journals, pieces sent again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.domain.payment import OutcomeWord
from backend.tables.store import StoreUnavailableError
from backend.tables.terminal import TerminalRow
from campus_code import Refusal
from tests.rig.campus import NOON, Campus
from tests.rig.journal import Journal
from tests.rig.raw_books import read_books
from tests.rig.raw_sql import execute


async def _journal(campus: Campus, records: int) -> Journal:
    """A journal of so many payments by one holder, 100 fen each."""
    journal = Journal(campus, await campus.terminal())
    holder = await campus.holder(100_000)
    for number in range(records):
        journal.pay(holder, 100, step=1000 + number)
    return journal


async def _held(journal: Journal) -> tuple[int, str]:
    row = await TerminalRow.get(id=journal.terminal_id)
    return row.journal_sequence, row.journal_hash


async def test_a_journal_is_followed_to_its_end(audited: Campus) -> None:
    journal = await _journal(audited, 10)
    await audited.post(*journal.records[:4])
    outcomes = await audited.post(*journal.records[4:])
    assert {one.word for one in outcomes} == {OutcomeWord.POSTED}
    assert await _held(journal) == (10, journal.hash.hex())


async def test_a_gap_asks_for_the_first_missing_record(audited: Campus, migrated_url: str) -> None:
    journal = await _journal(audited, 5)
    await audited.post(*journal.records[:1])
    outcomes = await audited.post(*journal.records[3:])
    assert {(one.word, one.evidence["expected"]) for one in outcomes} == {(OutcomeWord.GAP, 2)}
    books = read_books(migrated_url)
    assert (len(books.payments), books.quarantine) == (1, [])
    assert (await _held(journal))[0] == 1
    outcomes = await audited.post(*journal.records[1:])
    assert {one.word for one in outcomes} == {OutcomeWord.POSTED}


async def test_an_edited_journal_is_set_aside_from_there_on(
    audited: Campus, migrated_url: str
) -> None:
    journal = await _journal(audited, 6)
    await audited.post(*journal.records[:2])
    held = await _held(journal)
    edited = [journal.records[2]._replace(previous_hash=bytes(32)), *journal.records[3:]]
    for _ in range(2):  # sent again: the same answer, and no second line for the human
        outcomes = await audited.post(*edited)
        assert {one.word for one in outcomes} == {OutcomeWord.CONFLICT}
        assert {one.evidence["chain_broken_at"] for one in outcomes} == {3}
        assert await _held(journal) == held
        books = read_books(migrated_url)
        assert len(books.payments) == 2
        assert [row[1:3] for row in books.quarantine] == [
            (number, "chain_broken") for number in (3, 4, 5, 6)
        ]
    outcomes = await audited.post(*journal.records[2:])  # the true journal still goes on
    assert {one.word for one in outcomes} == {OutcomeWord.POSTED}


async def test_a_wiped_journal_changes_nothing(audited: Campus, migrated_url: str) -> None:
    journal = await _journal(audited, 10)
    await audited.post(*journal.records)
    wiped = Journal(audited, journal.terminal_id)
    thief = await audited.holder()
    for number in range(10):
        wiped.pay(thief, 200, step=2000 + number)
    outcomes = await audited.post(*wiped.records)
    assert {one.word for one in outcomes} == {OutcomeWord.CONFLICT}
    books = read_books(migrated_url)
    assert (len(books.payments), len(books.quarantine)) == (10, 10)
    assert await audited.balance(thief) == 10_000
    assert await _held(journal) == (10, journal.hash.hex())


async def test_what_was_sent_before_is_answered_from_the_books(
    audited: Campus, migrated_url: str
) -> None:
    journal = await _journal(audited, 6)
    journal.undo(3)
    for start, end in ((0, 4), (0, 7), (2, 5), (0, 7)):
        await audited.post(*journal.records[start:end])
    outcomes = await audited.post(*journal.records)
    assert [one.word for one in outcomes] == [OutcomeWord.REPEATED] * 6 + [OutcomeWord.REVERSED]
    books = read_books(migrated_url)
    assert (len(books.payments), len(books.reversals), books.quarantine) == (6, 1, [])


async def test_a_record_in_quarantine_stays_there_once(audited: Campus, migrated_url: str) -> None:
    journal = Journal(audited, await audited.terminal())
    holder = await audited.holder()
    journal.pay(holder, 100, step=1)
    journal.pay(holder, 200, at=NOON + 3600, step=2)
    journal.pay(holder, 300, step=3)
    words = [one.word for one in await audited.post(*journal.records)]
    assert words == [OutcomeWord.POSTED, OutcomeWord.CONFLICT, OutcomeWord.POSTED]
    audited.now += 7200  # it would be believed now, but it was decided
    again = await audited.post(*journal.records)
    assert [one.word for one in again] == [
        OutcomeWord.REPEATED,
        OutcomeWord.CONFLICT,
        OutcomeWord.REPEATED,
    ]
    books = read_books(migrated_url)
    assert [row[1:3] for row in books.quarantine] == [(2, "from_the_future")]
    assert await audited.balance(holder) == 9600


@contextmanager
def _refusing(url: str, fen: int) -> Iterator[None]:
    """The database refuses every payment of this amount, as a constraint would."""
    rule = f"CREATE TRIGGER refused BEFORE INSERT ON payment {{}} NEW.charged_fen = {fen} {{}}"
    if url.startswith("sqlite"):
        no = "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        execute(url, rule.format("WHEN", no))
    else:
        no = "THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF"
        execute(url, rule.format("FOR EACH ROW IF", no))
    try:
        yield
    finally:
        execute(url, "DROP TRIGGER refused")


async def test_what_the_database_refuses_fails_alone(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    taps = [audited.tap(till, holder, fen, step=fen) for fen in (100, 666, 300)]
    with _refusing(migrated_url, 666):
        outcomes = await audited.post(*taps)
    assert [one.is_approved for one in outcomes] == [True, False, True]
    assert outcomes[1].reason is Refusal.JOURNAL_FAULT
    assert await audited.balance(holder) == 9600


async def test_a_journal_goes_on_behind_a_record_the_database_refuses(
    audited: Campus, migrated_url: str
) -> None:
    journal = Journal(audited, await audited.terminal())
    holder = await audited.holder()
    for fen in (100, 666, 300):
        journal.pay(holder, fen, step=fen)
    with _refusing(migrated_url, 666):
        outcomes = await audited.post(*journal.records)
        words = [one.word for one in outcomes]
        assert words == [OutcomeWord.POSTED, OutcomeWord.CONFLICT, OutcomeWord.POSTED]
    books = read_books(migrated_url)
    assert [row[1:3] for row in books.quarantine] == [(2, "refused_by_database")]
    assert await _held(journal) == (3, journal.hash.hex())


async def test_a_lane_that_is_gone_posts_nothing(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    campus.ledger._lane_id += 7
    with pytest.raises(StoreUnavailableError, match="lane is gone"):
        await campus.post(campus.tap(till, holder, 100))
    assert await campus.balance(holder) == 10_000
