"""One set, one transaction: read the rows it touches, decide, write them, commit.

Both engines do the same in as few trips as they can. On MariaDB the reads are one round trip and
the writes with the COMMIT another. On SQLite everything is one hop to the connection's thread.
The decision between is pure Python; it sees the rows while they are locked.

Statements arrive here as finished text: they are made of integers and of words this project
itself chose (`sql.quoted` refuses anything else), never of what somebody typed.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import aiomysql
import pymysql
from pymysql.constants import CLIENT

from backend.tables.database import SQLITE_BUSY_SECONDS, DatabaseUrl

LOCKS = {"sqlite": "", "mysql": " FOR UPDATE"}
"""The words that make a SELECT lock what it reads; SQLite locks the whole file anyway."""
PACKED_BYTES_MAX = 16 * 1024 * 1024
"""What `sql.packed` may answer; a set of 200 needs some 30 kB."""
TRIES_MAX = 20
"""How often a set is tried when the database asks for it (deadlock, lock wait, changed row)."""
RETRY_PAUSE_SECONDS = 0.005
RECONNECT_SECONDS_MAX = 10.0
"""How long a set waits for a lost database before its members are told to try elsewhere."""
RECONNECT_PAUSE_SECONDS = 0.05
ANSWER_SECONDS_MAX = 8.0
"""A set that MariaDB has not answered by then counts as a lost connection: a cable that swallows
everything would otherwise stop this process for ever. The longest set takes far less."""
ASKS_FOR_RETRY = frozenset({1213, 1205, 1020, 1062})
"""Deadlock, lock wait timeout, record changed, and a natural key somebody else wrote first: in
each case nothing was committed and a second read sees what is there now."""

SQLITE_TRIES_MAX = 3
"""SQLite lets one writer in at a time: a key taken twice will not be free the third time."""
SQLITE_TAKEN = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})

Rows: TypeAlias = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Further:
    """A decision that has to see more first; the answers are appended to the rows it had."""

    reads: tuple[str, ...]


Decide: TypeAlias = Callable[[list[Rows]], Sequence[str] | Further]
"""From the rows of every read, in order, to the statements to write, or to what is still missing.

Called anew, with the rows of the first reads only, whenever the set is tried again.
"""

LOST = frozenset({0, 1047, 1053, 2003, 2006, 2013, 2014})
"""The connection is gone or the node is no longer fit: whether the set stands is unknown."""

_log = logging.getLogger("xiaoma.store")
_Result = TypeVar("_Result")


class StoreUnavailableError(Exception):
    """The database could not be reached in time; whether the set stands is unknown."""


class StoreRefusedError(Exception):
    """The database refused the set (a constraint, a bad statement); nothing of it stands."""


class Store(ABC):
    """A connection of its own for posting; sets follow one another on it."""

    dialect: str

    @abstractmethod
    async def open(self) -> None:
        """Connect."""

    @abstractmethod
    async def close(self) -> None:
        """Disconnect; a set in flight has ended before."""

    @property
    def lock(self) -> str:
        """The words that make a SELECT lock what it reads; SQLite locks the whole file anyway."""
        return LOCKS[self.dialect]

    @abstractmethod
    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """Run SELECTs outside any transaction; StoreUnavailableError when nobody answers."""

    @abstractmethod
    async def transact(self, reads: Sequence[str], decide: Decide) -> None:
        """Run one set: reads, decision, writes, commit.

        Returns only after a durable commit. `decide` may be called again for the same set, with
        fresh rows, when the first try came to nothing or its fate is unknown.

        Raises:
            StoreUnavailableError: after the named bounds; the caller may post the same set again.
            StoreRefusedError: the set as a whole cannot stand; a set of one names the culprit.

        """


class SqliteStore(Store):
    """SQLite through one thread: one hop a set, whatever its size."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        """Remember where the file is."""
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file: WAL, and every commit on disk before it returns."""
        await self._hop(self._connect)

    def _connect(self) -> None:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=SQLITE_BUSY_SECONDS, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        self._connection = connection

    async def close(self) -> None:
        """Close the file and end the thread."""
        if self._connection is not None:
            await self._hop(self._connection.close)
            self._connection = None
        self._thread.shutdown()

    async def _hop(self, call: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """See `Store.read`."""
        return await self._hop(lambda: self._read(reads))

    def _read(self, reads: Sequence[str]) -> list[Rows]:
        return [self._run(read) for read in reads]

    def _run(self, statement: str) -> Rows:
        return self._opened().execute(statement).fetchall()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            message = "the store is not open"
            raise StoreUnavailableError(message)
        return self._connection

    async def transact(self, reads: Sequence[str], decide: Decide) -> None:
        """See `Store.transact`."""
        try:
            await self._hop(lambda: self._persist(reads, decide))
        except sqlite3.IntegrityError as error:
            raise StoreRefusedError(str(error)) from error
        except sqlite3.OperationalError as error:
            message = f"SQLite cannot take the set: {error}"
            raise StoreUnavailableError(message) from error

    def _persist(self, reads: Sequence[str], decide: Decide) -> None:
        """Try again when a natural key was taken: the next try will look for it."""
        for tries in range(1, SQLITE_TRIES_MAX + 1):
            try:
                self._transact(reads, decide)
            except sqlite3.IntegrityError as error:
                if error.sqlite_errorname not in SQLITE_TAKEN or tries == SQLITE_TRIES_MAX:
                    raise
            else:
                return

    def _transact(self, reads: Sequence[str], decide: Decide) -> None:
        connection = self._opened()
        self._run("BEGIN IMMEDIATE")
        try:
            rows = self._read(reads)
            while isinstance(writes := decide(rows), Further):
                rows += self._read(writes.reads)
            for write in (*writes, "COMMIT"):
                self._run(write)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


class MariaStore(Store):
    """MariaDB or MySQL through one aiomysql connection: two round trips a set."""

    dialect = "mysql"

    def __init__(self, url: DatabaseUrl) -> None:
        """Remember where the server is."""
        self._url = url
        self._connection: aiomysql.Connection | None = None

    async def open(self) -> None:
        """Connect; READ COMMITTED, so that a read after the locks sees all that was committed."""
        url = self._url
        connection = aiomysql.Connection(
            host=url.host,
            port=url.port,
            user=url.login,
            password=url.password,
            db=url.name,
            unix_socket=url.socket or None,
            charset="utf8mb4",
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
            init_command=(
                "SET SESSION tx_isolation='READ-COMMITTED',"
                f" SESSION group_concat_max_len={PACKED_BYTES_MAX}"
            ),
        )
        try:  # aiomysql.connect does these two steps too, but leaks the socket when cancelled
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                await connection._connect()  # noqa: SLF001
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    async def close(self) -> None:
        """Say goodbye to the server."""
        if self._connection is not None:
            await self._connection.ensure_closed()
            self._connection = None

    async def transact(self, reads: Sequence[str], decide: Decide) -> None:
        """See `Store.transact`. A lost connection leaves the fate unknown: the set goes again."""
        await self._persist(lambda: self._transact_in_time(reads, decide))

    async def read(self, reads: Sequence[str]) -> list[Rows]:
        """See `Store.read`."""
        return await self._persist(lambda: self._read(reads))

    async def _persist(self, call: Callable[[], Awaitable[_Result]]) -> _Result:
        """Call until it answers, within the named bounds."""
        tries = 0
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + RECONNECT_SECONDS_MAX
        while True:
            try:
                if self._connection is None:
                    await self.open()
                return await call()
            except (pymysql.err.MySQLError, OSError, asyncio.IncompleteReadError) as error:
                number = _error_number(error)
                if number in ASKS_FOR_RETRY and tries < TRIES_MAX:
                    tries += 1
                    await self._rollback()
                    await asyncio.sleep(RETRY_PAUSE_SECONDS * tries)
                elif number not in LOST:
                    await self._rollback()
                    message = f"refused after {tries + 1} tries: {error}"
                    raise StoreRefusedError(message) from error
                elif loop.time() >= give_up_at:
                    message = f"the database cannot be reached: {error}"
                    raise StoreUnavailableError(message) from error
                else:
                    await self._forget(error)
            except BaseException:
                await self._rollback()
                raise

    async def _forget(self, error: BaseException) -> None:
        _log.warning("lost the database, the same set goes again: %s", type(error).__name__)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        await asyncio.sleep(RECONNECT_PAUSE_SECONDS)

    async def _rollback(self) -> None:
        """Give the locks back; a connection that cannot is dropped, which does the same."""
        connection = self._connection
        if connection is None:
            return
        try:
            await connection.rollback()
        except (pymysql.err.MySQLError, OSError, RuntimeError) as error:
            _log.warning("rollback failed, dropping the connection: %s", type(error).__name__)
            connection.close()
            self._connection = None

    def _opened(self) -> aiomysql.Connection:
        if self._connection is None:
            message = "the store is not open"
            raise StoreUnavailableError(message)
        return self._connection

    async def _read(self, reads: Sequence[str]) -> list[Rows]:
        async with self._opened().cursor() as cursor:
            await cursor.execute(";".join(reads))
            rows: list[Rows] = [await cursor.fetchall()]
            while await cursor.nextset():
                rows.append(await cursor.fetchall())
        return rows

    async def _transact_in_time(self, reads: Sequence[str], decide: Decide) -> None:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await self._transact(reads, decide)

    async def _transact(self, reads: Sequence[str], decide: Decide) -> None:
        _, *rows = await self._read(("BEGIN", *reads))
        while isinstance(writes := decide(rows), Further):
            rows += await self._read(writes.reads)
        await self._write((*writes, "COMMIT"))

    async def _write(self, writes: Sequence[str]) -> None:
        async with self._opened().cursor() as cursor:
            await cursor.execute(";".join(writes))
            while await cursor.nextset():
                pass


def _error_number(error: BaseException) -> int:
    """MariaDB's error number; 0 for a connection that broke without saying one."""
    if isinstance(error, pymysql.err.InterfaceError):
        return 0
    if isinstance(error, pymysql.err.MySQLError) and error.args and isinstance(error.args[0], int):
        return error.args[0]
    return 0


def make_store(url: DatabaseUrl) -> Store:
    """The store of a database URL's engine; not yet open."""
    return SqliteStore(url.path) if url.engine == "sqlite" else MariaStore(url)
