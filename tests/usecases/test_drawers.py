"""Cash at the counter: a drawer that must balance, and cash that two people pay out of it."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.accounts import SchoolAccount
from backend.domain.drawer import NoOpenDrawer
from backend.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from backend.domain.refund import NotRefundable
from backend.tables.database import DatabaseUrl
from backend.tables.drawer import CashOutRequestRow, CashOutRow, DrawerRow
from backend.tables.ledger import Ledger
from backend.tables.rollup import balance_of
from backend.tables.store import make_store
from backend.tables.top_up import LotReturnRow
from backend.usecases.drawers.approve_drawer import approve_drawer
from backend.usecases.drawers.ask_cash_out import CashOutAsked, ask_cash_out
from backend.usecases.drawers.close_drawer import Count, close_drawer
from backend.usecases.drawers.decide_cash_out import decide_cash_out
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.ledger.credit_by_hand import CreditAsked, credit_by_hand
from tests.rig.campus import Campus
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.refunding import CLERK, DAY, OTHER, purse_of, top_up

CASH, DIFFERENCE = int(SchoolAccount.CASH_DRAWER), int(SchoolAccount.CASH_DIFFERENCE)
_keys = itertools.count(1)


async def opened(campus: Campus, fen: int = 10_000, actor: Actor = CLERK) -> int:
    row = await open_drawer(fen, actor, int(campus.now))
    drawer_id: int = row.id
    return drawer_id


async def bring(campus: Campus, holder_id: int, fen: int, ledger: Ledger | None = None) -> None:
    asked = CreditAsked(f"cash-{next(_keys):06}", holder_id, "cash", fen, "现金")
    await credit_by_hand(ledger or campus.ledger, campus.clock, asked, CLERK)


async def want(campus: Campus, holder_id: int, fen: int, actor: Actor = CLERK) -> CashOutRequestRow:
    asked = CashOutAsked(f"out-{next(_keys):06}", holder_id, fen, "离校取现")
    return await ask_cash_out(campus.ledger, asked, actor, int(campus.now))


async def pay_out(
    campus: Campus, row: CashOutRequestRow, actor: Actor = OTHER, ledger: Ledger | None = None
) -> None:
    await decide_cash_out(ledger or campus.ledger, campus.clock, row.id, actor, is_approved=True)


async def close(campus: Campus, drawer_id: int, fen: int, note: str = "") -> DrawerRow:
    await close_drawer(campus.ledger, campus.clock, Count(drawer_id, fen, note), CLERK)
    return await DrawerRow.get(id=drawer_id)


async def test_what_must_be_there_is_what_went_through_it(audited: Campus) -> None:
    drawer_id, holder = await opened(audited), await audited.holder(0)
    await bring(audited, holder, 5_000)
    await pay_out(audited, await want(audited, holder, 1_200))
    row = await close(audited, drawer_id, 13_800)
    assert (row.expected_fen, row.counted_fen, row.open_by) == (13_800, 13_800, None)
    assert (await audited.balance(holder), await balance_of(CASH)) == (3_800, -3_800)
    with pytest.raises(ConflictError, match="drawer_closed"):
        await close(audited, drawer_id, 1, "again")
    with pytest.raises(ConflictError, match="nothing_to_approve"):
        await approve_drawer(audited.ledger, audited.clock, drawer_id, OTHER)


async def test_one_person_has_one_open_drawer(audited: Campus) -> None:
    first = await opened(audited, 0)
    with pytest.raises(ConflictError, match="drawer_open"):
        await opened(audited, 0)
    await opened(audited, 0, OTHER)
    await close(audited, first, 0)
    assert await opened(audited, 0) > first
    with pytest.raises(InvalidInputError):
        await opened(audited, -1, Actor(Audience.STAFF, 3, "third"))


@pytest.mark.parametrize("difference_fen", [-300, 250])
async def test_a_difference_needs_a_note_and_another_person(
    audited: Campus, difference_fen: int
) -> None:
    drawer_id, holder = await opened(audited), await audited.holder(0)
    await bring(audited, holder, 5_000)
    counted = 15_000 + difference_fen
    with pytest.raises(InvalidInputError, match="note"):
        await close(audited, drawer_id, counted, "  ")
    await bring(audited, holder, 100)  # it is still open
    await close(audited, drawer_id, counted, "数错一次")
    row = await close(audited, drawer_id, counted + 100, "再数一次, 差额原因不明' --")
    assert (row.expected_fen, row.counted_fen) == (15_100, counted + 100)
    with pytest.raises(NoOpenDrawer):
        await bring(audited, holder, 1)
    with pytest.raises(ForbiddenError, match="two_people"):
        await approve_drawer(audited.ledger, audited.clock, drawer_id, CLERK)
    assert await balance_of(DIFFERENCE) == 0
    for _ in range(2):
        await approve_drawer(audited.ledger, audited.clock, drawer_id, OTHER)
    assert await balance_of(DIFFERENCE) == difference_fen
    assert await balance_of(CASH) == -5_100 - difference_fen
    with pytest.raises(ConflictError, match="drawer_closed"):
        await close(audited, drawer_id, 1, "again")


async def test_the_database_wants_two_people_and_an_open_drawer(
    audited: Campus, migrated_url: str
) -> None:
    drawer_id, holder = await opened(audited, 0), await audited.holder(0)
    await bring(audited, holder, 500)
    row = await want(audited, holder, 100)
    with pytest.raises(RefusedSqlError, match="cash_out_request_by_two"):
        execute(migrated_url, "UPDATE cash_out_request SET decided_by = made_by")
    with pytest.raises(RefusedSqlError, match="drawer_by_two"):
        execute(migrated_url, f"UPDATE drawer SET approved_by = 'staff:{CLERK.id}'")
    await pay_out(audited, row)
    with pytest.raises(RefusedSqlError, match="append-only"):
        execute(migrated_url, "UPDATE cash_out SET amount_fen = 1")
    await close(audited, drawer_id, 400)
    for purse, drawer in (("cash", drawer_id), ("cash", 0), ("cash", 77)):
        with pytest.raises(RefusedSqlError, match="credit_into_open_drawer"):
            execute(
                migrated_url,
                f"INSERT INTO credit VALUES (8, 'k', 1, '{purse}', 5, 2, '', 'a', 0, {drawer})",
            )
    with pytest.raises(RefusedSqlError, match="cash_out_into_open_drawer"):
        execute(
            migrated_url,
            f"INSERT INTO cash_out VALUES (8, 'k', 1, {drawer_id}, 5, '', 'a', 'b', 0)",
        )


async def test_only_the_owner_closes_a_drawer(audited: Campus) -> None:
    drawer_id = await opened(audited, 0)
    with pytest.raises(NotFoundError, match="unknown_drawer"):
        await close_drawer(audited.ledger, audited.clock, Count(drawer_id, 0, ""), OTHER)
    assert (await DrawerRow.get(id=drawer_id)).open_by == CLERK.id
    with pytest.raises(InvalidInputError):
        await close(audited, drawer_id, -1, "少了")


async def test_nothing_slips_into_a_closing_drawer(audited: Campus, db: DatabaseUrl) -> None:
    other = Ledger(make_store(db), audited.clock, "second")
    await other.open()
    try:
        for _ in range(5):
            drawer_id, holder = await opened(audited, 0), await audited.holder(0)
            brought = [bring(audited, holder, 10, other) for _ in range(6)]
            answers = await asyncio.gather(
                *brought[:3],
                close(audited, drawer_id, 0, "清点"),
                *brought[3:],
                return_exceptions=True,
            )
            late = [one for one in answers if isinstance(one, BaseException)]
            assert all(isinstance(one, NoOpenDrawer) for one in late), late
            row = await DrawerRow.get(id=drawer_id)
            assert row.expected_fen == 10 * (6 - len(late)) == await audited.balance(holder)
    finally:
        await other.close()


async def test_nobody_pays_himself_out(audited: Campus) -> None:
    await opened(audited)
    row = await want(audited, await audited.holder(500), 100)
    with pytest.raises(ForbiddenError, match="two_people"):
        await pay_out(audited, row, CLERK)
    assert not await CashOutRow.exists()


async def test_a_cash_out_comes_from_the_askers_open_drawer(audited: Campus) -> None:
    holder = await audited.holder(500)
    row = await want(audited, holder, 100)
    await opened(audited, actor=OTHER)
    with pytest.raises(NoOpenDrawer):
        await pay_out(audited, row)
    assert await audited.balance(holder) == 500
    drawer_id = await opened(audited)
    await pay_out(audited, row)
    await pay_out(audited, row)
    paid = await CashOutRow.get()
    assert (paid.drawer_id, paid.amount_fen, await audited.balance(holder)) == (drawer_id, 100, 400)


async def test_a_rejected_cash_out_is_not_paid(audited: Campus) -> None:
    await opened(audited)
    holder = await audited.holder(500)
    row = await want(audited, holder, 100)
    await decide_cash_out(audited.ledger, audited.clock, row.id, OTHER, is_approved=False)
    with pytest.raises(ConflictError, match="decided_already"):
        await pay_out(audited, row)
    assert await audited.balance(holder) == 500


async def test_what_wechat_pay_takes_back_is_not_paid_in_cash(audited: Campus) -> None:
    await opened(audited)
    holder = await audited.holder(300)
    lot = await top_up(audited, holder, 1_000)
    await bring(audited, holder, 200)
    with pytest.raises(NotRefundable, match="more_than_cash") as refused:
        await want(audited, holder, 501)
    assert refused.value.evidence == {"cash_fen": 500}
    row = await want(audited, holder, 500)
    await pay_out(audited, row)
    returns = await LotReturnRow.all().order_by("id").values_list("lot_id", "amount_fen")
    assert [fen for _, fen in returns] == [300, 200]
    assert returns[0][0] == 0, "money from before there were lots goes first"
    purse = await purse_of(audited, holder)
    assert [(one.lot.id, one.left_fen) for one in purse.left() if one.left_fen] == [(lot.id, 1_000)]
    audited.now += 365 * DAY + 1
    await pay_out(audited, await want(audited, holder, 1_000))
    assert await audited.balance(holder) == 0


async def test_twenty_cash_outs_at_once_never_pay_more_than_there_is(
    audited: Campus, db: DatabaseUrl
) -> None:
    await opened(audited)
    holder = await audited.holder(0)
    await bring(audited, holder, 4_000)
    rows = [await want(audited, holder, 600) for _ in range(20)]
    other = Ledger(make_store(db), audited.clock, "second")
    await other.open()
    try:
        ledgers = (audited.ledger, other)
        paid = [pay_out(audited, row, ledger=ledgers[at % 2]) for at, row in enumerate(rows)]
        answers = await asyncio.gather(*paid, return_exceptions=True)
    finally:
        await other.close()
    refused = [one for one in answers if one is not None]
    assert all(isinstance(one, NotRefundable) for one in refused), refused
    assert (len(refused), await audited.balance(holder)) == (14, 400)


async def test_many_small_lots_are_paid_in_steps(audited: Campus) -> None:
    await opened(audited)
    holder = await audited.holder(0)
    for _ in range(9):
        await bring(audited, holder, 10)
    row = await want(audited, holder, 90)
    with pytest.raises(NotRefundable, match="too_many_lots") as refused:
        await pay_out(audited, row)
    assert refused.value.evidence == {"most_fen": 80}
    await pay_out(audited, await want(audited, holder, 80))
    assert await audited.balance(holder) == 10


async def test_a_key_asks_once(audited: Campus) -> None:
    holder = await audited.holder(500)
    asked = CashOutAsked("out-once", holder, 100, "取现")
    first = await ask_cash_out(audited.ledger, asked, CLERK, int(audited.now))
    again = await ask_cash_out(audited.ledger, asked, CLERK, int(audited.now))
    assert first.id == again.id
    other = CashOutAsked("out-once", holder, 101, "取现")
    with pytest.raises(ConflictError, match="key_used"):
        await ask_cash_out(audited.ledger, other, CLERK, int(audited.now))
    with pytest.raises(InvalidInputError):
        await want(audited, holder, 0)
