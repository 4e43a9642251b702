"""A process that approves a refund and is killed at a chosen SQL statement of the posting."""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection

from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.usecases.refunds.approve_refund import approve_refund
from tests.faults.posting_driver import Fate, dying_store
from tests.rig.campus import NOON
from tests.rig.refunding import OTHER


async def approve_and_die(url: str, refund_id: int, fate: Fate, parent: Connection) -> None:
    """Open a lane and approve; say the steps it took at the end."""
    parsed = DatabaseUrl.parse(url)
    await open_tables(parsed)
    ledger = Ledger(dying_store(parsed, fate), lambda: NOON, "dying")
    await ledger.open()
    await approve_refund(ledger, lambda: NOON, refund_id, OTHER)
    parent.send(fate.steps)
    await ledger.close()
    await close_tables()


def main(url: str, refund_id: int, fate: Fate, parent: Connection) -> None:
    """What the child process runs."""
    asyncio.run(approve_and_die(url, refund_id, fate, parent))
