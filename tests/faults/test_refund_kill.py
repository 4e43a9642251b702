"""kill -9 at every SQL statement that books a refund: it is booked once, or not at all."""

from __future__ import annotations

import asyncio
import multiprocessing
from itertools import count

import pytest

from backend.tables.top_up import LotReturnRow, RefundRow
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.refunds.approve_refund import approve_refund
from tests.faults.posting_driver import Fate
from tests.faults.refund_driver import main
from tests.rig.campus import Campus
from tests.rig.raw_books import assert_sound
from tests.rig.refunding import OTHER, asked, left_of, top_up

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.refund_driver"])
STATEMENTS_MIN = 12
"""Fewer steps than this would mean that the sweep has stopped sweeping."""


async def _killed(url: str, refund_id: int, at: int) -> int:
    """Approve in a child that dies at a step; the steps it took if it did not."""
    ours, theirs = FORKS.Pipe(duplex=False)
    child = FORKS.Process(target=main, args=(url, refund_id, Fate(at), theirs))
    child.start()
    theirs.close()
    await asyncio.to_thread(child.join)
    steps = 0
    try:
        steps = int(ours.recv())
    except EOFError:
        assert child.exitcode == -9
    ours.close()
    return steps


@pytest.mark.timeout(300)
async def test_killed_before_every_statement(campus: Campus, migrated_url: str) -> None:
    for at in count(1):
        holder = await campus.holder(0)
        lot = await top_up(campus, holder, 1_000)
        row = await asked(campus, lot, 400)
        steps = await _killed(migrated_url, row.id, at)
        row = await RefundRow.get(id=row.id)
        assert (await campus.balance(holder), row.state) in [(1_000, "asked"), (600, "booked")]
        await approve_refund(campus.ledger, campus.clock, row.id, OTHER)
        assert (await campus.balance(holder), await left_of(campus, lot)) == (600, 600)
        assert await LotReturnRow.filter(lot_id=lot.id).count() == 1
        if steps:
            break
    assert at > STATEMENTS_MIN
    assert_sound(migrated_url, campus.sent)
    assert (await verify_ledger(campus.ledger)).findings == []
