"""
The terminal's own books: every approval, on disk before anybody sees it.

One SQLite file, WAL with synchronous=FULL. Records form a hash chain and their sequences have no
gaps. The rule: **a durable approved record counts, whether or not it was displayed**, because after
a power cut nobody can know whether the person saw it; so it is shown again after a restart, marked
as such, and the cashier can void it.

- `attempt`: before the server is asked, the sequence and credential are durable here. At most one
  is open. It is closed by the record of the same sequence: the payment, or a reversal of itself.
- `record`: what happened. Kept until a sync in a *later* contact than the upload's says it is
  there, and until it is old enough; then a prefix is pruned and `mark` holds the chain's new start.
- `used`: what pruning must not forget, the last step of each (card, issue).
- `trouble`: outcomes a person should look at; they outlive the records.
- `refusal`: counts by business day and reason, for the heartbeat.

When the journal comes back shorter than `journal.uploaded` says (a torn disk, a deleted file), the
chain goes on after that, and every step up to then counts as used.

After a failed commit the file is in an unknown state. A second small commit writes over what the
failed one left; if that fails too, only a restart can tell, and the terminal takes no money.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from campus_code import FIRST_HASH, RECORDS_MAX, TerminalRecord, chain_hash
from qr_terminals.chain import (
    ACKED,
    DEPTH,
    EMERGENCY_DAY_MAX,
    NO_KEY,
    RECORDS,
    TABLES,
    USED,
    WAITING,
    Attempt,
    Held,
    Stored,
    Trouble,
    broken,
    full,
    insert_record,
    key_of,
    prepare,
    sound,
    sound_run,
    used_row,
    write_error,
)
from qr_terminals.disk import RESERVE_BYTES, free_bytes
from qr_terminals.errors import JournalBrokenError, JournalError
from qr_terminals.uploaded import UPLOADED_FILE, read_uploaded, write_uploaded

JOURNAL_FILE = "journal.sqlite3"
RETENTION_SECONDS = 30 * 86_400
REFUSAL_DAYS_KEPT = 3
TROUBLES_SHOWN_MAX = 20


class Journal:
    """The journal of one terminal. Every method may be called from every thread."""

    def __init__(self, path: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        """
        Open or make it, and read the whole chain. When that is not whole, `broken` says so: nothing
        more is written then, and what is sound can still be uploaded. JournalError when the
        file cannot be used at all.
        """
        self._lock = threading.Lock()
        self._folder = path.parent
        self._reserve_bytes = reserve_bytes
        self.broken: JournalBrokenError | None = None
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            prepare(self._db, TABLES)
        except sqlite3.Error as error:
            raise write_error(error, self._folder) from error
        self.tip: tuple[int, bytes] = (0, FIRST_HASH)
        self._acked_through = 0
        try:
            self.tip = self._start()
            for held in self.records():
                self.tip = (held.record.sequence, held.chain)
            self._go_on_after_uploaded()
            self._look_for_acked()
        except JournalBrokenError as error:
            self.broken = error
        except (JournalError, ValueError, TypeError) as error:
            self.broken = broken(self.sequence, str(error))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def begin(self, attempt: Attempt) -> None:
        """Make an attempt durable before the server is asked."""
        self._check_next(attempt.sequence)
        with self._writing() as db:
            db.execute("INSERT INTO attempt VALUES(?,?,?,?,?,?)", attempt)

    def append(self, record: TerminalRecord, *, closes_attempt: bool = False) -> None:
        """
        Make a record durable; when this returns it may be shown.

        RefusedError ALREADY_USED when its (card, issue, step) has paid before; JournalError when it
        could not be made durable: nothing may be shown then.
        """
        self._check_next(record.sequence)
        body = record.to_bytes()
        chain = chain_hash(self.tip[1], body)
        row = (record.sequence, body, chain, *key_of(record))
        if closes_attempt:
            with self._writing() as db:
                insert_record(db, row)
                db.execute("DELETE FROM attempt WHERE sequence = ?", (record.sequence,))
        else:
            self._insert_alone(row)
        self.tip = (record.sequence, chain)

    def acknowledge(self, through: int, troubles: list[Trouble], contact: int) -> None:
        """The server answered for every record up to `through`, in this contact."""
        with self._writing() as db:
            db.execute(
                "UPDATE record SET acked = ? WHERE sequence <= ? AND acked = 0", (contact, through)
            )
            db.executemany(
                "INSERT OR REPLACE INTO trouble VALUES(?,?,?)",
                [(one.sequence, one.outcome, one.reason) for one in troubles],
            )
        self._look_for_acked()
        rows = self._read("SELECT sequence, chain FROM record WHERE sequence = ?", through)
        if rows:
            step = self._read("SELECT max(step) FROM record")[0][0] or 0
            try:
                write_uploaded(self._folder / UPLOADED_FILE, through, bytes(rows[0][1]).hex(), step)
            except OSError as error:
                raise write_error(error, self._folder) from error

    def confirm(self, through: int, contact: int, *, has_gap: bool = False) -> None:
        """
        A sync said what the server holds. Records it acknowledged in an earlier contact are
        confirmed. What it acknowledged then and does not hold now (its database was restored), or
        says is missing (`has_gap`), is uploaded again; a conflict at that place is for people.
        """
        lost = self._read(
            "SELECT 1 FROM record WHERE sequence > ? AND acked BETWEEN 1 AND ?",
            through,
            contact - 1,
        )
        conflict = self._read(
            "SELECT 1 FROM trouble WHERE sequence = ? AND outcome = 'conflict'", through + 1
        )
        with self._writing() as db:
            db.execute(
                "UPDATE record SET confirmed = 1 WHERE sequence <= ? AND acked > 0 AND acked < ?",
                (through, contact),
            )
            if has_gap or (lost and not conflict):
                db.execute(
                    "UPDATE record SET acked = 0, confirmed = 0 WHERE sequence > ?", (through,)
                )
        self._look_for_acked()

    def prune(self, older_than: int) -> int:
        """Delete the confirmed records before this Unix second, oldest first; how many went."""
        gone = []
        for held in self.records():
            if not held.is_confirmed or held.record.occurred_at >= older_than:
                break
            gone.append(held)
        if gone:
            self._forget([held.record for held in gone], gone[-1].record.sequence, gone[-1].chain)
        return len(gone)

    def _forget(self, records: list[TerminalRecord], sequence: int, chain: bytes) -> None:
        """Begin the chain after `sequence`; what the records used stays known."""
        with self._writing() as db:
            db.executemany(
                "INSERT INTO used VALUES(?,?,?,?) ON CONFLICT(card, issue, is_emergency)"
                " DO UPDATE SET step = max(step, excluded.step)",
                [used_row(record) for record in records if key_of(record) is not NO_KEY],
            )
            self._set(db, "start_hash", chain)
            self._set(db, "start_sequence", sequence)
            db.execute("DELETE FROM record WHERE sequence <= ?", (sequence,))

    def _go_on_after_uploaded(self) -> None:
        try:
            uploaded = read_uploaded(self._folder / UPLOADED_FILE)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise broken(self.sequence, f"{UPLOADED_FILE} is damaged") from error
        if uploaded is None or uploaded.sequence <= self.sequence:
            return
        records = [held.record for held in self.records()]
        self._forget(records, uploaded.sequence, uploaded.chain)
        self.set_mark("step_floor", uploaded.step)
        self.tip = (uploaded.sequence, uploaded.chain)

    def next_contact(self) -> int:
        """The number of a new contact with the server; numbers grow across restarts."""
        number = self.mark("contact") + 1
        self.set_mark("contact", number)
        return number

    def set_mark(self, name: str, value: int) -> None:
        """Keep a number under a name."""
        self.set_marks({name: value})

    def set_marks(self, marks: Mapping[str, int | bytes | None]) -> None:
        """Keep numbers or bytes under names (None: nothing any more), all of them or none."""
        with self._writing() as db:
            for name, value in marks.items():
                self._set(db, name, value)

    def count_refusal(self, business_on: int, reason: str) -> None:
        """One more refusal of this reason on this business day; days long gone are forgotten."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO refusal VALUES(?,?,1) ON CONFLICT(business_on, reason)"
                " DO UPDATE SET count = count + 1",
                (business_on, reason),
            )
            db.execute(
                "DELETE FROM refusal WHERE business_on NOT IN (SELECT DISTINCT business_on"
                " FROM refusal ORDER BY business_on DESC LIMIT ?)",
                (REFUSAL_DAYS_KEPT,),
            )

    # ------------------------------------------------------------------------------- reading

    @property
    def sequence(self) -> int:
        """The last record's sequence; `tip` has the chain's hash with it."""
        return self.tip[0]

    @property
    def next_sequence(self) -> int:
        """The sequence the next attempt or record takes."""
        return self.sequence + 1

    def records(self, after: int = 0) -> Iterator[Held]:
        """
        Every record kept after this sequence, in order, each checked against the chain, else
        JournalBrokenError. They are read by and by: a journal may be longer than memory is.
        """
        sequence, previous = self._place(after)
        while rows := self._read(RECORDS, sequence):
            for *parts, acked, confirmed in rows:
                row = Stored(*parts)
                record = sound(sequence, previous, row)
                sequence, previous = row.sequence, row.chain
                yield Held(record, row.chain, acked > 0, confirmed > 0)

    def open_attempt(self) -> Attempt | None:
        """The attempt that no record has closed: the program ended while it was asking."""
        rows = self._read("SELECT * FROM attempt ORDER BY sequence DESC LIMIT 1")
        return Attempt(*rows[0]) if rows else None

    def to_upload(self, after: int = 0) -> tuple[bytes, tuple[TerminalRecord, ...]]:
        """
        The chain's hash before them, and up to 500 records after this sequence the server has not
        answered for. Each is held against the chain once more, so that nothing rotten or edited is
        signed; JournalBrokenError when the first that waits is not sound.
        """
        rows = self._read(WAITING, max(after, self._acked_through), RECORDS_MAX)
        if not rows:
            return self.tip[1], ()
        before, start_hash = self._place(rows[0][0] - 1)
        return start_hash, sound_run(before, start_hash, [Stored(*row) for row in rows])

    def depth(self) -> int:
        """How many records still wait for the server."""
        return int(self._read(DEPTH, self._acked_through)[0][0])

    def confirmed_through(self) -> int:
        """The last sequence a later sync has confirmed."""
        rows = self._read("SELECT max(sequence) FROM record WHERE confirmed = 1")
        return int(rows[0][0] or self._start()[0])

    def used(self) -> list[tuple[str, int, bool, int]]:
        """What paid, also what is pruned: card, issue, is it an emergency code, last step."""
        rows = self._read(USED, EMERGENCY_DAY_MAX)
        return [(card, issue, bool(is_day), step) for card, issue, is_day, step in rows]

    def mark(self, name: str) -> int:
        """The number kept under a name, 0 when there is none."""
        rows = self._read("SELECT value FROM mark WHERE name = ?", name)
        return int(rows[0][0]) if rows else 0

    def marks_of(self, kind: str) -> dict[str, Any]:
        """What is kept under names that begin with a word and a colon, in the order of names."""
        return dict(self._read("SELECT * FROM mark WHERE name GLOB ? ORDER BY name", f"{kind}:*"))

    def troubles(self) -> list[Trouble]:
        """The newest outcomes that a person should look at."""
        rows = self._read(
            "SELECT * FROM trouble ORDER BY sequence DESC LIMIT ?", TROUBLES_SHOWN_MAX
        )
        return [Trouble(*row) for row in rows]

    def refusals(self) -> Mapping[str, Mapping[str, int]]:
        """Counts by business day and reason."""
        counts: dict[str, dict[str, int]] = {}
        for business_on, reason, count in self._read("SELECT * FROM refusal"):
            counts.setdefault(str(business_on), {})[reason] = count
        return counts

    # ------------------------------------------------------------------------------ inside

    def _check_next(self, sequence: int) -> None:
        if sequence != self.next_sequence:
            raise JournalError(
                f"流水号 {sequence} 不连续，应为 {self.next_sequence}。",
                f"Sequence {sequence} does not follow; {self.next_sequence} is next.",
            )

    def check_room(self) -> None:
        """JournalFullError when nothing more may be sold into this disk."""
        if not self.has_room:
            raise full(free_bytes(self._folder))

    @property
    def has_room(self) -> bool:
        """Whether more than the reserve is free."""
        return free_bytes(self._folder) >= self._reserve_bytes

    def _place(self, sequence: int) -> tuple[int, bytes]:
        """Where the chain goes on after this sequence, or where it begins."""
        rows = self._read("SELECT sequence, chain FROM record WHERE sequence = ?", sequence)
        return (int(rows[0][0]), bytes(rows[0][1])) if rows else self._start()

    def _check_whole(self) -> None:
        if self.broken is not None:
            raise JournalError(self.broken.zh, self.broken.en)

    def _look_for_acked(self) -> None:
        """Note before which records nothing waits: what is asked often need not pass over them."""
        rows = self._read(ACKED)
        self._acked_through = rows[0][0] if rows else 0

    def _start(self) -> tuple[int, bytes]:
        rows = dict(
            self._read("SELECT name, value FROM mark WHERE name IN ('start_sequence','start_hash')")
        )
        return int(rows.get("start_sequence", 0)), bytes(rows.get("start_hash", FIRST_HASH))

    def _read(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(sql, arguments).fetchall()
            except sqlite3.Error as error:
                raise write_error(error, self._folder) from error

    @staticmethod
    def _set(db: sqlite3.Connection, name: str, value: int | bytes | None) -> None:
        if value is None:
            db.execute("DELETE FROM mark WHERE name = ?", (name,))
        else:
            db.execute("INSERT OR REPLACE INTO mark VALUES(?,?)", (name, value))

    def _insert_alone(self, row: tuple[object, ...]) -> None:
        # one statement is a transaction by itself: no BEGIN, no COMMIT, nobody waits for them
        self._check_whole()
        with self._lock:
            try:
                insert_record(self._db, row)
            except sqlite3.Error as error:
                self._overwrite_failed()
                raise write_error(error, self._folder) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._check_whole()
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                self._overwrite_failed()
                raise write_error(error, self._folder) from error
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _overwrite_failed(self) -> None:
        # What a failed commit wrote must not come back to life at the next start; the next commit
        # lies over it. When this fails too, the person reads that the outcome is unknown.
        with contextlib.suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._db.execute("INSERT OR REPLACE INTO mark VALUES('faults', 1)")
