"""The journal: durable before anything leaves, never rewritten, and nothing secret in it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bank_gateway.asking import Answer, Doubt, Result, Totals, Verb
from bank_gateway.journal import TRACE_MAX, Journal, JournalError, Order, OrderConflictError
from bank_gateway.states import Standing, State
from scripts import environment
from tests.rig.banking import ACCOUNT, AT, DAY

KEK = bytes(range(32))
ORDER = Order("load-1", Verb.LOAD, "bank", "00000001", ACCOUNT, "12345678", "张三", 5_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def opened(path: Path, kek: bytes = KEK) -> Journal:
    return Journal(path, kek, os.urandom)


def test_an_order_is_written_once_with_a_key_of_its_own(path: Path) -> None:
    journal = opened(path)
    entry, is_new = journal.add(ORDER, DAY, AT)
    assert (is_new, entry.standing.state, entry.key.trace) == (True, State.NEW, 1)
    again, is_new = journal.add(ORDER, DAY + timedelta(days=1), AT + 5)
    assert (is_new, again.id, again.key, again.made_at) == (False, entry.id, entry.key, AT)
    with pytest.raises(OrderConflictError):
        journal.add(replace(ORDER, amount_fen=5_001), DAY, AT)
    journal.close()
    found = opened(path).find("load-1")
    assert found is not None
    assert (found.order, found.tail) == (ORDER, ACCOUNT[-4:])


def test_neither_pin_nor_account_lies_on_disk(path: Path) -> None:
    journal = opened(path)
    entry, _ = journal.add(replace(ORDER, pin="135790"), DAY, AT)
    assert entry.order.pin == "135790"
    assert "135790" not in repr(entry)
    assert ACCOUNT not in repr(entry)
    journal.write(entry, replace(entry.standing, state=State.SENT), AT)
    journal.close()
    for file in path.parent.iterdir():
        assert ACCOUNT.encode() not in file.read_bytes()
        assert b"135790" not in file.read_bytes()
    found = opened(path).find("load-1")
    assert found is not None
    assert found.order.pin == ""


def test_with_another_kek_nothing_is_read(path: Path) -> None:
    journal = opened(path)
    journal.add(ORDER, DAY, AT)
    journal.close()
    with pytest.raises(Exception, match="does not open with this KEK"):
        opened(path, bytes(32)).find("load-1")


def test_what_was_asked_never_changes_and_nothing_is_forgotten(path: Path) -> None:
    journal = opened(path)
    entry, _ = journal.add(ORDER, DAY, AT)
    for state in (State.SENT, State.APPROVED, State.BOOKED):
        entry = journal.write(entry, Standing(state), AT)
    with pytest.raises(sqlite3.IntegrityError, match="stays booked"):
        journal.write(entry, Standing(State.UNDOING), AT)
    raw = sqlite3.connect(path)
    for statement, what in (
        ("UPDATE entry SET amount_fen=1", "never changes"),
        ("UPDATE entry SET trace=9", "never changes"),
        ("UPDATE entry SET account=x'00'", "never changes"),
        ("DELETE FROM entry", "nothing is forgotten"),
        ("DELETE FROM history", "nothing is forgotten"),
        ("UPDATE history SET state='new'", "nothing is forgotten"),
    ):
        with pytest.raises(sqlite3.IntegrityError, match=what):
            raw.execute(statement)
    raw.close()
    states = [state for _, state, _ in journal.history(entry)]
    assert states == [State.NEW, State.SENT, State.APPROVED, State.BOOKED]


def test_what_the_bank_said_is_kept_with_the_state(path: Path) -> None:
    journal = opened(path)
    entry, _ = journal.add(ORDER, DAY, AT)
    answer = Answer(Result.APPROVED, "00", "成功", "approved", "BK1", date(2027, 1, 16))
    entry = journal.write(entry, Standing(State.APPROVED), AT + 3, answer)
    assert (entry.code, entry.zh, entry.reference) == ("00", "成功", "BK1")
    assert (entry.settled_on, entry.changed_at) == (date(2027, 1, 16), AT + 3)
    entry = journal.write(
        entry, Standing(State.UNDOING, Doubt.NOT_FINISHED, 2, is_queried=True), AT
    )
    assert entry.standing == Standing(State.UNDOING, Doubt.NOT_FINISHED, 2, is_queried=True)
    assert entry.reference == "BK1"


def test_who_decided_from_what_stands_no_more_changes_nothing(path: Path) -> None:
    journal = opened(path)
    entry, _ = journal.add(ORDER, DAY, AT)
    approved = journal.write(entry, Standing(State.APPROVED), AT)
    refused = journal.write(approved, Standing(State.UNDOING, Doubt.NOT_FINISHED), AT)
    undone = journal.write(refused, Standing(State.UNDONE), AT)
    # a second one was told of the refusal too, and comes later
    late = journal.write(approved, Standing(State.UNDOING, Doubt.NOT_FINISHED), AT + 9)
    assert (late.standing, late.changed_at) == (undone.standing, AT)
    assert len(journal.history(entry)) == 4


def test_traces_wrap_and_never_meet_one_that_stands(path: Path) -> None:
    journal = opened(path)
    first, _ = journal.add(ORDER, DAY, AT)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("UPDATE counter SET trace=?", (TRACE_MAX - 1,))
    raw.close()
    last, _ = journal.add(replace(ORDER, order_id="load-2"), DAY, AT)
    wrapped, _ = journal.add(replace(ORDER, order_id="load-3"), DAY, AT)
    assert (first.key.trace, last.key.trace, wrapped.key.trace) == (1, TRACE_MAX, 2)
    tomorrow, _ = journal.add(replace(ORDER, order_id="load-4"), DAY + timedelta(days=1), AT)
    assert tomorrow.key.trace == 3
    journal.begin_batch("bank", "00000001", 8)
    assert journal.add(replace(ORDER, order_id="load-5"), DAY, AT)[0].key.batch == 8


def test_a_batch_is_added_up_from_what_stands(path: Path) -> None:
    journal = opened(path)
    journal.begin_batch("bank", "00000001", 3)
    for n, state in enumerate((State.APPROVED, State.BOOKED, State.DECLINED, State.UNDONE)):
        entry, _ = journal.add(replace(ORDER, order_id=f"load-{n}"), DAY, AT)
        journal.write(entry, Standing(state), AT)
    assert journal.totals("bank", "00000001", 3) == Totals(loads=2, loads_fen=10_000)
    assert journal.totals("bank", "00000001", 2) == Totals()
    assert journal.fen_of("bank", DAY, ACCOUNT) == 10_000
    assert journal.fen_of("bank", DAY, "6200000000000000025") == 0
    assert len(journal.of_day("bank", DAY)) == 4
    assert [one.order.order_id for one in journal.open_ones()] == ["load-0"]


def test_a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"not a database, but long enough to look like one" * 30)
    with pytest.raises(JournalError, match="not a database"):
        opened(text)
    assert text.read_bytes().startswith(b"not a database")
    other = tmp_path / "other.sqlite3"
    with sqlite3.connect(other) as raw:
        raw.execute("CREATE TABLE t (a)")
    before = other.read_bytes()
    with pytest.raises(JournalError, match="not a journal of this version"):
        opened(other)
    assert other.read_bytes() == before
    later = tmp_path / "later.sqlite3"
    opened(later).close()
    with sqlite3.connect(later) as raw:
        raw.execute("PRAGMA user_version=99")
    with pytest.raises(JournalError, match="99"):
        opened(later)


CHILD = textwrap.dedent(
    """
    import os, sys
    from dataclasses import replace
    from datetime import date
    from pathlib import Path
    from bank_gateway.asking import Verb
    from bank_gateway.journal import Journal, Order
    from bank_gateway.states import Standing, State

    journal = Journal(Path(sys.argv[1]), bytes(range(32)), os.urandom)
    for n in range(100_000):
        order = Order(f"load-{n}", Verb.LOAD, "bank", "00000001", "6200000000017", "1", "a", 100)
        entry, _ = journal.add(order, date(2027, 1, 15), n)
        journal.write(entry, Standing(State.SENT), n)
        # "the first byte leaves" is what the parent hears
        os.write(1, f"{n}\\n".encode())
    """
)


@pytest.mark.parametrize("heard", [1, 7, 40])
def test_whatever_left_before_a_kill_stands_in_the_journal(path: Path, heard: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, cwd=environment.ROOT
    )
    assert child.stdout is not None
    with child.stdout as pipe:
        said = [int(pipe.readline()) for _ in range(heard)]
        child.send_signal(signal.SIGKILL)
        said += [int(line) for line in pipe.read().split(b"\n")[:-1]]
    child.wait(10)
    journal = opened(path)
    for n in said:
        found = journal.find(f"load-{n}")
        assert found is not None, n
        assert found.standing.state is State.SENT
    assert len(journal.open_ones()) in range(len(said), len(said) + 2)
