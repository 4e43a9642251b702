"""Killed at every statement of a morning, and begun again: everything is booked once.

Each round is a day of its own: a payment we heard of, one we did not, and one that nobody ordered.
The process that reconciles it dies at a chosen statement; another does the same from the start.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from itertools import count

import pytest

from backend.tables.bill import BillDayRow, DifferenceRow, ProofRow
from backend.tables.payment import SuspenseRow
from tests.faults.billing_driver import a_morning, main
from tests.faults.posting_driver import Fate
from tests.rig.billing import Billing, stranger

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.billing_driver"])
STATEMENTS_MIN = 60
"""Fewer steps than this would mean that the sweep has stopped sweeping."""
STRIDES = {"sqlite": 1, "mysql": 4}
HEARD, SILENT, STRANGE = 500, 30, 7
TRANSIT, SUSPENSE = 3, 13


async def die_at(billing: Billing, fate: Fate) -> int:
    """Let a child do the morning; its steps if it lived, else 0."""
    day_on = billing.today
    await billing.paid(HEARD)
    await billing.paid(SILENT, hear=False)
    stranger(billing, STRANGE, f"shop-{fate.at:06}")
    await billing.morning_after(day_on)
    await billing.fetch(day_on)
    reading, ours_theirs = billing.reading(day_on), FORKS.Pipe(duplex=False)
    ours, theirs = ours_theirs
    child = FORKS.Process(
        target=main, args=(billing.paying.url, reading, billing.paying.at, fate, theirs)
    )
    child.start()
    theirs.close()
    await asyncio.to_thread(child.join)
    steps = ours.recv() if child.exitcode == 0 else 0
    ours.close()
    assert child.exitcode == (0 if steps else -9)
    await a_morning(billing.ledger, reading, billing.paying.at)
    return int(steps)


@pytest.mark.timeout(420)
async def test_killed_before_every_statement(billing: Billing) -> None:
    stride, steps = STRIDES[billing.ledger.dialect], 0
    for days, at in enumerate(count(1, stride), 1):
        steps = await die_at(billing, Fate(at))
        balances = billing.balances()
        assert (balances[TRANSIT], balances[SUSPENSE]) == (0, days * STRANGE), at
        assert await SuspenseRow.all().count() == days, at
        assert await ProofRow.all().count() == 3 * days, at
        if steps:
            break
    assert steps > STATEMENTS_MIN
    assert await DifferenceRow.exclude(state__in=["held", "settled"]).count() == 0
    proven = [row.proven_fen for row in await BillDayRow.all()]
    assert set(proven) == {HEARD + SILENT + STRANGE}
