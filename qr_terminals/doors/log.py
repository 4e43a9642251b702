"""
The door's own log: every passage on disk before the lock moves.

One SQLite file, WAL with synchronous=FULL. Events form a hash chain without gaps.

- `event`: what happened. Kept until the server has said in two contacts that it is there, and
  KEPT_SECONDS long.
- `used`: the last step of each (card, issue, side), which pruning must not forget.
- `passage`: the last passage of each card, for anti-passback; a reset forgets it, time does too.
- `mark`: where the chain begins, how far the server has it, whether emergency or lockdown is on.

A log that is not whole is set aside under another name, never thrown away, and the door goes on
after its last sound event with every step up to now counted as used: a torn disk must not keep
people out of their dormitory.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from campus_code import (
    DOOR_EVENTS_MAX,
    FIRST_HASH,
    DoorEvent,
    DoorEventKind,
    Passage,
    ShapeError,
    chain_hash,
    door_event_from_bytes,
    step_at,
)
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from qr_terminals.chain import prepare
from qr_terminals.disk import MEGABYTE, free_bytes
from qr_terminals.errors import JournalError, JournalFullError

LOG_FILE = "doors.sqlite3"
KEPT_SECONDS = 7 * 86_400
PASSAGE_KEPT_SECONDS = 30 * 86_400
"""A door forgets by then where a card was last; also the longest that anti-passback can last."""
REFUSALS_WAITING_MAX = 50_000
"""With so many events waiting, refusals are only counted: the disk is kept for passages."""
_TABLES = """
CREATE TABLE IF NOT EXISTS event(
  sequence INTEGER PRIMARY KEY, body BLOB NOT NULL, chain BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS used(
  card TEXT NOT NULL, issue INTEGER NOT NULL, side TEXT NOT NULL, is_emergency INTEGER NOT NULL,
  step INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(card, issue, side, is_emergency)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passage(
  card TEXT PRIMARY KEY, side TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;
"""
_MODES = {
    DoorEventKind.EMERGENCY_BEGAN: ("emergency", 1),
    DoorEventKind.EMERGENCY_ENDED: ("emergency", 0),
    DoorEventKind.LOCKDOWN_BEGAN: ("lockdown", 1),
    DoorEventKind.LOCKDOWN_ENDED: ("lockdown", 0),
}


class Used(NamedTuple):
    """The last step that opened one side of this door for one issue of a card."""

    card_number: str
    issue: int
    side: str
    is_emergency: bool
    step: int


class Waiting(NamedTuple):
    """Events the server has not answered for, and the chain's hash before the first."""

    first: int
    hash_before: bytes
    bodies: tuple[bytes, ...]


class DoorLog:
    """The log of one door. Every method may be called from every thread."""

    def __init__(self, path: Path, at: int) -> None:
        """Open or make it at Unix second `at`. JournalError when the file cannot be used at all."""
        self._lock = threading.Lock()
        self._path = path
        self.was_set_aside = False
        try:
            self.tip = self._read_chain()
            if self.was_set_aside:
                self._go_on(at)
        except sqlite3.Error as error:
            raise _write_error(error, self._path.parent) from error

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    @property
    def next_sequence(self) -> int:
        """The sequence the next event takes."""
        return self.tip[0] + 1

    def append(self, event: DoorEvent) -> None:
        """
        Make an event durable; when this returns the lock may move. JournalError: it may not, and
        nothing was written.
        """
        body = event.to_bytes()
        with self._writing() as db:
            sequence, previous = self.tip
            if event.sequence != sequence + 1:
                raise JournalError(
                    f"门记录序号 {event.sequence} 不连续。",
                    f"The door's event {event.sequence} does not follow {sequence}.",
                )
            chain = chain_hash(previous, body)
            db.execute("INSERT INTO event VALUES(?,?,?)", (event.sequence, body, chain))
            _learn(db, event)
            tip = (event.sequence, chain)
        self.tip = tip

    def waiting(self) -> Waiting:
        """Up to 500 events that the server does not hold yet."""
        through = self.mark("through")
        rows = self._read(
            "SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?",
            through,
            DOOR_EVENTS_MAX,
        )
        if not rows:
            return Waiting(self.tip[0] + 1, self.tip[1], ())
        first = rows[0][0]
        before = self._read("SELECT chain FROM event WHERE sequence = ?", first - 1)
        with self._lock:
            hash_before = bytes(before[0][0]) if before else _start_of(self._db)[1]
        return Waiting(first, hash_before, tuple(bytes(row[1]) for row in rows))

    def depth(self) -> int:
        """How many events wait for the server."""
        rows = self._read(
            "SELECT count(*) FROM event WHERE sequence >"
            " coalesce((SELECT value FROM mark WHERE name = 'through'), 0)"
        )
        return int(rows[0][0])

    def answered(self, through: int, chain: bytes) -> None:
        """
        The server holds events up to `through`, with this hash there. Less than before: it was
        restored, and the rest goes up again. More than this log has: the chain goes on after it.
        """
        with self._writing() as db:
            tip = self.tip
            if through > tip[0]:
                db.execute("DELETE FROM event")
                _set(db, "start_sequence", through)
                _set(db, "start_hash", chain)
                tip = (through, chain)
            _set(db, "through", max(through, _number(db, "start_sequence")))
        self.tip = tip

    def prune(self, at: int) -> int:
        """Delete what the server held already at the contact before this one; how many went."""
        with self._writing() as db:
            confirmed = min(_number(db, "confirmed"), _number(db, "through"))
            rows = db.execute(
                "SELECT sequence, body, chain FROM event WHERE sequence <= ? ORDER BY sequence",
                (confirmed,),
            )
            gone = None
            count = 0
            for sequence, body, chain in rows:
                if door_event_from_bytes(body).at >= at - KEPT_SECONDS:
                    break
                gone, count = (sequence, chain), count + 1
            if gone is not None:
                db.execute("DELETE FROM event WHERE sequence <= ?", (gone[0],))
                _set(db, "start_sequence", gone[0])
                _set(db, "start_hash", gone[1])
            db.execute("DELETE FROM passage WHERE at < ?", (at - PASSAGE_KEPT_SECONDS,))
            db.execute("DELETE FROM used WHERE at < ?", (at - PASSAGE_KEPT_SECONDS,))
            _set(db, "confirmed", _number(db, "through"))
        return count

    def events(self) -> Iterator[DoorEvent]:
        """Every event kept, in order."""
        for (body,) in self._read("SELECT body FROM event ORDER BY sequence"):
            yield door_event_from_bytes(bytes(body))

    def used(self) -> list[Used]:
        """The last step of every card, issue and side."""
        rows = self._read("SELECT card, issue, side, is_emergency, step FROM used")
        return [Used(card, issue, side, bool(is_e), step) for card, issue, side, is_e, step in rows]

    def passages(self) -> dict[str, Passage]:
        """Where each card was shown last, since the last reset."""
        rows = self._read("SELECT card, side, at FROM passage")
        return {card: Passage(side, at) for card, side, at in rows}

    def mark(self, name: str) -> int:
        """The number kept under a name, 0 when there is none."""
        rows = self._read("SELECT value FROM mark WHERE name = ?", name)
        return int(rows[0][0]) if rows else 0

    # ------------------------------------------------------------------------------ inside

    def _open(self) -> None:
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        prepare(self._db, _TABLES)

    def _read_chain(self) -> tuple[int, bytes]:
        """The chain's end; what is not whole is set aside, and the sound part begins a new log."""
        start = (0, FIRST_HASH)
        sound: list[tuple[int, bytes, bytes]] = []
        try:
            self._open()
            start = tip = _start_of(self._db)
            for row in self._db.execute("SELECT * FROM event ORDER BY sequence"):
                tip = _next_of(tip, *row)
                sound.append(row)
        except sqlite3.OperationalError:
            raise  # the disk, not the log: nothing is set aside because it is full
        except (sqlite3.DatabaseError, ShapeError, TypeError, ValueError):
            self._set_aside(start, sound)
            tip = (sound[-1][0], sound[-1][2]) if sound else start
        return tip

    def _set_aside(self, start: tuple[int, bytes], sound: list[tuple[int, bytes, bytes]]) -> None:
        self.was_set_aside = True
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.broken{number}")).exists():
            number += 1
        for ending in ("", "-wal", "-shm"):
            old = self._path.with_name(self._path.name + ending)
            if old.exists():
                old.rename(aside.with_name(aside.name + ending))
        self._open()
        with self._writing() as db:
            _set(db, "start_sequence", start[0])
            _set(db, "start_hash", start[1])
            for sequence, body, chain in sound:
                db.execute("INSERT INTO event VALUES(?,?,?)", (sequence, body, chain))
                _learn(db, door_event_from_bytes(body))

    def _go_on(self, at: int) -> None:
        with self._writing() as db:
            # whatever was shown until now has opened already, for all this log can tell
            _set(db, "step_floor", step_at(at) + 1)

    def _read(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(sql, arguments).fetchall()
            except sqlite3.Error as error:
                raise _write_error(error, self._path.parent) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                with contextlib.suppress(sqlite3.Error):
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                raise _write_error(error, self._path.parent) from error
            except BaseException:
                self._db.execute("ROLLBACK")
                raise


def _start_of(db: sqlite3.Connection) -> tuple[int, bytes]:
    rows = dict(
        db.execute("SELECT name, value FROM mark WHERE name IN ('start_sequence','start_hash')")
    )
    return int(rows.get("start_sequence", 0)), bytes(rows.get("start_hash", FIRST_HASH))


def _next_of(tip: tuple[int, bytes], sequence: int, body: bytes, chain: bytes) -> tuple[int, bytes]:
    """The chain's end after a row; ShapeError when the row does not follow."""
    event = door_event_from_bytes(body)
    is_next = event.sequence == sequence == tip[0] + 1
    if not is_next or chain != chain_hash(tip[1], body):
        raise ShapeError(f"event {tip[0] + 1}: is not the next of the chain")
    return sequence, chain


def _learn(db: sqlite3.Connection, event: DoorEvent) -> None:
    if event.kind is DoorEventKind.ADMITTED:
        is_emergency = len(event.credential) == EMERGENCY_CREDENTIAL_DIGITS
        key = (event.card_number, event.issue, event.side, int(is_emergency))
        db.execute(
            "INSERT INTO used VALUES(?,?,?,?,?,?) ON CONFLICT(card, issue, side, is_emergency)"
            " DO UPDATE SET step = max(step, excluded.step), at = excluded.at",
            (*key, event.step, event.at),
        )
        passage = (event.card_number, event.side, event.at)
        db.execute("INSERT OR REPLACE INTO passage VALUES(?,?,?)", passage)
    elif event.kind is DoorEventKind.PASSBACK_RESET:
        db.execute("DELETE FROM passage")
    elif event.kind in _MODES:
        _set(db, *_MODES[event.kind])


def _set(db: sqlite3.Connection, name: str, value: int | bytes) -> None:
    db.execute("INSERT OR REPLACE INTO mark VALUES(?,?)", (name, value))


def _number(db: sqlite3.Connection, name: str) -> int:
    row = db.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def _write_error(error: sqlite3.Error, folder: Path) -> JournalError:
    """A full disk by its own name: with room again the door opens to the next code by itself."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        left = free_bytes(folder) // MEGABYTE
        return JournalFullError(
            f"磁盘已满（只剩 {left} MB），暂停刷码开门；腾出空间即恢复。",
            f"The disk is full ({left} MB left): it opens to no code until there is room.",
            left,
        )
    return JournalError(
        f"门记录写不进磁盘（{error}），暂停刷码开门。",
        f"The door's log cannot be written ({error}); it opens to no code.",
    )
