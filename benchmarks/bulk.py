"""The plainest fast way to write rows: multi-row INSERTs, one commit for 500 payments."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from backend.tables import sql
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import ACCOUNT_COLUMNS, COVERED, TALLY_COLUMNS
from backend.tables.store import Rows, Store, make_store
from benchmarks.figures import CpuClock

SET_RECORDS = 500
"""Payments of one commit."""


class BulkInsert:
    """The rows of the newest payments once more, by the plainest fast means there is."""

    def __init__(self, url: DatabaseUrl, cpu: CpuClock) -> None:
        self._url = url
        self._cpu = cpu
        self.cpu_seconds = 0.0

    async def insert(self, rows: int) -> float:
        """Payments per second, into empty copies of the tables; `cpu_seconds` says at what cost."""
        store = make_store(self._url)
        await store.open()
        try:
            texts = await self._texts(store, rows)
            await copy_tables(store, ("payment", "posting"))
            self._cpu.restart()
            began = time.perf_counter()
            for start in range(0, rows, SET_RECORDS):
                statements = [
                    sql.insert(f"bulk_{table}", COVERED[table], made[start : start + SET_RECORDS])
                    for table, made in texts.items()
                ]
                await store.transact([], lambda _rows, made=statements: made)  # type: ignore[misc]
            seconds = time.perf_counter() - began
            self.cpu_seconds = sum(self._cpu.spent())
            return rows / seconds
        finally:
            await store.close()

    @staticmethod
    async def _texts(store: Store, rows: int) -> dict[str, list[str]]:
        newest = f"ORDER BY posted_at DESC, id DESC LIMIT {rows}"
        found = await store.read([f"SELECT {COVERED['payment']} FROM payment {newest}"])
        payments: list[Any] = list(found[0])
        ids = {row[0] for row in payments}
        wanted = f"kind='payment' AND id>={min(ids)}"
        (postings,) = await store.read([sql.select(COVERED["posting"], "posting", wanted)])
        legs: list[Any] = [row for row in postings if row[0] in ids]
        assert len(payments) == len(legs) == rows
        return {
            "payment": [sql.row(row) for row in sorted(payments)],
            "posting": [sql.row(row) for row in sorted(legs)],
        }

    async def upsert_purses(self, holders: int) -> float:
        """Holders per second: the newest payers' purses and tallies, into copies that stand at 0.

        A set writes these rows too. A bulk write of all it writes takes this long in addition.
        """
        store = make_store(self._url)
        await store.open()
        try:
            accounts, tallies = await self._purses(store, holders)
            made = [
                [
                    sql.upsert(store.dialect, "bulk_account", ACCOUNT_COLUMNS, _part(accounts, at)),
                    sql.upsert(store.dialect, "bulk_tally", TALLY_COLUMNS, _part(tallies, at)),
                ]
                for at in range(0, holders, SET_RECORDS)
            ]
            began = time.perf_counter()
            for statements in made:
                await store.transact([], lambda _rows, made=statements: made)  # type: ignore[misc]
            return holders / (time.perf_counter() - began)
        finally:
            await store.close()

    @staticmethod
    async def _purses(store: Store, holders: int) -> tuple[Rows, Rows]:
        newest = f"ORDER BY posted_at DESC, id DESC LIMIT {holders}"
        (payers,) = await store.read([f"SELECT holder_id FROM payment {newest}"])
        theirs = f"holder_id IN ({sql.numbers(sorted({row[0] for row in payers}))})"
        purses = f"{theirs} AND purse='cash'"
        accounts, tallies = await store.read(
            [
                sql.select(",".join(ACCOUNT_COLUMNS), "account", purses, " ORDER BY id"),
                sql.select(",".join(TALLY_COLUMNS), "tally", theirs),
            ]
        )
        assert len(accounts) == len(tallies) == holders
        await copy_tables(store, ("account", "tally"))
        for change in (
            f"INSERT INTO bulk_account SELECT * FROM account WHERE {purses}",
            f"INSERT INTO bulk_tally SELECT * FROM tally WHERE {theirs}",
            "UPDATE bulk_account SET balance_fen=0",
            "UPDATE bulk_tally SET day_fen=0, last_at=0",
        ):
            await run(store, change)
        return accounts, tallies


async def copy_tables(store: Store, tables: Sequence[str]) -> None:
    """Empty copies `bulk_…` of tables, with the same columns and indexes."""
    for table in tables:
        await run(store, f"DROP TABLE IF EXISTS bulk_{table}")
        if store.dialect == "mysql":
            await run(store, f"CREATE TABLE bulk_{table} LIKE {table}")
            continue
        named = f"type IN ('table','index') AND tbl_name='{table}' AND sql IS NOT NULL"
        (found,) = await store.read(
            [sql.select("sql", "sqlite_master", named, " ORDER BY type DESC")]
        )
        for (ddl,) in found:
            await run(store, _renamed(ddl, table))


async def run(store: Store, statement: str) -> None:
    """One statement, in a transaction of its own."""
    await store.transact([], lambda _rows: [statement])


def _part(rows: Rows, start: int) -> list[str]:
    return [sql.row(row) for row in rows[start : start + SET_RECORDS]]


def _renamed(ddl: str, table: str) -> str:
    """SQLite's own CREATE of a table or index, for the copy."""
    # Tortoise quotes names, a migration of ours does not
    renamed = re.sub(rf'(TABLE|ON) "?{table}"?(?=[ (])', rf'\1 "bulk_{table}"', ddl, count=1)
    renamed = re.sub(r'INDEX (["`]?)', r"INDEX \1bulk_", renamed, count=1)
    assert f"bulk_{table}" in renamed, ddl
    return renamed
