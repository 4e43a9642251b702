"""A process that reconciles a day, settles what it finds, and is killed at a chosen SQL statement.

Both ways to the database count: the ledger's own connection and the tables' queries.
"""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection
from typing import Any, cast

from tortoise.backends.mysql.client import MySQLClient
from tortoise.backends.sqlite.client import SqliteClient

from backend.domain.access import Actor, Audience, Role
from backend.domain.difference import DifferenceState, Way
from backend.tables.bill import DifferenceRow
from backend.tables.bills import Reading
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.usecases.bills.approve_difference import Settling, approve_difference
from backend.usecases.bills.ask_difference import WayAsked, ask_difference
from backend.usecases.bills.reconcile_day import reconcile_day
from campus_code.days import day_number
from tests.faults.posting_driver import Fate, dying_store

FIRST = Actor(Audience.STAFF, 1, "first", Role.FINANCE)
SECOND = Actor(Audience.STAFF, 2, "second", Role.FINANCE)
WAYS = ("execute_insert", "execute_many", "execute_query", "execute_query_dict")


async def a_morning(ledger: Ledger, reading: Reading, at: int) -> None:
    """Reconcile the day, hold what is open, look again; any number of times."""

    def clock() -> float:
        return at

    await reconcile_day(ledger, clock, reading, by="system")
    for row in await DifferenceRow.filter(day_on=day_number(reading.day_on)).order_by("id"):
        if row.state == DifferenceState.OPEN.value:
            await ask_difference(row.id, WayAsked(Way.HOLD, 0, "挂账"), FIRST, at)
        if row.state in {DifferenceState.OPEN.value, DifferenceState.ASKED.value}:
            nobody = cast("Any", None)  # a hold asks nobody outside
            settling = Settling(ledger, clock, nobody, nobody, reading.account)
            await approve_difference(settling, row.id, SECOND)
    await reconcile_day(ledger, clock, reading, by="system")


async def reconcile_and_die(
    url: str, reading: Reading, at: int, fate: Fate, partner: Connection
) -> None:
    """Open both connections, do the morning, say the steps it took at the end."""
    parsed = DatabaseUrl.parse(url)
    await open_tables(parsed)
    for client in (SqliteClient, MySQLClient):
        for name in WAYS:
            setattr(client, name, _mortal(getattr(client, name), fate))
    ledger = Ledger(dying_store(parsed, fate), lambda: at, "dying")
    await ledger.open()
    await a_morning(ledger, reading, at)
    partner.send(fate.steps)
    await ledger.close()
    await close_tables()


def _mortal(method: Any, fate: Fate) -> Any:
    async def run(*args: Any, **named: Any) -> Any:
        fate.meet()
        return await method(*args, **named)

    return run


def main(url: str, reading: Reading, at: int, fate: Fate, partner: Connection) -> None:
    """What the child process runs."""
    asyncio.run(reconcile_and_die(url, reading, at, fate, partner))
