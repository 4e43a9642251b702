"""A terminal that starts on a long journal remembers what matters, page by page (F16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from campus_code import RefusedError
from qr_terminals import memory as memory_module
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.memory import remember
from tests.terminals.campus import FIXED_FEN, NOON, card
from tests.terminals.tills import payment, reversal

RECORDS = 2_100  # more than two pages of them
LEARNT = 10  # of thirty cards, so that most are known by the keys alone
CARDS = 30
STEP = NOON // 15


@pytest.fixture
def journal(quick_path: Path) -> Journal:
    """Records of thirty cards; the last is a void of the one before it."""
    journal = Journal(quick_path / JOURNAL_FILE)
    for sequence in range(1, RECORDS):
        journal.append(payment(sequence, number=sequence % CARDS, step_ahead=sequence))
    journal.append(reversal(RECORDS, RECORDS - 1))
    return journal


def test_a_journal_longer_than_a_page_is_read_whole(journal: Journal) -> None:
    assert [held.record.sequence for held in journal.records()] == list(range(1, RECORDS + 1))
    assert [held.record.sequence for held in journal.records(after=RECORDS - 2)] == [
        RECORDS - 1,
        RECORDS,
    ]


def test_every_step_counts_however_old_its_record(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.set_mark("synced_through", RECORDS)
    whole = remember(journal)
    monkeypatch.setattr(memory_module, "RECORDS_LEARNT", LEARNT)
    newest = remember(journal)
    assert newest.steps == whole.steps
    assert newest.last_occurred_at == whole.last_occurred_at
    assert newest.offline == whole.offline == {}
    with pytest.raises(RefusedError):
        newest.check_code(card(5), 1, STEP + 5)
    assert len(newest.payments) < LEARNT


def test_what_no_sync_has_taken_over_counts_however_old(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.set_mark("synced_through", RECORDS - 10 * CARDS)
    monkeypatch.setattr(memory_module, "RECORDS_LEARNT", LEARNT)
    spent = remember(journal).offline
    assert sum(one.payments for one in spent.values()) == 10 * CARDS - 2  # one of them was voided
    assert spent[card(5)].spent_fen == 10 * FIXED_FEN
