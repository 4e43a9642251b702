"""kill -9 of a posting process at every SQL statement of a set: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import multiprocessing
from itertools import count
from typing import Any

import pytest

from backend.domain.accounts import purse_account
from backend.domain.payment import Attempt
from backend.usecases.ledger.verify_ledger import verify_ledger
from campus_code import Refusal
from tests.faults.posting_driver import Answer, Fate, main
from tests.rig.campus import NOON, Campus
from tests.rig.journal import Journal
from tests.rig.raw_books import RawBooks, assert_sound

FORKS = multiprocessing.get_context("forkserver")  # imports once, then forks in milliseconds
FORKS.set_forkserver_preload(["tests.faults.posting_driver"])
SHOWN = {"posted", "disputed", "suspense"}
STATEMENTS_MIN = 28
READS = 15
"""Fewer steps than this would mean that the sweep has stopped sweeping. The first READS of them
change nothing but the new lane, so an answer to them that nobody reads cannot matter."""


async def _set(campus: Campus) -> list[Attempt]:
    """Everything a set can do, by people and tills of its own; its first member stands already."""
    till, journal = await campus.terminal(), Journal(campus, await campus.terminal("Rice"))
    rich, poor = await campus.holder(20_000, 300), await campus.holder(200)
    first = campus.tap(till, rich, 1250)
    online = [first, campus.tap(till, poor, 5000, step=5), campus.tap(till, poor, 100, step=6)]
    journal.pay(rich, 900)  # the same code as `first`: disputed
    journal.pay(poor, 700, step=7)  # more than the purse holds: suspense
    journal.pay(rich, 400, step=8, fault=Refusal.WRONG_CODE)
    journal.pay(rich, 300, step=9, at=NOON + 4000)  # from the future: quarantine
    journal.undo(2)
    await campus.post(first)
    undo = campus.undo(till, first.sequence)
    return [*online, *journal.records, undo, campus.tap(till, rich, 60, step=10)]


async def _run(url: str, attempts: list[Attempt], fate: Fate) -> tuple[list[Answer], int]:
    """What the child answered before it died, and the steps it took if it did not."""
    ours, theirs = FORKS.Pipe(duplex=False)
    child = FORKS.Process(target=main, args=(url, attempts, fate, theirs))
    child.start()
    theirs.close()
    await asyncio.to_thread(child.join)
    heard: list[Any] = []
    while ours.poll():
        try:
            heard.append(ours.recv())
        except EOFError:
            break
    ours.close()
    steps = heard.pop() if heard and isinstance(heard[-1], int) else 0
    assert child.exitcode == (0 if steps else -9)
    return [answer for told in heard for answer in told], steps


def _assert_done_once(campus: Campus, books: RawBooks, attempts: list[Attempt]) -> None:
    """Whatever died, the set posted again leaves what the set posted once would have left."""
    tills = (attempts[0].terminal_id, attempts[3].terminal_id)
    paid = [[row[5] for row in books.payments if row[1] == till] for till in tills]
    assert [sorted(one) for one in paid] == [[60, 100, 1250], [400, 700, 900]]
    assert sum(row[1] in tills for row in books.reversals) == 2
    assert sum(row[0] in tills for row in books.quarantine) == 1
    rich, poor = (purse_account(holder, "cash") for holder in list(campus.cards)[-2:])
    assert (books.balances[rich], books.balances[rich + 1], books.balances[poor]) == (
        20_000,
        240,
        100,
    )


async def _sweep(campus: Campus, url: str, first: int = 1, *, is_sent: bool = False) -> int:
    """Kill at step `first`, the next … until nothing is left to kill; answers the last one."""
    for at in count(first):
        attempts = await _set(campus)
        told, steps = await _run(url, attempts, Fate(at, is_sent))
        await campus.post(*attempts)
        books = assert_sound(url, campus.sent)
        for terminal, sequence, word, payment_id, charged_fen in told:
            if word in SHOWN:
                row = books.payment(terminal, sequence)
                assert (row[0], row[5]) == (payment_id, charged_fen), f"lost, killed at step {at}"
        _assert_done_once(campus, books, attempts)
        if steps:
            break
    assert (await verify_ledger(campus.ledger)).findings == []
    return at - 1


@pytest.mark.timeout(180)
async def test_killed_before_every_statement(campus: Campus, migrated_url: str) -> None:
    assert await _sweep(campus, migrated_url) > STATEMENTS_MIN


@pytest.mark.timeout(180)
@pytest.mark.parametrize("migrated_url", ["mariadb"], indirect=True)
async def test_killed_with_every_statement_sent_and_unanswered(
    campus: Campus, migrated_url: str
) -> None:
    """SQLite has no such moment: its statements run inside the process that dies."""
    assert await _sweep(campus, migrated_url, READS, is_sent=True) > STATEMENTS_MIN
