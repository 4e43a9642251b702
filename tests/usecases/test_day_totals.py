"""Totals a day: each entry once, in whatever order and however often they are rolled."""

from __future__ import annotations

import asyncio

from backend.domain.accounts import SchoolAccount, merchant_account, purse_account
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.report import AccountDayRow, DayTotalRow, LaneDayRow
from backend.tables.store import make_store
from backend.usecases.payments.post_payments import post_payments
from backend.usecases.settlements.roll_up import roll_up
from tests.rig.campus import Campus

TODAY = 20260101


async def totals(dimension: str) -> list[tuple[str, int, int, int, int]]:
    rows = await DayTotalRow.filter(dimension=dimension).order_by("business_on", "value")
    return [
        (row.value, row.business_on, row.payments, row.charged_fen, row.corrected_fen)
        for row in rows
    ]


async def test_each_entry_is_in_every_dimension_once(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 1250)
    await campus.post(tap)
    await roll_up()
    await campus.post(campus.record(till, holder, 700, step=9), campus.undo(till, tap.sequence))
    await roll_up()
    await roll_up()
    terminal = str(till)
    assert await totals("terminal") == [(terminal, TODAY, 2, 1950, 1250)]
    assert await totals("class") == [("1", TODAY, 2, 1950, 1250)]
    assert await totals("department") == [("", TODAY, 2, 1950, 1250)]
    row = await DayTotalRow.get(dimension="terminal")
    assert (row.payable_fen, row.offline_payments, row.merchant_id) == (1950, 1, 1)
    (span,) = await LaneDayRow.all()
    assert span.booked_on == TODAY


async def test_debit_is_credit_and_purses_stand_together(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await campus.post(campus.tap(till, holder, 1250))
    await roll_up()
    rows = {row.account_id: row for row in await AccountDayRow.all()}
    purse = rows[purse_account(0, "cash")]
    assert rows[merchant_account(1)].credit_fen == purse.debit_fen == 1250
    assert rows[int(SchoolAccount.OPENING)].debit_fen == purse.credit_fen
    assert sum(row.debit_fen - row.credit_fen for row in rows.values()) == 0


async def test_a_new_day_and_a_clock_that_goes_back(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    campus.ledger._clock = campus.clock
    for move in (0, 86_400, -86_400):
        campus.now += move + 15
        await campus.post(campus.tap(till, holder, 100))
    await roll_up()
    spans = await LaneDayRow.all().order_by("after_id")
    assert [one.booked_on for one in spans][-3:] == [TODAY, TODAY + 1, TODAY]
    days = await AccountDayRow.filter(account_id=merchant_account(1)).order_by("booked_on")
    assert [(one.booked_on, one.credit_fen) for one in days] == [(TODAY, 200), (TODAY + 1, 100)]


async def test_rollers_at_once_add_each_entry_once(campus: Campus, db: DatabaseUrl) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    other = Ledger(make_store(db), campus.clock, "second")
    await other.open()
    try:
        for place in range(6):
            campus.now += 15
            lane = (campus.ledger, other)[place % 2]
            await post_payments(lane, campus.rules, campus.clock, [campus.tap(till, holder, 100)])
        await asyncio.gather(*(roll_up() for _ in range(6)))
        assert [one[2:] for one in await totals("class")] == [(6, 600, 0)]
    finally:
        await other.close()
