"""A posting process that is killed at a chosen SQL statement; the parent hears what it answered.

Its stores send the very statements of the real ones, one by one, so that there is a place to die
before each of them. On MariaDB it may also die with a statement sent and its answer unread.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from pymysql.constants import COMMAND

from backend.domain.payment import Attempt, Outcome
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import MariaStore, Rows, SqliteStore, Store
from backend.usecases.payments.post_payments import post_payments
from tests.rig.campus import NOON, make_rules

Answer = tuple[int, int, str, int, int]
"""(terminal, sequence, word, payment id, charged fen) of one answered attempt."""


@dataclass
class Fate:
    """Dies before step `at`, counted from 1; with `is_sent` right after sending it instead."""

    at: int
    is_sent: bool = False
    steps: int = 0

    def is_due(self) -> bool:
        """Count a step."""
        self.steps += 1
        return self.steps == self.at

    def meet(self) -> None:
        """Count a step, and die if it is the one."""
        if self.is_due():
            self.die()

    @staticmethod
    def die() -> None:
        """SIGKILL: no handler, no flush, no goodbye."""
        os.kill(os.getpid(), signal.SIGKILL)


class DyingSqliteStore(SqliteStore):
    """One statement, one place to die."""

    def __init__(self, path: str, fate: Fate) -> None:
        super().__init__(path)
        self._fate = fate

    def _run(self, statement: str) -> Rows:
        self._fate.meet()
        return super()._run(statement)


class DyingMariaStore(MariaStore):
    """One statement, one place to die."""

    def __init__(self, url: DatabaseUrl, fate: Fate) -> None:
        super().__init__(url)
        self._fate = fate

    async def _run(self, statement: str) -> Rows:
        if self._fate.is_due():
            if self._fate.is_sent:
                await self._opened()._execute_command(COMMAND.COM_QUERY, statement)
                await self._opened()._writer.drain()
            self._fate.die()
        async with self._opened().cursor() as cursor:
            await cursor.execute(statement)
            rows: Rows = await cursor.fetchall()
            return rows

    async def _read(self, reads: Sequence[str]) -> list[Rows]:
        return [await self._run(read) for read in reads]

    async def _write(self, writes: Sequence[str]) -> None:
        for write in writes:
            await self._run(write)


def dying_store(url: DatabaseUrl, fate: Fate) -> Store:
    """The store of an engine that dies at its fate."""
    if url.engine == "sqlite":
        return DyingSqliteStore(url.path, fate)
    return DyingMariaStore(url, fate)


def answers(attempts: Sequence[Attempt], outcomes: Sequence[Outcome]) -> list[Answer]:
    """What a till would show for each attempt."""
    return [
        (one.terminal_id, one.sequence, told.word.value, told.payment_id, told.amounts.charged_fen)
        for one, told in zip(attempts, outcomes, strict=True)
    ]


async def post_and_die(url: str, attempts: Sequence[Attempt], fate: Fate, till: Connection) -> None:
    """Open a lane, post the set, tell the till; say the steps it took at the end."""
    ledger = Ledger(dying_store(DatabaseUrl.parse(url), fate), lambda: NOON, "dying")
    await ledger.open()
    outcomes = await post_payments(ledger, make_rules(), lambda: NOON, attempts)
    fate.meet()  # committed, not yet answered
    till.send(answers(attempts, outcomes))
    await ledger.close()
    till.send(fate.steps)


def main(url: str, attempts: Sequence[Attempt], fate: Fate, till: Connection) -> None:
    """What the child process runs."""
    asyncio.run(post_and_die(url, attempts, fate, till))
