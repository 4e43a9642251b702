"""A process that credits one top-up and is killed at a chosen SQL statement."""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection

from backend.domain.wechat_pay import PaymentTold
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.top_ups import ProvenBy, apply_told
from tests.faults.posting_driver import Fate, dying_store
from tests.rig.campus import NOON


async def credit_and_die(
    url: str, told: PaymentTold, proven_by: ProvenBy, fate: Fate, partner: Connection
) -> None:
    """Open a lane, apply what was told, answer 204; say the steps it took at the end."""
    ledger = Ledger(dying_store(DatabaseUrl.parse(url), fate), lambda: NOON, "dying")
    await ledger.open()
    applied = await apply_told(ledger, lambda: NOON, told, proven_by)
    fate.meet()  # committed, not yet answered
    partner.send(applied.is_taken)
    await ledger.close()
    partner.send(fate.steps)


def main(url: str, told: PaymentTold, proven_by: ProvenBy, fate: Fate, partner: Connection) -> None:
    """What the child process runs."""
    asyncio.run(credit_and_die(url, told, proven_by, fate, partner))
