"""Which reversals a set looks for: those of its attempts, by key or by the range they lie in."""

from __future__ import annotations

import sqlite3

import pytest

from backend.domain.payment import Attempt, AttemptKind
from backend.tables.payment_reads import reads_of

REVERSED = {(7, 99), (7, 100), (7, 109), (7, 5000), (8, 105)}


def record(terminal_id: int, sequence: int) -> Attempt:
    return Attempt(AttemptKind.RECORD, terminal_id, sequence, 0, card_number="20240015")


def found(attempts: list[Attempt]) -> set[tuple[int, int]]:
    with sqlite3.connect(":memory:") as db:
        db.execute("CREATE TABLE reversal(terminal_id, reverses, payment_id)")
        db.executemany("INSERT INTO reversal VALUES(?,?,0)", REVERSED)
        return {row[:2] for row in db.execute(reads_of(attempts, {}, "sqlite")["reversals"])}


def test_an_upload_looks_at_the_range_of_its_sequences() -> None:
    upload = [record(7, number) for number in range(100, 110)]
    assert "BETWEEN 100 AND 109" in reads_of(upload, {}, "mysql")["reversals"]
    assert found(upload) == {(7, 100), (7, 109)}


@pytest.mark.parametrize(
    "attempts",
    [
        [record(7, 100), record(7, 5000)],  # far apart
        [record(7, 100), record(8, 105)],  # two terminals
        [record(7, 109), record(7, 109)._replace(sequence=110, reverses=5000)],
    ],
)
def test_what_lies_apart_is_looked_for_by_key(attempts: list[Attempt]) -> None:
    assert "BETWEEN" not in reads_of(attempts, {}, "mysql")["reversals"]
    wanted = {(one.terminal_id, one.sequence) for one in attempts}
    wanted |= {(one.terminal_id, one.reverses) for one in attempts if one.reverses}
    assert found(attempts) == wanted & REVERSED
