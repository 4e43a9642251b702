"""The raw rows of the books, read with SQL of our own from SQLite or MariaDB."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql

PAYMENT = (
    "SELECT id, terminal_id, sequence, merchant_id, card_id, holder_id, code_key, class_id,"
    " charged_fen, borne_fen, was_offline, reason, occurred_at FROM payment ORDER BY id"
)
QUERIES = {
    "accounts": "SELECT id, code, kind, balance_fen, floor_fen FROM account",
    "postings": "SELECT id, source_id, target_id, amount_fen FROM posting ORDER BY id",
    "payments": PAYMENT,
    "reversals": "SELECT terminal_id, reverses, payment_id FROM reversal",
    "suspense": "SELECT id, account_id, amount_fen, reason, settled_by_id FROM suspense",
    "disputes": "SELECT id, first_payment_id FROM dispute",
    "quarantine": "SELECT terminal_id, sequence, reason FROM quarantine",
    "refusals": "SELECT terminal_id, reason, count FROM refusal_count",
    "merchants": "SELECT id, name FROM merchant ORDER BY id",
    "cards": "SELECT id, number FROM card",
    "totals": (
        "SELECT merchant_id, payments, offline_payments, charged_fen, payable_fen, corrected_fen"
        " FROM period_total"
    ),
    "rolled": "SELECT account_id, balance_fen FROM rollup",
    "marks": "SELECT lane_id, through_id FROM rollup_mark",
}

Raw = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Payment:
    """One row of `payment`, in the order of its query. `code_key` is None for a second use."""

    id: int
    terminal_id: int
    sequence: int
    merchant_id: int
    card_id: int
    holder_id: int
    code_key: int | None
    class_id: int
    charged_fen: int
    borne_fen: int
    was_offline: int
    reason: str
    occurred_at: int


@dataclass(frozen=True, slots=True)
class Raws:
    """Everything that was read, at one moment."""

    payments: tuple[Payment, ...]
    tables: dict[str, Raw]

    def __getitem__(self, name: str) -> Raw:
        return self.tables[name]


def read_rows(database: str) -> Raws:
    """Read all of it from a database URL, in one transaction."""
    with _connected(database) as cursor:
        tables = {}
        for name, query in QUERIES.items():
            cursor.execute(query)
            tables[name] = [tuple(row) for row in cursor.fetchall()]
    return Raws(tuple(Payment(*row) for row in tables["payments"]), tables)


def mysql_words(database: str) -> dict[str, Any]:
    """A mysql:// URL in PyMySQL's words; `database` is among them."""
    parts = urlsplit(database)
    words: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 3306,
        "user": unquote(parts.username or "root"),
        "password": unquote(parts.password or ""),
        "database": parts.path.removeprefix("/"),
        "charset": "utf8mb4",
    }
    by_socket = parse_qs(parts.query).get("unix_socket")
    return words | ({"unix_socket": by_socket[0]} if by_socket else {})


@contextlib.contextmanager
def _connected(database: str) -> Iterator[Any]:  # two drivers' cursors have no common type
    parts = urlsplit(database)
    connection: Any
    if parts.scheme == "sqlite":
        path = unquote(parts.netloc + parts.path)
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        begin = "BEGIN"
    else:
        connection = pymysql.connect(**mysql_words(database))
        begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute(begin)
        yield cursor
        cursor.execute("ROLLBACK")
