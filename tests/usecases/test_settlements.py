"""Totals and settlements: every fen that merchants earned is paid once, late ones too."""

from __future__ import annotations

import asyncio

from backend.domain.accounts import SchoolAccount, merchant_account
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.merchant import PeriodTotalRow
from backend.tables.remittance import CommissionRow, SettlementFeeRow
from backend.tables.rollup import balance_of
from backend.tables.store import make_store
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.post_payments import post_payments
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.settlements.settle_day import settle_day, unsettled_days
from tests.rig.campus import Campus

TODAY = 20260101


async def test_roll_up_counts_each_entry_once(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await campus.post(campus.tap(till, holder, 1250))
    await roll_up()
    await roll_up()
    await campus.post(campus.record(till, holder, 700, step=9))
    assert await balance_of(merchant_account(1)) == 1950
    await roll_up()
    total = await PeriodTotalRow.get()
    assert (total.payments, total.offline_payments, total.payable_fen) == (2, 1, 1950)
    assert await balance_of(merchant_account(1)) == 1950


async def test_a_day_is_settled_once(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await campus.post(campus.tap(till, holder, 1250))
    await roll_up()
    assert await unsettled_days(campus.ledger, TODAY) == []
    assert await unsettled_days(campus.ledger, TODAY + 1) == [(1, TODAY)]
    settled = await settle_day(campus.ledger, campus.clock, 1, TODAY)
    assert settled is not None
    assert settled.net_fen == 1250
    assert await settle_day(campus.ledger, campus.clock, 1, TODAY) is None
    assert await unsettled_days(campus.ledger, TODAY + 1) == []
    assert await balance_of(merchant_account(1)) == 0
    assert await balance_of(int(SchoolAccount.MERCHANT_SETTLEMENT)) == 1250
    assert (await verify_ledger(campus.ledger)).findings == []


async def test_what_came_late_is_paid_with_the_next_day(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await campus.post(campus.tap(till, holder, 1000))
    await roll_up()
    await settle_day(campus.ledger, campus.clock, 1, TODAY)
    await campus.post(campus.record(till, holder, 300, step=9))
    await campus.post(campus.record(till, holder, 50, step=10, business_on=TODAY + 1))
    await roll_up()
    settled = await settle_day(campus.ledger, campus.clock, 1, TODAY + 1)
    assert settled is not None
    assert (settled.gross_fen, settled.late_payments, settled.net_fen) == (50, 1, 350)
    assert await balance_of(merchant_account(1)) == 0


async def test_what_was_reversed_after_settlement_is_carried(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 1000)
    await campus.post(tap)
    await roll_up()
    await settle_day(campus.ledger, campus.clock, 1, TODAY)
    await campus.post(campus.undo(till, tap.sequence))
    await campus.post(campus.record(till, holder, 400, step=9, business_on=TODAY + 1))
    campus.now += 2 * 86_400
    await campus.post(campus.record(till, holder, 900, step=10, business_on=TODAY + 2))
    await roll_up()
    first = await settle_day(campus.ledger, campus.clock, 1, TODAY + 1)
    second = await settle_day(campus.ledger, campus.clock, 1, TODAY + 2)
    assert first is not None
    assert second is not None
    assert (first.net_fen, second.net_fen) == (0, 300)
    assert await balance_of(merchant_account(1)) == 0
    assert (await verify_ledger(campus.ledger)).residual_fen == 0


async def test_rollers_at_once_count_each_entry_once(campus: Campus, db: DatabaseUrl) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    other = Ledger(make_store(db), campus.clock, "second")
    await other.open()
    try:
        for place in range(6):
            campus.now += 15
            lane = (campus.ledger, other)[place % 2]
            await post_payments(lane, campus.rules, campus.clock, [campus.tap(till, holder, 100)])
        await asyncio.gather(*(roll_up() for _ in range(6)))
        total = await PeriodTotalRow.get()
        assert (total.payments, total.payable_fen) == (6, 600)
        assert await balance_of(merchant_account(1)) == 600
    finally:
        await other.close()


async def rate(begins_on: int, basis_points: int) -> None:
    await CommissionRow.create(
        merchant_id=1,
        begins_on=begins_on,
        basis_points=basis_points,
        reason="合同",
        set_by="staff:1",
        set_at=0,
    )


async def test_a_commission_is_kept_once(campus: Campus) -> None:
    """By the rate of the day that is settled, of all that is paid with it, late money too."""
    till, holder = await campus.terminal(), await campus.holder()
    await rate(TODAY, 250)
    await rate(TODAY + 1, 1000)
    await campus.post(campus.tap(till, holder, 1010))
    await roll_up()
    first = await settle_day(campus.ledger, campus.clock, 1, TODAY)
    assert first is not None
    assert (first.fee_fen, first.net_fen) == (25, 985)  # 25.25 fen
    await campus.post(campus.record(till, holder, 305, step=9))
    await campus.post(campus.record(till, holder, 500, step=10, business_on=TODAY + 1))
    await roll_up()
    second = await settle_day(campus.ledger, campus.clock, 1, TODAY + 1)
    assert second is not None
    assert (second.fee_fen, second.net_fen) == (81, 724)  # 80.5 fen of 805
    assert await balance_of(merchant_account(1)) == 0
    assert await balance_of(int(SchoolAccount.COMMISSION_INCOME)) == 106
    assert await SettlementFeeRow.all().count() == 2
    assert (await verify_ledger(campus.ledger)).findings == []


async def test_a_day_that_owes_pays_no_commission(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await rate(TODAY, 3000)
    tap = campus.tap(till, holder, 1000)
    await campus.post(tap, campus.undo(till, tap.sequence))
    await roll_up()
    settled = await settle_day(campus.ledger, campus.clock, 1, TODAY)
    assert settled is not None
    assert (settled.fee_fen, settled.net_fen) == (0, 0)
    assert await SettlementFeeRow.all().count() == 0
