"""What the gateway did, on disk before it does it: orders, their keys at the bank, every state.

One SQLite file, one process, one writer. Nothing is forgotten: the history only grows, what makes
an order never changes, and what is booked stays booked; the file's own triggers see to it.
Accounts lie encrypted, PINs not at all.
"""

from __future__ import annotations

import contextlib
import hmac
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from bank_gateway.asking import Answer, Ask, Doubt, Key, Totals, Verb
from bank_gateway.keys import open_key, seal_key
from bank_gateway.states import OPEN, Standing, State

VERSION: Final = 1
TRACE_MAX: Final = 999_999
BUSY_SECONDS: Final = 5.0
ORDER_ID_MAX: Final = 64
TAIL_DIGITS: Final = 4
MONEY: Final = frozenset({Verb.LOAD, Verb.UNLOAD})
_SCHEMA: Final = """
CREATE TABLE counter (bank TEXT, terminal TEXT, trace INTEGER NOT NULL DEFAULT 0,
  batch INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (bank, terminal)) STRICT;
CREATE TABLE entry (id INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
  verb TEXT NOT NULL, bank TEXT NOT NULL, terminal TEXT NOT NULL, day TEXT NOT NULL,
  batch INTEGER NOT NULL, trace INTEGER NOT NULL, account BLOB NOT NULL, whose TEXT NOT NULL,
  tail TEXT NOT NULL,
  card_number TEXT NOT NULL, name TEXT NOT NULL, amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
  made_at INTEGER NOT NULL, state TEXT NOT NULL, doubt TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, is_queried INTEGER NOT NULL DEFAULT 0,
  code TEXT NOT NULL DEFAULT '', zh TEXT NOT NULL DEFAULT '', en TEXT NOT NULL DEFAULT '',
  reference TEXT NOT NULL DEFAULT '', settled_on TEXT NOT NULL DEFAULT '',
  changed_at INTEGER NOT NULL, UNIQUE (bank, terminal, day, batch, trace)) STRICT;
CREATE TABLE bank_file (bank TEXT, day TEXT, digest TEXT NOT NULL, lines INTEGER NOT NULL,
  fen INTEGER NOT NULL, read_at INTEGER NOT NULL, PRIMARY KEY (bank, day)) STRICT;
CREATE TABLE bank_line (id INTEGER PRIMARY KEY, bank TEXT NOT NULL, file_day TEXT NOT NULL,
  terminal TEXT NOT NULL, asked_on TEXT NOT NULL, batch INTEGER NOT NULL, trace INTEGER NOT NULL,
  verb TEXT NOT NULL, amount_fen INTEGER NOT NULL, reference TEXT NOT NULL, tail TEXT NOT NULL,
  finding TEXT NOT NULL, UNIQUE (bank, terminal, asked_on, batch, trace)) STRICT;
CREATE TRIGGER bank_line_is_kept BEFORE DELETE ON bank_line
  BEGIN SELECT RAISE(ABORT, 'nothing is forgotten'); END;
CREATE INDEX entry_by_state ON entry (state, changed_at);
CREATE INDEX entry_by_day ON entry (bank, day);
CREATE INDEX entry_by_account ON entry (whose, day);
CREATE TABLE history (id INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL, at INTEGER NOT NULL,
  state TEXT NOT NULL, doubt TEXT NOT NULL, tries INTEGER NOT NULL, code TEXT NOT NULL) STRICT;
CREATE TRIGGER entry_keeps_what_was_asked BEFORE UPDATE OF order_id, digest, verb, bank, terminal,
  day, batch, trace, account, whose, tail, card_number, name, amount_fen, made_at ON entry
  BEGIN SELECT RAISE(ABORT, 'what was asked never changes'); END;
CREATE TRIGGER entry_stays_booked BEFORE UPDATE OF state ON entry
  WHEN OLD.state = 'booked' AND NEW.state <> 'booked'
  BEGIN SELECT RAISE(ABORT, 'what is booked stays booked'); END;
CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'nothing is forgotten'); END;
CREATE TRIGGER history_is_kept BEFORE DELETE ON history
  BEGIN SELECT RAISE(ABORT, 'nothing is forgotten'); END;
CREATE TRIGGER history_only_grows BEFORE UPDATE ON history
  BEGIN SELECT RAISE(ABORT, 'nothing is forgotten'); END;
"""
_COLUMNS: Final = (
    "id,order_id,verb,bank,terminal,day,batch,trace,account,tail,card_number,name,amount_fen,"
    "made_at,state,doubt,tries,is_queried,code,zh,en,reference,settled_on,changed_at"
)


class JournalError(Exception):
    """A journal that cannot be used; says which file and why. Nothing was changed."""


class OrderConflictError(Exception):
    """The same order id was used for something else."""


@dataclass(frozen=True, slots=True)
class Order:
    """Money to be moved, as the server asks for it; `order_id` is the server's own.

    `pin` is the bank card's: it travels to the bank once and is written nowhere.
    """

    order_id: str
    verb: Verb
    bank: str
    terminal: str
    account: str = field(repr=False)
    card_number: str
    name: str
    amount_fen: int
    pin: str = field(default="", repr=False)

    @property
    def content(self) -> str:
        """What must be the same when the order is told again."""
        said = (self.verb, self.bank, self.account, self.card_number, self.name, self.amount_fen)
        return repr(said)


@dataclass(frozen=True, slots=True)
class Entry:
    """An order as the journal holds it. `tail`: the account's last digits, for people."""

    id: int
    order: Order
    key: Key
    tail: str
    standing: Standing
    made_at: int
    changed_at: int
    code: str = ""
    zh: str = ""
    en: str = ""
    reference: str = ""
    settled_on: date | None = None

    def ask(self, at: int) -> Ask:
        """The order as an ask to the bank."""
        order = self.order
        return Ask(
            order.verb,
            self.key,
            at,
            account=order.account,
            card_number=order.card_number,
            name=order.name,
            amount_fen=order.amount_fen,
            pin=order.pin,
        )


class Journal:
    """The file. Every method is one transaction, and durable when it returns."""

    def __init__(self, path: Path, kek: bytes, randomness: Callable[[int], bytes]) -> None:
        """Open it, or make it. Raises JournalError: not one of ours, damaged, or a later one."""
        self._kek, self._randomness = kek, randomness
        self._lock = threading.Lock()
        self._file = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(path)
        except (sqlite3.DatabaseError, JournalError) as error:
            self._file.close()
            raise JournalError(str(error)) from None

    def _prepare(self, path: Path) -> None:
        """See that it is ours before anything of it is touched."""
        (version,) = self._file.execute("PRAGMA user_version").fetchone()
        tables = self._file.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        is_new = version == 0 and not tables
        if not is_new and version != VERSION:
            raise JournalError(f"{path}: not a journal of this version ({VERSION}): {version}")
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        if is_new:
            self._file.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={VERSION};COMMIT;")
        if (said := self._file.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise JournalError(f"{path}: damaged: {said}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def add(self, order: Order, day: date, at: int) -> tuple[Entry, bool]:
        """Write an order down with the next trace of its terminal; whether it is new.

        Raises OrderConflictError: the order id stands for something else.
        """
        with self.writing() as file:
            row = file.execute(
                "SELECT id,digest FROM entry WHERE order_id=?", (order.order_id,)
            ).fetchone()
            if row is not None:
                if row[1] != self._hash(order.content):
                    raise OrderConflictError(order.order_id)
                return replace_pin(self._entry(file, row[0]), order), False
            batch, trace = self._next(file, order, day)
            made = file.execute(
                "INSERT INTO entry (order_id,digest,verb,bank,terminal,day,batch,trace,account,"
                "whose,tail,card_number,name,amount_fen,made_at,state,changed_at)"
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    order.order_id, self._hash(order.content), order.verb.value, order.bank,
                    order.terminal, day.isoformat(), batch, trace, self._seal(order),
                    self._hash(order.account),
                    order.account[-TAIL_DIGITS:],
                    order.card_number, order.name, order.amount_fen, at, State.NEW.value, at,
                ),
            )  # fmt: skip
            entry_id = int(made.lastrowid or 0)
            self._note(file, entry_id, at)
            return replace_pin(self._entry(file, entry_id), order), True

    def write(
        self, entry: Entry, standing: Standing, at: int, answer: Answer | None = None
    ) -> Entry:
        """A state, and what the bank said with it; the entry as it is then.

        It was decided from `entry.standing`. When that stands no more, because somebody was faster,
        nothing is written, and the entry comes back as it is.
        """
        with self.writing() as file:
            written = file.execute(
                "UPDATE entry SET state=?,doubt=?,tries=?,is_queried=?,changed_at=?"
                " WHERE id=? AND state=? AND doubt=? AND tries=? AND is_queried=?",
                (*_cells(standing), at, entry.id, *_cells(entry.standing)),
            ).rowcount
            if not written:
                return replace_pin(self._entry(file, entry.id), entry.order)
            if answer is not None:
                day = answer.settled_on.isoformat() if answer.settled_on else ""
                file.execute(
                    "UPDATE entry SET code=?,zh=?,en=?,reference=COALESCE(NULLIF(?,''),reference),"
                    "settled_on=COALESCE(NULLIF(?,''),settled_on) WHERE id=?",
                    (answer.code, answer.zh, answer.en, answer.reference, day, entry.id),
                )
            self._note(file, entry.id, at)
            return replace_pin(self._entry(file, entry.id), entry.order)

    def trace(self, bank: str, terminal: str) -> int:
        """The next trace, for an ask that moves no money."""
        with self.writing() as file:
            return self._step(file, bank, terminal)

    def begin_batch(self, bank: str, terminal: str, batch: int) -> None:
        """What a sign-in opened; the orders after it belong to it."""
        with self.writing() as file:
            file.execute(
                "INSERT INTO counter (bank,terminal,batch) VALUES (?,?,?)"
                " ON CONFLICT (bank,terminal) DO UPDATE SET batch=excluded.batch",
                (bank, terminal, batch),
            )

    def batch(self, bank: str, terminal: str) -> int:
        """The batch that stands, 0 before the first sign-in."""
        row = self.read("SELECT batch FROM counter WHERE bank=? AND terminal=?", bank, terminal)
        return int(row[0][0]) if row else 0

    def find(self, order_id: str) -> Entry | None:
        """An order by the server's own number."""
        rows = self.read(f"SELECT {_COLUMNS} FROM entry WHERE order_id=?", order_id)  # noqa: S608
        return self._entry_of(rows[0]) if rows else None

    def open_ones(self, bank: str = "", terminal: str = "") -> list[Entry]:
        """What the gateway has to do something about, oldest first."""
        states = ",".join(f"'{one}'" for one in sorted(OPEN))
        where = f"state IN ({states}) AND (?='' OR bank=?) AND (?='' OR terminal=?)"
        return self._entries(where, bank, bank, terminal, terminal)

    def changed_before(self, at: int) -> list[Entry]:
        """What has stood without an end since before a second."""
        states = ",".join(f"'{one}'" for one in sorted({*OPEN, State.MANUAL}))
        return self._entries(f"state IN ({states}) AND changed_at<=?", at)

    def of_day(self, bank: str, day: date) -> list[Entry]:
        """Every order of a bank's accounting day."""
        return self._entries("bank=? AND day=?", bank, day.isoformat())

    def history(self, entry: Entry) -> list[tuple[int, State, str]]:
        """(second, state, the bank's code) of an order from its beginning."""
        rows = self.read("SELECT at,state,code FROM history WHERE entry_id=? ORDER BY id", entry.id)
        return [(int(at), State(state), str(code)) for at, state, code in rows]

    def totals(self, bank: str, terminal: str, batch: int) -> Totals:
        """What a batch moved, by our own books: approved or booked."""
        rows = self.read(
            "SELECT verb,COUNT(*),SUM(amount_fen) FROM entry WHERE bank=? AND terminal=? AND"
            " batch=? AND state IN ('approved','booked') GROUP BY verb",
            bank, terminal, batch,
        )  # fmt: skip
        sums = {Verb(verb): (int(count), int(fen)) for verb, count, fen in rows}
        return Totals(*sums.get(Verb.LOAD, (0, 0)), *sums.get(Verb.UNLOAD, (0, 0)))

    def _next(self, file: sqlite3.Connection, order: Order, day: date) -> tuple[int, int]:
        """Batch and a trace that is free in it; a wrapped trace never meets one that stands."""
        row = file.execute(
            "SELECT batch FROM counter WHERE bank=? AND terminal=?", (order.bank, order.terminal)
        ).fetchone()
        batch = int(row[0]) if row else 0
        used = "SELECT 1 FROM entry WHERE bank=? AND terminal=? AND day=? AND batch=? AND trace=?"
        for _ in range(TRACE_MAX):
            trace = self._step(file, order.bank, order.terminal)
            key = (order.bank, order.terminal, day.isoformat(), batch, trace)
            if file.execute(used, key).fetchone() is None:
                return batch, trace
        raise JournalError(f"{order.terminal}: every trace of this batch is used: sign in again")

    def _step(self, file: sqlite3.Connection, bank: str, terminal: str) -> int:
        file.execute(
            "INSERT INTO counter (bank,terminal,trace) VALUES (?,?,1)"
            " ON CONFLICT (bank,terminal) DO UPDATE SET trace=trace%?+1",
            (bank, terminal, TRACE_MAX),
        )
        row = file.execute(
            "SELECT trace FROM counter WHERE bank=? AND terminal=?", (bank, terminal)
        ).fetchone()
        return int(row[0])

    def _note(self, file: sqlite3.Connection, entry_id: int, at: int) -> None:
        file.execute(
            "INSERT INTO history (entry_id,at,state,doubt,tries,code)"
            " SELECT id,?,state,doubt,tries,code FROM entry WHERE id=?",
            (at, entry_id),
        )

    def _entry(self, file: sqlite3.Connection, entry_id: int) -> Entry:
        row = file.execute(f"SELECT {_COLUMNS} FROM entry WHERE id=?", (entry_id,)).fetchone()  # noqa: S608
        return self._entry_of(row)

    def _entries(self, where: str, *values: object) -> list[Entry]:
        rows = self.read(f"SELECT {_COLUMNS} FROM entry WHERE {where} ORDER BY id", *values)  # noqa: S608
        return [self._entry_of(row) for row in rows]

    def _entry_of(self, row: tuple[Any, ...]) -> Entry:
        (
            entry_id, order_id, verb, bank, terminal, day, batch, trace, account, tail, card, name,
            fen, made_at, state, doubt, tries, is_queried, code, zh, en, reference, settled,
            changed,
        ) = row  # fmt: skip
        opened = open_key(self._kek, account, order_id).decode()
        return Entry(
            id=entry_id,
            order=Order(order_id, Verb(verb), bank, terminal, opened, card, name, fen),
            key=Key(bank, terminal, date.fromisoformat(day), batch, trace),
            tail=tail,
            standing=Standing(
                State(state), Doubt(doubt) if doubt else None, tries, bool(is_queried)
            ),
            made_at=made_at,
            changed_at=changed,
            code=code,
            zh=zh,
            en=en,
            reference=reference,
            settled_on=date.fromisoformat(settled) if settled else None,
        )

    def fen_of(self, bank: str, day: date, account: str) -> int:
        """What an account was asked for on a day, as far as it may stand (fen)."""
        ((fen,),) = self.read(
            "SELECT COALESCE(SUM(amount_fen),0) FROM entry WHERE whose=? AND bank=? AND day=?"
            " AND verb='load' AND state NOT IN ('declined','failed','undone')",
            self._hash(account), bank, day.isoformat(),
        )  # fmt: skip
        return int(fen)

    def _hash(self, text: str) -> str:
        """A hash that nobody makes without the key: an account number is guessed in an hour."""
        return hmac.new(self._kek, text.encode(), "sha256").hexdigest()

    def _seal(self, order: Order) -> bytes:
        return seal_key(self._kek, order.account.encode(), order.order_id, self._randomness)

    def read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a SELECT."""
        with self._lock:
            return self._file.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when it ends without a fault."""
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield self._file
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")


def _cells(standing: Standing) -> tuple[str, str, int, int]:
    """A standing as its columns hold it."""
    doubt = standing.doubt.value if standing.doubt else ""
    return standing.state.value, doubt, standing.tries, int(standing.is_queried)


def replace_pin(entry: Entry, order: Order) -> Entry:
    """The entry with the PIN that is in memory only."""
    return replace(entry, order=replace(entry.order, pin=order.pin)) if order.pin else entry
