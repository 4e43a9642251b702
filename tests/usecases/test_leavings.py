"""Leaving: who may, what goes where, and that one tap takes each lot once."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import Any

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.errors import ConflictError, ForbiddenError, InvalidInputError
from backend.domain.wechat_pay import RefundStatus
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from backend.tables.leaving import LeavingHolderRow, LeavingRow
from backend.tables.ledger import Ledger
from backend.tables.lots import lots_of, lots_passing
from backend.tables.payment import DisputeRow
from backend.tables.store import make_store
from backend.tables.top_up import RefundRow
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.leavings.ask_leaving import LeavingAsked, ask_leaving
from backend.usecases.leavings.decide_leaving import decide_leaving
from backend.usecases.leavings.end_leaving import end_leaving
from backend.usecases.leavings.leave import leave
from backend.usecases.leavings.read_leaving import read_leaving
from backend.usecases.ledger.credit_by_hand import CreditAsked, credit_by_hand
from tests.rig.campus import Campus
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.refunding import CLERK, DAY, OTHER, booked, leaving_for, purse_of, tell, top_up

_taps = itertools.count(1)


async def leaver(holder_id: int) -> Actor:
    card = await CardRow.get(holder_id=holder_id)
    return Actor(Audience.STUDENT, card.id, "student", card_id=card.id, holder_id=holder_id)


async def tap(campus: Campus, holder_id: int, key: str = "", ledger: Ledger | None = None) -> int:
    """The holder taps; how many fen are on their way by it."""
    key, actor = key or f"tap-{next(_taps):06}", await leaver(holder_id)
    return await leave(ledger or campus.ledger, campus.clock, os.urandom, key, actor)


async def cash(campus: Campus, holder_id: int, fen: int) -> None:
    asked = CreditAsked(f"cash-{next(_taps):06}", holder_id, "cash", fen, "现金")
    await credit_by_hand(campus.ledger, campus.clock, asked, CLERK)


async def test_one_tap_sends_each_lot_to_its_origin_and_shows_the_cash(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder(300)
    await open_drawer(0, CLERK, int(audited.now))
    lots = [await top_up(audited, holder, 2_000), await top_up(audited, holder, 1_000)]
    await cash(audited, holder, 500)
    await audited.post(audited.tap(till, holder, 800))  # the old 300, and 500 of the first lot
    await leaving_for(audited, holder)
    before = await read_leaving(audited.ledger, holder, int(audited.now))
    assert (before.is_open, before.balance_fen, before.cash_fen) == (True, 3_000, 500)
    assert await tap(audited, holder) == 2_500
    rows = await RefundRow.all().order_by("amount_fen")
    assert [(row.lot_id, row.amount_fen, row.state) for row in rows] == [
        (lots[1].id, 1_000, "booked"),
        (lots[0].id, 1_500, "booked"),
    ]
    assert {row.decided_by for row in rows} == {f"leaving:{(await LeavingRow.get()).id}"}
    after = await read_leaving(audited.ledger, holder, int(audited.now))
    assert (after.balance_fen, after.cash_fen, len(after.refunds)) == (500, 500, 2)
    for row in rows:
        await tell(audited, row, RefundStatus.SUCCESS)


async def test_a_repeated_tap_takes_nothing_more(audited: Campus) -> None:
    holder = await audited.holder(0)
    await top_up(audited, holder, 2_000)
    await leaving_for(audited, holder)
    assert await tap(audited, holder, "tap-once") == 2_000
    await top_up(audited, holder, 700)
    assert await tap(audited, holder, "tap-once") == 0
    assert await audited.balance(holder) == 700
    assert await tap(audited, holder, "tap-twice") == 700


async def test_ten_taps_at_once_over_two_processes(audited: Campus, db: DatabaseUrl) -> None:
    holder = await audited.holder(0)
    for fen in (500, 600, 700):
        await top_up(audited, holder, fen)
    await leaving_for(audited, holder)
    other = Ledger(make_store(db), audited.clock, "second")
    await other.open()
    try:
        ledgers = (audited.ledger, other)
        taps = [tap(audited, holder, ledger=ledgers[place % 2]) for place in range(10)]
        told = await asyncio.gather(*taps)
    finally:
        await other.close()
    assert sorted(told) == [0] * 9 + [1_800]
    assert (await RefundRow.all().count(), await audited.balance(holder)) == (3, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "", "decided_by": ""},
        {"decision": "rejected"},
        {"ended_at": 1},
        {"opens_at": 1_900_000_000, "closes_at": 1_900_000_001},
        {"opens_at": 1, "closes_at": 2},
    ],
)
async def test_only_while_a_leaving_is_open(audited: Campus, changes: dict[str, Any]) -> None:
    holder, other = await audited.holder(0), await audited.holder(0)
    await top_up(audited, holder, 2_000)
    await leaving_for(audited, holder, **changes)
    await leaving_for(audited, other)
    with pytest.raises(ForbiddenError, match="not_leaving"):
        await tap(audited, holder)
    assert not (await read_leaving(audited.ledger, holder, int(audited.now))).is_open
    assert await audited.balance(holder) == 2_000


async def test_not_while_something_is_owed_or_contested(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder(100)
    await audited.post(audited.record(till, holder, 900))
    await top_up(audited, holder, 2_000)
    await leaving_for(audited, holder)
    with pytest.raises(ConflictError, match="still_open") as refused:
        await tap(audited, holder)
    assert refused.value.evidence == {"owed_fen": 800, "disputes": 0}
    other = await audited.holder(0)
    await top_up(audited, other, 2_000)
    await leaving_for(audited, other)
    card = await CardRow.get(holder_id=other)
    await DisputeRow.create(id=8, first_payment_id=0, card_id=card.id, reason="x", opened_at=1)
    with pytest.raises(ConflictError, match="still_open"):
        await tap(audited, other)
    assert await audited.balance(other) == 2_000
    await DisputeRow.filter(id=8).update(decision="refused")
    assert await tap(audited, other) == 2_000


async def test_a_lot_past_its_date_is_cash_to_fetch(audited: Campus) -> None:
    holder = await audited.holder(0)
    await top_up(audited, holder, 1_000)
    audited.now += 200 * DAY
    await top_up(audited, holder, 400)
    audited.now += 165 * DAY
    at = int(audited.now)
    assert [one.remaining.left_fen for one in await lots_passing(at, 30)] == [1_000]
    audited.now += 1
    assert await lots_passing(int(audited.now), 30) == []
    await leaving_for(audited, holder)
    assert (await read_leaving(audited.ledger, holder, int(audited.now))).cash_fen == 1_000
    assert (await tap(audited, holder), await audited.balance(holder)) == (400, 1_000)


async def test_what_passes_soon_is_what_is_left(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder(0)
    first = await top_up(audited, holder, 1_000)
    await top_up(audited, holder, 500)
    await booked(audited, first, 100)
    await audited.post(audited.tap(till, holder, 300))
    undone = await booked(audited, first, 50)
    await tell(audited, undone, RefundStatus.CLOSED)
    at = first.paid_at + 350 * DAY
    told = {one.remaining.lot.id: one.remaining.left_fen for one in await lots_passing(at, 30)}
    purse = await purse_of(audited, holder)
    assert told == {one.lot.id: one.left_fen for one in purse.left()}
    assert told[first.id] == 600
    assert await lots_passing(at, 10) == []
    assert (await lots_of(holder))[1] == list(purse.lots)


def cohort(campus: Campus, **changes: Any) -> LeavingAsked:
    at = int(campus.now)
    fields = {"request_key": "leaving-0", "name": "2026届", "opens_at": at, "closes_at": at + DAY}
    return LeavingAsked(**{**fields, **changes})


async def test_a_cohort_is_who_was_in_it_when_it_was_asked_for(audited: Campus) -> None:
    holders = [await audited.holder(0) for _ in range(3)]
    for holder_id, name in zip(holders, ("计算机/一班", "计算机/二班", "数学"), strict=True):
        await CardholderRow.filter(id=holder_id).update(department=name)
    row = await ask_leaving(cohort(audited, department="计算机"), CLERK, int(audited.now))
    assert row.holders == 2
    found = await LeavingHolderRow.filter(leaving_id=row.id)
    assert [one.holder_id for one in found] == holders[:2]
    again = await ask_leaving(cohort(audited, department="计算机"), CLERK, int(audited.now))
    assert again.id == row.id
    with pytest.raises(ConflictError, match="key_used"):
        await ask_leaving(cohort(audited, name="2027届"), CLERK, int(audited.now))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"class_id": 77},
        {"numbers": ["S0001", "nobody"]},
        {"class_id": 1, "closes_at": 1},
        {"class_id": 1, "opens_at": 3_000_000_000},
        {"class_id": 1, "closes_at": 3_000_000_000},
    ],
)
async def test_what_is_no_leaving_is_named(audited: Campus, changes: dict[str, Any]) -> None:
    await audited.holder(0)
    with pytest.raises(InvalidInputError):
        await ask_leaving(cohort(audited, **changes), CLERK, int(audited.now))
    assert not await LeavingRow.exists()


async def test_two_people_open_a_leaving_and_one_ends_it(
    audited: Campus, migrated_url: str
) -> None:
    holder = await audited.holder(0)
    await top_up(audited, holder, 2_000)
    row = await ask_leaving(cohort(audited, class_id=1), CLERK, int(audited.now))
    at = int(audited.now)
    with pytest.raises(ForbiddenError, match="two_people"):
        await decide_leaving(row.id, CLERK, at, is_approved=True)
    with pytest.raises(RefusedSqlError, match="leaving_by_two"):
        execute(migrated_url, f"UPDATE leaving SET decided_by = made_by WHERE id = {row.id}")
    with pytest.raises(RefusedSqlError, match="append-only"):
        execute(migrated_url, "UPDATE leaving_holder SET holder_id = 7")
    await decide_leaving(row.id, OTHER, at, is_approved=True)
    await decide_leaving(row.id, OTHER, at, is_approved=True)
    with pytest.raises(ConflictError, match="decided_already"):
        await decide_leaving(row.id, OTHER, at, is_approved=False)
    assert (await read_leaving(audited.ledger, holder, at)).is_open
    await end_leaving(row.id, CLERK, at)
    with pytest.raises(ForbiddenError, match="not_leaving"):
        await tap(audited, holder)
