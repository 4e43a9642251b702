"""The whole notification schedule, a hundred in parallel, a crash at every statement: one credit.

The notice is told as often as the schedule tells it. Whoever takes the first one dies at a chosen
statement of the crediting; every later one comes on many connections at once, from several
processes' ledgers, as notice and as query.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest

from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.domain.wechat_pay import PaymentTold, TradeState
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.tables.top_up import TopUpRow
from backend.tables.top_ups import Outcome, ProvenBy, apply_told
from backend.tables.wechat import WechatRow
from backend.usecases.ledger.verify_ledger import verify_ledger
from simulators.wechat_pay.notices import RETRY_SECONDS
from tests.faults.crediting_driver import main
from tests.faults.posting_driver import Fate
from tests.rig.campus import NOON, Campus
from tests.rig.raw_books import assert_sound

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.crediting_driver"])
LEDGERS = 4
PARALLEL = 100
STATEMENTS_MIN = 12
"""Fewer steps than this would mean that the sweep has stopped sweeping."""
FEN = 5_000
READS = 4
"""The first steps change nothing but the new lane."""

_numbers = count(1)


def told_of(number: str, openid: str = "o-killed") -> PaymentTold:
    """A paid order, as a notice and a query tell it."""
    return PaymentTold(
        app_id="wx1", mchid="1900000109", out_trade_no=number, trade_state=TradeState.SUCCESS,
        transaction_id=f"42{number}", trade_type="JSAPI", openid=openid, total_fen=FEN,
        payer_total_fen=FEN, currency="CNY", success_at=NOON,
    )  # fmt: skip


async def new_order(holder_id: int, openid: str = "o-killed") -> PaymentTold:
    """An order of ours, and what WeChat Pay will tell of it."""
    number = f"tu{next(_numbers):026}"
    wechat, _ = await WechatRow.get_or_create(
        openid_hash=token_hash(openid),
        defaults={"sealed_openid": "x", "first_seen_at": utc(NOON)},
    )
    await TopUpRow.create(
        out_trade_no=number, request_key=number, holder_id=holder_id, payer="student:1",
        wechat_id=wechat.id, app_id="wx1", mchid="1900000109", amount_fen=FEN, state="pending",
        started_at=NOON, expires_at=NOON + 1800, due_at=NOON + 20,
    )  # fmt: skip
    return told_of(number, openid)


async def die_at(url: str, told: PaymentTold, fate: Fate) -> tuple[bool, int]:
    """Whether the child answered that it is taken, and its steps if it lived."""
    ours, theirs = FORKS.Pipe(duplex=False)
    child = FORKS.Process(target=main, args=(url, told, "notice", fate, theirs))
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
    steps = heard[-1] if len(heard) > 1 else 0
    assert child.exitcode == (0 if steps else -9)
    return bool(heard), steps


@asynccontextmanager
async def many_ledgers(url: str) -> AsyncIterator[list[Ledger]]:
    """As many processes' hands on the books."""
    made = [
        Ledger(make_store(DatabaseUrl.parse(url)), lambda: NOON, f"hand{n}") for n in range(LEDGERS)
    ]
    for ledger in made:
        await ledger.open()
    try:
        yield made
    finally:
        for ledger in made:
            await ledger.close()


async def storm(ledgers: list[Ledger], told: PaymentTold, times: int) -> Counter[Outcome]:
    """So many at once, over all ledgers; every other one is a query's."""

    async def one(number: int) -> Outcome:
        proven_by: ProvenBy = "query" if number % 2 else "notice"
        ledger = ledgers[number % len(ledgers)]
        return (await apply_told(ledger, lambda: NOON, told, proven_by)).outcome

    return Counter(await asyncio.gather(*(one(number) for number in range(times))))


async def _sweep(campus: Campus, url: str, first: int = 1, *, is_sent: bool = False) -> int:
    """Kill at step `first`, the next … until nothing is left to kill; answers the last one."""
    till = await campus.holder()
    paid = 0
    async with many_ledgers(url) as ledgers:
        for at in count(first):
            told = await new_order(till)
            was_answered, steps = await die_at(url, told, Fate(at, is_sent))
            outcomes: Counter[Outcome] = Counter()
            for _ in RETRY_SECONDS:
                outcomes += await storm(ledgers, told, PARALLEL // len(RETRY_SECONDS) + 1)
            assert outcomes.total() >= PARALLEL
            paid += FEN
            assert set(outcomes) <= {Outcome.CREDITED, Outcome.REPEATED}
            assert outcomes[Outcome.CREDITED] <= (0 if was_answered else 1), at
            books = assert_sound(url, campus.sent)
            assert len(books.lots) * FEN == paid, f"killed at step {at}"
            row = await TopUpRow.get(out_trade_no=told.out_trade_no)
            assert (row.state, row.due_at) == ("paid", 0)
            assert row.entry_id in {lot[0] for lot in books.lots}
            if steps:
                break
    assert (await verify_ledger(campus.ledger)).findings == []
    return at - 1


@pytest.mark.timeout(240)
async def test_killed_before_every_statement(campus: Campus, migrated_url: str) -> None:
    assert await _sweep(campus, migrated_url) > STATEMENTS_MIN


@pytest.mark.timeout(240)
@pytest.mark.parametrize("migrated_url", ["mariadb"], indirect=True)
async def test_killed_with_every_statement_sent_and_unanswered(
    campus: Campus, migrated_url: str
) -> None:
    """SQLite has no such moment: its statements run inside the process that dies."""
    assert await _sweep(campus, migrated_url, READS, is_sent=True) > STATEMENTS_MIN


async def test_two_orders_told_under_one_transaction_at_once(
    campus: Campus, migrated_url: str
) -> None:
    """The unique index, not the order of arrival, keeps one payment from crediting two orders."""
    holder_id = await campus.holder()
    first, second = await new_order(holder_id), await new_order(holder_id)
    same = {"transaction_id": "4200one"}
    both = [
        PaymentTold(**{name: getattr(one, name) for name in one.__slots__} | same)
        for one in (first, second)
    ]
    async with many_ledgers(migrated_url) as ledgers:
        outcomes = await asyncio.gather(
            *(storm([ledger], both[n % 2], 10) for n, ledger in enumerate(ledgers))
        )
    assert sum(one[Outcome.CREDITED] for one in outcomes) == 1
    books = assert_sound(migrated_url, campus.sent)
    assert len(books.lots) == 1
    states = sorted(row[4] for row in books.top_ups)
    assert states == ["held", "paid"]
