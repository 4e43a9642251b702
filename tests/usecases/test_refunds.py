"""Refunds of top-ups below HTTP: how much goes back, by whom, and what WeChat Pay's word does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.accounts import SchoolAccount
from backend.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from backend.domain.refund import PARTS_MAX, NotRefundable, RefundState
from backend.domain.wechat_pay import RefundStatus
from backend.tables.account import PostingRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.refunds import apply_refund_told, give_up_refund
from backend.tables.rollup import balance_of
from backend.tables.store import make_store
from backend.tables.top_up import LotReturnRow, RefundRow
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.ledger.credit_by_hand import CreditAsked, credit_by_hand
from backend.usecases.refunds.apply_refund_notice import apply_refund_notice
from backend.usecases.refunds.approve_refund import approve_refund
from backend.usecases.refunds.ask_refund import RefundAsked, ask_refund
from backend.usecases.refunds.reject_refund import reject_refund
from backend.usecases.refunds.settle_refund import settle_refund
from tests.rig.campus import Campus
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.refunding import (
    CLERK,
    DAY,
    OTHER,
    asked,
    booked,
    left_of,
    purse_of,
    tell,
    told,
    top_up,
)

TRANSIT = int(SchoolAccount.WECHAT_IN_TRANSIT)
S = RefundStatus


async def test_two_people_send_a_part_back(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 5_000)
    row = await asked(audited, lot, 2_000)
    assert (row.state, await audited.balance(holder)) == ("asked", 5_000)
    await approve_refund(audited.ledger, audited.clock, row.id, OTHER)
    await row.refresh_from_db()
    assert (row.state, row.decided_by, row.due_at) == ("booked", OTHER.label, audited.now)
    assert (await audited.balance(holder), await left_of(audited, lot)) == (3_000, 3_000)
    assert await balance_of(TRANSIT) == -3_000
    back = await LotReturnRow.get()
    assert (back.id, back.lot_id, back.reference) == (row.entry_id, lot.id, row.out_refund_no)


async def test_nobody_approves_what_he_asked_for(audited: Campus, migrated_url: str) -> None:
    holder = await audited.holder(0)
    row = await asked(audited, await top_up(audited, holder, 5_000), 2_000)
    with pytest.raises(ForbiddenError, match="two_people"):
        await approve_refund(audited.ledger, audited.clock, row.id, CLERK)
    assert await audited.balance(holder) == 5_000
    with pytest.raises(RefusedSqlError, match="refund_by_two"):
        execute(migrated_url, f"UPDATE refund SET decided_by = made_by WHERE id = {row.id}")


async def test_a_repeated_approval_takes_once(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 5_000), 2_000)
    await approve_refund(audited.ledger, audited.clock, row.id, OTHER)
    await approve_refund(audited.ledger, audited.clock, row.id, Actor(Audience.STAFF, 3, "third"))
    assert await audited.balance(holder) == 3_000
    assert await LotReturnRow.all().count() == 1


async def test_twenty_partials_at_once_never_give_back_more_than_was_paid(
    audited: Campus, db: DatabaseUrl
) -> None:
    holder = await audited.holder(700)  # older money that must not be touched
    lot = await top_up(audited, holder, 4_000)
    rows = [await asked(audited, lot, 600) for _ in range(20)]
    other = Ledger(make_store(db), audited.clock, "second")
    await other.open()
    try:
        ledgers = (audited.ledger, other)
        answers = await asyncio.gather(
            *(
                approve_refund(ledgers[place % 2], audited.clock, row.id, OTHER)
                for place, row in enumerate(rows)
            ),
            return_exceptions=True,
        )
    finally:
        await other.close()
    refused = [one for one in answers if one is not None]
    assert len(refused) == 14
    assert all(isinstance(one, NotRefundable) for one in refused), refused
    assert sum(row.amount_fen for row in await LotReturnRow.all()) == 3_600 <= lot.amount_fen
    assert (await audited.balance(holder), await left_of(audited, lot)) == (1_100, 400)


async def test_a_refund_and_a_lunch_at_once_leave_no_debt(audited: Campus, db: DatabaseUrl) -> None:
    till = await audited.terminal()
    other = Ledger(make_store(db), audited.clock, "second")
    await other.open()
    try:
        for _ in range(6):
            audited.now += 15
            holder = await audited.holder(0)
            row = await asked(audited, await top_up(audited, holder, 1_000), 1_000)
            paid, back = await asyncio.gather(
                audited.post(audited.tap(till, holder, 600)),
                approve_refund(other, audited.clock, row.id, OTHER),
                return_exceptions=True,
            )
            assert not isinstance(paid, BaseException)
            is_back = not isinstance(back, NotRefundable)
            assert paid[0].is_approved is not is_back
            assert await audited.balance(holder) == (0 if is_back else 400)
    finally:
        await other.close()


async def test_what_was_eaten_does_not_go_back(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder(0)
    first, second = await top_up(audited, holder, 1_000), await top_up(audited, holder, 1_000)
    await audited.post(audited.tap(till, holder, 1_300))
    assert [await left_of(audited, one) for one in (first, second)] == [0, 700]
    with pytest.raises(NotRefundable, match="more_than_left"):
        await asked(audited, first, 1)
    with pytest.raises(NotRefundable, match="more_than_left") as refused:
        await asked(audited, second, 701)
    assert refused.value.evidence == {"left_fen": 700}
    await booked(audited, second, 700)
    assert await audited.balance(holder) == 0


async def test_what_is_owed_stays(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder(100)
    await audited.post(audited.record(till, holder, 900))  # 800 of it wait in suspense
    lot = await top_up(audited, holder, 1_000)
    with pytest.raises(NotRefundable) as refused:
        await asked(audited, lot, 201)
    assert refused.value.evidence == {"left_fen": 200}
    await booked(audited, lot, 200)


async def test_a_year_and_not_a_second_more(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    audited.now += 365 * DAY
    row = await asked(audited, lot, 400)
    await booked(audited, lot, 100)
    audited.now += 1
    with pytest.raises(NotRefundable, match="past_its_date"):
        await approve_refund(audited.ledger, audited.clock, row.id, OTHER)
    assert await audited.balance(holder) == 900


async def test_cash_goes_back_over_the_counter_only(audited: Campus) -> None:
    holder = await audited.holder(0)
    await open_drawer(0, CLERK, int(audited.now))
    cash = CreditAsked("cash-0001", holder, "cash", 500, "现金")
    made = await credit_by_hand(audited.ledger, audited.clock, cash, CLERK)
    wanted = RefundAsked("refund-cash", made.entry_id, 100, "退款")
    with pytest.raises(NotRefundable, match="came_as_cash"):
        await ask_refund(audited.ledger, wanted, CLERK, at=int(audited.now), randomness=bytes)


async def test_fifty_parts_and_not_one_more(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    for _ in range(PARTS_MAX - 1):
        await booked(audited, lot, 1)
    row, last = await asked(audited, lot, 1), await asked(audited, lot, 1)
    await approve_refund(audited.ledger, audited.clock, last.id, OTHER)
    with pytest.raises(NotRefundable, match="too_many_parts"):
        await approve_refund(audited.ledger, audited.clock, row.id, OTHER)
    with pytest.raises(NotRefundable, match="too_many_parts"):
        await asked(audited, lot, 1)
    assert await audited.balance(holder) == 950


async def test_parts_of_one_order_are_a_minute_apart(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot, other = await top_up(audited, holder, 1_000), await top_up(audited, holder, 1_000)
    due = [(await booked(audited, lot, 100)).due_at for _ in range(3)]
    assert due == [audited.now, audited.now + 60, audited.now + 120]
    assert (await booked(audited, other, 100)).due_at == audited.now, "another order waits for none"


@pytest.mark.parametrize(
    "changes", [{"lot_id": 0}, {"amount_fen": 0}, {"amount_fen": True}, {"reason": "长" * 81}]
)
async def test_what_is_no_request_is_named(audited: Campus, changes: dict[str, Any]) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    fields = {"request_key": "refund-0", "lot_id": lot.id, "amount_fen": 1, "reason": "退款"}
    wanted = RefundAsked(**{**fields, **changes})
    with pytest.raises((InvalidInputError, NotFoundError)):
        await ask_refund(audited.ledger, wanted, CLERK, at=int(audited.now), randomness=bytes)
    assert not await RefundRow.exists()


async def test_a_key_asks_once(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    wanted = RefundAsked("refund-0", lot.id, 300, "退款")
    at = int(audited.now)
    first = await ask_refund(audited.ledger, wanted, CLERK, at=at, randomness=bytes)
    again = await ask_refund(audited.ledger, wanted, CLERK, at=at, randomness=bytes)
    assert first.id == again.id
    other = RefundAsked("refund-0", lot.id, 301, "退款")
    with pytest.raises(ConflictError, match="key_used"):
        await ask_refund(audited.ledger, other, CLERK, at=at, randomness=bytes)
    with pytest.raises(ConflictError, match="key_used"):
        await ask_refund(audited.ledger, wanted, OTHER, at=at, randomness=bytes)


async def test_rejected_is_rejected(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await asked(audited, await top_up(audited, holder, 1_000), 300)
    await reject_refund(row.id, OTHER, int(audited.now))
    await reject_refund(row.id, OTHER, int(audited.now))
    with pytest.raises(ConflictError, match="wrong_refund_state"):
        await approve_refund(audited.ledger, audited.clock, row.id, OTHER)
    assert await audited.balance(holder) == 1_000


async def test_who_asked_may_take_it_back_until_it_is_booked(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    row = await asked(audited, lot, 300)
    await reject_refund(row.id, CLERK, int(audited.now))
    await row.refresh_from_db()
    assert (row.state, row.decided_by, row.fault) == ("rejected", "", "taken_back")
    with pytest.raises(ConflictError, match="wrong_refund_state"):
        await reject_refund((await booked(audited, lot, 300)).id, OTHER, int(audited.now))


async def test_done_once_whatever_is_told_again(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 1_000), 300)
    heard = [
        (await tell(audited, row, status)).state
        for status in (S.PROCESSING, S.SUCCESS, S.SUCCESS, S.PROCESSING, S.ABNORMAL)
    ]
    assert heard == [RefundState.PROCESSING] + [RefundState.DONE] * 4
    await row.refresh_from_db()
    assert (row.state, row.due_at, row.fault) == ("done", 0, "")
    assert (row.ended_at, await audited.balance(holder)) == (audited.now, 700)


async def test_what_wechat_pay_gives_up_is_in_the_purse_again(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    row = await booked(audited, lot, 300)
    answers = await asyncio.gather(*(tell(audited, row, S.CLOSED) for _ in range(5)))
    assert [one.is_changed for one in answers].count(True) == 1
    await row.refresh_from_db()
    assert (row.state, await audited.balance(holder)) == ("closed", 1_000)
    assert await left_of(audited, lot) == 1_000
    kept = await PostingRow.get(kind="top_up_kept")
    assert (kept.id, kept.corrects_id) == (row.undone_id, row.entry_id)
    assert await balance_of(TRANSIT) == -1_000


async def test_arrived_although_it_is_in_the_purse_again_is_for_a_person(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 1_000), 300)
    await tell(audited, row, S.CLOSED)
    with pytest.raises(ConflictError, match="not_as_asked"):
        await apply_refund_notice(audited.ledger, audited.clock, await told(row, S.SUCCESS))
    await row.refresh_from_db()
    assert (row.state, row.fault) == ("closed", "told:status")
    assert await audited.balance(holder) == 1_000


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_fen": 299},
        {"total_fen": 999},
        {"transaction_id": "4200000000"},
        {"out_trade_no": "tu-another"},
        {"mchid": "1900000110"},
    ],
)
async def test_told_otherwise_moves_nothing(audited: Campus, changes: dict[str, Any]) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 1_000), 300)
    for status in (S.CLOSED, S.SUCCESS):
        applied = await apply_refund_told(
            audited.ledger, audited.clock, await told(row, status, **changes)
        )
        assert (applied.state, len(applied.fields)) == (RefundState.BOOKED, 1)
    await row.refresh_from_db()
    assert (row.state, row.fault[:5], await audited.balance(holder)) == ("booked", "told:", 700)


async def test_of_a_refund_that_was_never_sent_nothing_can_be_told(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await asked(audited, await top_up(audited, holder, 1_000), 300)
    for status in (S.PROCESSING, S.SUCCESS, S.CLOSED, S.ABNORMAL):
        assert (await tell(audited, row, status)).fields == ("status",)
    assert await audited.balance(holder) == 1_000


async def test_nobodys_refund(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 1_000), 300)
    foreign = await told(row, S.SUCCESS, out_refund_no="rf-foreign")
    with pytest.raises(NotFoundError, match="unknown_refund"):
        await apply_refund_notice(audited.ledger, audited.clock, foreign)


async def test_an_abnormal_one_is_settled_by_another_person(
    audited: Campus, migrated_url: str
) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 1_000), 300)
    at = int(audited.now)
    with pytest.raises(ConflictError, match="wrong_refund_state"):
        await settle_refund(row.id, "已处理", OTHER, at)
    await tell(audited, row, S.ABNORMAL)
    await row.refresh_from_db()
    assert (row.state, row.fault, row.due_at) == ("abnormal", "abnormal", at + DAY)
    with pytest.raises(ForbiddenError, match="two_people"):
        await settle_refund(row.id, "已处理", CLERK, at)
    with pytest.raises(RefusedSqlError, match="refund_settled_by_two"):
        execute(migrated_url, f"UPDATE refund SET settled_by = made_by WHERE id = {row.id}")
    await settle_refund(row.id, "已处理", OTHER, at)
    await row.refresh_from_db()
    assert (row.state, row.settled_by, row.due_at) == ("done", OTHER.label, 0)
    assert await audited.balance(holder) == 700


async def test_a_refusal_after_a_notice_changes_nothing(audited: Campus) -> None:
    holder = await audited.holder(0)
    row = await booked(audited, await top_up(audited, holder, 1_000), 300)
    await tell(audited, row, S.SUCCESS)
    await give_up_refund(audited.ledger, audited.clock, row, "NOT_ENOUGH")
    await row.refresh_from_db()
    assert (row.state, await audited.balance(holder)) == ("done", 700)


async def test_a_refused_one_is_in_the_purse_again_and_says_why(audited: Campus) -> None:
    holder = await audited.holder(0)
    lot = await top_up(audited, holder, 1_000)
    row = await booked(audited, lot, 300)
    for _ in range(2):
        await give_up_refund(audited.ledger, audited.clock, row, "NOT ENOUGH' --")
    await row.refresh_from_db()
    assert (row.state, row.fault) == ("refused", "NOT_ENOUGH__--")
    purse = await purse_of(audited, holder)
    assert (purse.balance_fen, purse.lots[0].returned_fen) == (1_000, 0)
    assert (await booked(audited, lot, 1_000)).state == "booked", "the lot is whole again"
