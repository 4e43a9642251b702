"""Writing values into SQL text for the ledger's multi-row statements.

The ledger's hot path sends finished text, because one long statement is what makes posting a set
cheap. So only integers, NULL and plain words of our own may come in; anything a person typed goes
through `typed`, as hexadecimal digits that the database turns back into text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

Value = int | str | None

_PLAIN = re.compile(r"[A-Za-z0-9_:.\-]*", re.ASCII)


class UnsafeTextError(ValueError):
    """A text that is not plain was about to become SQL."""


class Typed(str):
    """A text that a person typed; it is stored as it is but never put into SQL as it is."""

    __slots__ = ()


def row(values: Sequence[Value]) -> str:
    """One parenthesised row, in a form both engines read and the hash chain covers.

    Raises:
        UnsafeTextError: for a text with anything but letters, digits and `_ : . -`.

    """
    return "(" + ",".join([literal(value) for value in values]) + ")"


def literal(value: Value) -> str:
    """One value as both engines read it; UnsafeTextError for a text that is not plain."""
    if value is None:
        return "NULL"
    if isinstance(value, Typed):
        return f"CAST(X'{value.encode().hex()}' AS CHAR)"
    if isinstance(value, str):
        return f"'{plain(value)}'"
    return str(int(value))


def plain(text: str) -> str:
    """The text itself, if it is a plain word; UnsafeTextError if not."""
    if _PLAIN.fullmatch(text) is None:
        message = f"this text may not become SQL: {text!r:.40}"
        raise UnsafeTextError(message)
    return text


def numbers(values: Iterable[int]) -> str:
    """The inside of an IN (…) list of integers; never empty (NULL matches nothing)."""
    return ",".join([str(int(value)) for value in values]) or "NULL"


def words(values: Iterable[str]) -> str:
    """The inside of an IN (…) list of plain words; never empty."""
    return ",".join([literal(value) for value in values]) or "NULL"


def select(columns: str, table: str, where: str, tail: str = "") -> str:
    """A SELECT of finished parts; `table` may hold joins, `tail` an ORDER BY and a lock."""
    return f"SELECT {columns} FROM {table} WHERE {where}{tail}"  # noqa: S608 - finished parts


def packed(dialect: str, columns: str, table: str, where: str, tail: str = "") -> str:
    """A SELECT whose answer `unpack` reads, for the rows a set locks.

    aiomysql takes a row apart in Python, value by value; that was the largest cost of a payment.
    So MariaDB packs all rows into one text. Only integers and plain words may be read this way,
    and no NULL.
    """
    if dialect == "sqlite":
        return select(columns, table, where, tail)
    return select(f"GROUP_CONCAT(CONCAT_WS(',',{columns}) SEPARATOR ';')", table, where, tail)


def unpack(dialect: str, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """The rows of a `packed` SELECT; from MariaDB every value is a text."""
    if dialect == "sqlite":
        return rows
    text = rows[0][0]
    return [line.split(",") for line in text.split(";")] if text else []


def insert(table: str, columns: str, rows: Sequence[str]) -> str:
    """A multi-row INSERT of finished rows."""
    return f"INSERT INTO {table} ({columns}) VALUES {','.join(rows)}"  # noqa: S608 - likewise


def upsert(dialect: str, table: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    """A multi-row write of whole rows by primary key (the first column), new or standing."""
    head = insert(table, ",".join(columns), rows)
    if dialect == "sqlite":
        changes = ",".join(f"{column}=excluded.{column}" for column in columns[1:])
        return f"{head} ON CONFLICT({columns[0]}) DO UPDATE SET {changes}"
    changes = ",".join(f"{column}=VALUES({column})" for column in columns[1:])
    return f"{head} ON DUPLICATE KEY UPDATE {changes}"


def adding(dialect: str, table: str, keys: Iterable[str], sums: Iterable[str]) -> str:
    """The end of an INSERT that adds its sums to the row that stands under its unique keys."""
    if dialect == "sqlite":
        changes = ",".join(f"{name}={table}.{name}+excluded.{name}" for name in sums)
        return f" ON CONFLICT({','.join(keys)}) DO UPDATE SET {changes}"
    changes = ",".join(f"{name}={table}.{name}+VALUES({name})" for name in sums)
    return f" ON DUPLICATE KEY UPDATE {changes}"
