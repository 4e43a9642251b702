"""A shift that ended waits in the journal until the server says that it has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.api.terminal.sync import ShiftShape
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.shifts import SHIFTS_TOLD_MAX, ShiftBook, forget_shifts, told_shifts
from qr_terminals.takings import TakingsBook
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN
from tests.terminals.standin import Standin


def last_told(standin: Standin) -> list[dict[str, Any]]:
    """What the newest sync said of shifts."""
    told: list[dict[str, Any]] = standin.heartbeats[-1].get("shifts", [])
    return told


def test_an_open_shift_is_told_and_one_that_ended_until_it_is_confirmed(
    rig: Rig, standin: Standin
) -> None:
    assert "shifts" not in standin.heartbeats[-1]  # a server from before would refuse the word
    rig.type("shift open 27")
    standin.is_down = True
    rig.scan(standin.campus.code(0, int(rig.clocks.at)))
    standin.is_down = False
    rig.sync()
    (told,) = last_told(standin)
    opened_at = told["opened_at"]
    assert (told["cashier"], told["closed_at"], told["first_sequence"]) == (27, None, 1)
    rig.type(f"shift close {FIXED_FEN - 50}")
    rig.restart()
    for through in (None, opened_at - 1, opened_at):
        standin.shifts_through = through
        rig.sync()
        (told,) = last_told(standin)
        assert (told["first_sequence"], told["last_sequence"]) == (1, 1)
        assert (told["payments"], told["charged_fen"]) == (1, FIXED_FEN)
        assert (told["offline"], told["counted_fen"]) == (1, FIXED_FEN - 50)
        ShiftShape.model_validate(told)  # the server's own reading of it
    rig.sync()
    assert "shifts" not in standin.heartbeats[-1]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty one."""
    made = Journal(tmp_path / JOURNAL_FILE)
    yield made
    made.close()


def test_many_wait_and_go_the_oldest_first(journal: Journal) -> None:
    book = ShiftBook(journal, TakingsBook())
    begins = [9, 1_000, *range(2_000, 2_000 + SHIFTS_TOLD_MAX)]
    for at in begins:
        book.open(at, at)
        book.close(None, at + 1)
    book.open(5, 5_000)
    told = told_shifts(journal)
    assert [one["opened_at"] for one in told] == [*begins[:SHIFTS_TOLD_MAX], 5_000]
    forget_shifts(journal, 1_000)
    left = told_shifts(journal)
    assert left[0]["opened_at"] == 2_000
    assert len(left) == SHIFTS_TOLD_MAX + 1
    forget_shifts(journal, 9_999)
    (still,) = told_shifts(journal)
    assert (still["opened_at"], still["closed_at"]) == (5_000, None)
