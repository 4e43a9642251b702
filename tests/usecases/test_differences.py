"""Settling what differs: two people, every fen itemised, and nothing twice."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from backend.domain.access import Actor, Audience, Role
from backend.domain.difference import Way
from backend.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from backend.domain.wechat_pay import WechatPayAwayError
from backend.tables.account import AccountRow
from backend.tables.bill import DifferenceRow, GiveBackRow
from backend.tables.card import CardRow
from backend.tables.payment import SuspenseRow
from backend.tables.top_up import LotRow, TopUpRow
from backend.usecases.bills.approve_difference import approve_difference
from backend.usecases.bills.ask_difference import WayAsked, ask_difference
from backend.usecases.bills.give_back import give_back
from backend.usecases.bills.list_in_transit import list_in_transit
from backend.usecases.bills.reject_difference import reject_difference
from campus_code import CardState
from simulators.wechat_pay.reading import Body
from tests.rig.billing import Billing
from tests.rig.settling import FIRST, SECOND, ask, one_unknown, settle, settling

BANK, TRANSIT, MERCHANT, FEES, SUSPENSE = 4, 3, 11, 12, 13


async def test_an_unknown_payment_waits_itemised_and_bill_and_ledger_agree(
    billing: Billing,
) -> None:
    day_on, row = await one_unknown(billing)
    assert TRANSIT not in billing.balances()
    await settle(billing, row, Way.HOLD)
    balances = billing.balances()
    assert (balances[SUSPENSE], balances[TRANSIT]) == (700, 0)
    assert balances[MERCHANT] == 4 - 700
    item = await SuspenseRow.get()
    assert (item.account_id, item.amount_fen, item.settled_by_id) == (SUSPENSE, -700, 0)
    again = await billing.reconcile(day_on)
    assert (again.differences, again.figures.new_proofs) == (1, 0)  # held is not settled
    (row,) = await billing.differences(day_on)
    assert (row.state, row.item_id, row.decided_by) == ("held", item.id, "staff:2")


async def test_its_owner_gets_it_once_he_is_known(billing: Billing) -> None:
    day_on, row = await one_unknown(billing)
    await settle(billing, row, Way.HOLD)
    await row.refresh_from_db()
    holder_id = billing.student.holder_id
    await settle(billing, row, Way.CREDIT, holder_id)
    lot = await LotRow.get()
    held = billing.paying.held("shop-000001")
    assert (lot.transaction_id, lot.reference) == (held.transaction_id, "shop-000001")
    assert (lot.amount_fen, lot.paid_at) == (700, int(held.paid_at))
    assert (await AccountRow.get(holder_id=holder_id, purse="cash")).balance_fen == 700
    assert billing.balances()[SUSPENSE] == 0
    assert (await SuspenseRow.get()).settled_by_id == lot.id
    assert (await TopUpRow.get()).payer == "staff:1"
    told = await billing.reconcile(day_on)
    assert told.differences == 0
    with pytest.raises(ConflictError, match="difference_settled"):
        await ask(billing, row, Way.CREDIT, holder_id)


async def test_it_goes_back_to_whoever_paid(billing: Billing) -> None:
    day_on, row = await one_unknown(billing)
    await settle(billing, row, Way.GIVE_BACK)
    assert billing.balances()[SUSPENSE] == 700
    parts = billing.paying.office.parts
    await give_back(parts.ledger, parts.clock, parts.pay)
    assert (await GiveBackRow.get()).state == "accepted"
    assert (billing.balances()[SUSPENSE], billing.balances()[TRANSIT]) == (0, 700)
    page = await list_in_transit(billing.ledger, 0)
    assert ([one.amount_fen for one in page.items], page.total_fen) == ([-700], -700)
    await billing.paying.advance(61)
    await give_back(parts.ledger, parts.clock, parts.pay)
    given = await GiveBackRow.get()
    assert (given.state, given.due_at) == ("done", 0)
    assert (await DifferenceRow.get(id=row.id)).state == "settled"
    refunded_on = billing.today
    assert refunded_on != day_on
    await billing.morning(refunded_on)
    assert await billing.differences(refunded_on) == []
    assert billing.balances()[TRANSIT] == 0


async def test_what_could_not_go_back_is_an_item_again(billing: Billing) -> None:
    _, row = await one_unknown(billing)
    await settle(billing, row, Way.GIVE_BACK)
    billing.paying.plan(what="refunds", kind="closed")
    parts = billing.paying.office.parts
    await give_back(parts.ledger, parts.clock, parts.pay)
    await billing.paying.advance(61)
    await give_back(parts.ledger, parts.clock, parts.pay)
    given = await GiveBackRow.get()
    assert (given.state, given.fault, given.due_at) == ("failed", "closed", 0)
    balances = billing.balances()
    assert (balances[SUSPENSE], balances[TRANSIT]) == (700, 0)
    assert (await list_in_transit(billing.ledger, 0)).items == ()
    (item,) = await SuspenseRow.filter(settled_by_id=0)
    assert (item.id, item.amount_fen) == (given.item_id, -700)
    assert (await DifferenceRow.get(id=row.id)).state == "held"


async def test_wechat_pay_away_is_asked_again_with_the_same_number(billing: Billing) -> None:
    _, row = await one_unknown(billing)
    await settle(billing, row, Way.GIVE_BACK)
    path = "/v3/refund/domestic/refunds"
    billing.paying.plan(path=path, kind="unsigned")  # it was done, and its answer is not believed
    parts = billing.paying.office.parts
    await give_back(parts.ledger, parts.clock, parts.pay)
    assert ((await GiveBackRow.get()).state, billing.balances()[SUSPENSE]) == ("asked", 700)
    await billing.paying.advance(3_600)
    await give_back(parts.ledger, parts.clock, parts.pay)
    assert (await GiveBackRow.get()).state == "done"
    assert len(billing.paying.sim.orders.refunds) == 1


async def test_a_held_order_is_credited_by_the_bill_when_two_say_so(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(800, hear=False)
    await TopUpRow.filter(out_trade_no=number).update(state="held", held_because="amount")
    await billing.morning(day_on)
    assert await billing.causes(day_on, "open") == [("held", number)]
    (row,) = await billing.differences(day_on, "open")
    await settle(billing, row, Way.CREDIT)
    order = await TopUpRow.get()
    assert (order.state, order.proven_by) == ("paid", "bill")
    assert billing.balances()[TRANSIT] == 0
    assert (await billing.reconcile(day_on)).differences == 0


async def test_the_door_does_not_take_what_was_not_ordered(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(800, hear=False)
    await TopUpRow.filter(out_trade_no=number).update(state="held", wechat_id=0)
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    await ask(billing, row, Way.CREDIT)
    with pytest.raises(ConflictError, match="not_as_ordered") as caught:
        await approve_difference(settling(billing), row.id, SECOND)
    assert caught.value.evidence["fields"] == ["openid"]
    assert not await LotRow.exists()


@pytest.mark.parametrize("fen", [1, -1])
async def test_a_fen_between_bill_and_ledger_is_an_item_of_one_fen(
    billing: Billing, fen: int
) -> None:
    day_on = billing.today
    number = await billing.paid(5_000)
    billing.paying.held(number).asked["amount"] = {"total": 5_000 + fen}
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    assert (row.cause, row.bill_fen, row.ledger_fen) == ("amount", 5_000 + fen, 5_000)
    await settle(billing, row, Way.HOLD)
    balances = billing.balances()
    assert (balances[SUSPENSE], balances[TRANSIT]) == (fen, 0)
    assert balances[MERCHANT] == 30 - (5_000 + fen)
    item = await SuspenseRow.get()
    assert (item.amount_fen, item.holder_id) == (-fen, billing.student.holder_id)


async def test_a_refund_that_nobody_asked_for_here_is_an_item(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(5_000)
    held = billing.paying.held(number)
    body = {
        "transaction_id": held.transaction_id,
        "out_refund_no": "by-hand-on-their-site",
        "amount": {"refund": 1_000, "total": 5_000, "currency": "CNY"},
    }
    billing.paying.sim.orders.refund(billing.paying.merchant, Body(body))
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    assert (row.subject, row.cause, row.bill_fen) == ("refund", "unknown", 1_000)
    await settle(billing, row, Way.HOLD)
    assert billing.balances()[SUSPENSE] == -1_000
    assert billing.balances()[TRANSIT] == 0
    assert (await SuspenseRow.get()).amount_fen == 1_000


async def movement(billing: Billing, fen: int) -> tuple[date, DifferenceRow]:
    """A day on which the merchant account moved by itself."""
    day_on = billing.today
    await billing.paid(5_000)
    await billing.morning(day_on)
    row = await DifferenceRow.create(
        day_on=int(day_on.strftime("%Y%m%d")),
        subject="funds",
        cause="movement",
        reference="5000-1",
        proposal="book",
        ours_fen=fen,
        found_at=billing.paying.at,
    )
    return day_on, row


async def test_a_withdrawal_is_on_its_way_to_the_bank(billing: Billing) -> None:
    _, row = await movement(billing, -4_000)
    await settle(billing, row, Way.BOOK, BANK)
    balances = billing.balances()
    assert (balances[BANK], balances[MERCHANT]) == (-4_000, 30 - 5_000 + 4_000)
    assert (await SuspenseRow.get()).amount_fen == 4_000
    assert (await DifferenceRow.get(id=row.id)).state == "settled"


async def test_a_cost_is_a_fee(billing: Billing) -> None:
    _, row = await movement(billing, -3)
    await settle(billing, row, Way.BOOK, FEES)
    assert (billing.balances()[FEES], billing.balances()[MERCHANT]) == (-33, 30 - 5_000 + 3)
    assert not await SuspenseRow.exists()


async def test_a_movement_settles_the_item_it_explains_and_no_other(billing: Billing) -> None:
    _, late = await movement(billing, 500)
    missing = await DifferenceRow.create(
        day_on=late.day_on,
        subject="funds",
        cause="funds_missing",
        reference="4200-1",
        proposal="hold",
        bill_fen=500,
        found_at=billing.paying.at,
    )
    await settle(billing, missing, Way.HOLD)
    item = await SuspenseRow.get()
    assert (item.amount_fen, billing.balances()[SUSPENSE]) == (500, -500)
    with pytest.raises(InvalidInputError, match="named_id"):
        await ask(billing, late, Way.BOOK, 77)
    await DifferenceRow.filter(id=late.id).update(ours_fen=499)
    with pytest.raises(ConflictError, match="other_amount"):
        await ask(billing, late, Way.BOOK, item.id)
    await DifferenceRow.filter(id=late.id).update(ours_fen=500)
    await settle(billing, late, Way.BOOK, item.id)
    assert billing.balances()[SUSPENSE] == 0
    assert (await SuspenseRow.get()).settled_by_id


async def test_one_person_does_not_settle(billing: Billing) -> None:
    _, row = await one_unknown(billing)
    await ask(billing, row, Way.HOLD)
    with pytest.raises(ForbiddenError, match="two_people"):
        await approve_difference(settling(billing), row.id, FIRST)
    assert not await SuspenseRow.exists()
    with pytest.raises((IntegrityError, OperationalError), match="difference_by_two"):
        await DifferenceRow.filter(id=row.id).update(decided_by="staff:1")
    await reject_difference(row.id, SECOND, billing.paying.at)
    assert (await DifferenceRow.get(id=row.id)).state == "open"
    with pytest.raises(ConflictError, match="nobody_asked"):
        await approve_difference(settling(billing), row.id, SECOND)
    with pytest.raises(ConflictError, match="nobody_asked"):
        await reject_difference(row.id, SECOND, billing.paying.at)


async def test_two_approvals_at_once_book_once(billing: Billing) -> None:
    _, row = await one_unknown(billing)
    await ask(billing, row, Way.HOLD)
    third = Actor(Audience.STAFF, 3, "third", Role.FINANCE)
    done = await asyncio.gather(
        *(approve_difference(settling(billing), row.id, one) for one in (SECOND, third) * 3),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, ConflictError) for one in done)
    assert await SuspenseRow.all().count() == 1
    assert billing.balances()[SUSPENSE] == 700


async def test_what_was_asked_first_is_what_is_accepted(billing: Billing) -> None:
    _, row = await one_unknown(billing)
    await ask(billing, row, Way.HOLD)
    await ask(billing, row, Way.HOLD)  # said twice
    third = Actor(Audience.STAFF, 3, "third", Role.FINANCE)
    with pytest.raises(ConflictError, match="difference_asked"):
        await ask_difference(row.id, WayAsked(Way.GIVE_BACK, 0, "退"), third, billing.paying.at)
    with pytest.raises(NotFoundError):
        await ask_difference(99_999, WayAsked(Way.HOLD, 0, "挂"), third, billing.paying.at)


@pytest.mark.parametrize("way", [Way.BOOK, Way.QUERY, Way.CREDIT])
async def test_a_way_that_settles_nothing_is_refused_with_the_ways_there_are(
    billing: Billing, way: Way
) -> None:
    _, row = await one_unknown(billing)
    with pytest.raises(ConflictError, match="wrong_way") as caught:
        await ask(billing, row, way)
    assert caught.value.evidence["ways"] == ["give_back", "hold"]


async def test_what_the_database_forbids_no_clerk_can_settle(billing: Billing) -> None:
    _, row = await one_unknown(billing)
    await DifferenceRow.filter(id=row.id).update(cause="duplicate")
    with pytest.raises(ConflictError, match="cannot_be_settled"):
        await ask(billing, row, Way.HOLD)


async def test_only_the_owner_of_an_order_gets_it(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(800, hear=False)
    await TopUpRow.filter(out_trade_no=number).update(state="held", wechat_id=0)
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    await settle(billing, row, Way.HOLD)
    await row.refresh_from_db()
    other = await billing.paying.student("o-other")
    with pytest.raises(ConflictError, match="other_owner"):
        await ask(billing, row, Way.CREDIT, other.holder_id)
    with pytest.raises(NotFoundError):
        await ask(billing, row, Way.CREDIT, 9_999)
    await settle(billing, row, Way.CREDIT, billing.student.holder_id)
    assert (await TopUpRow.get(out_trade_no=number)).state == "paid"
    assert billing.balances()[SUSPENSE] == 0


async def test_wechat_pay_is_asked_about_what_the_bill_does_not_have(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(800)
    billing.paying.held(number).paid_at += 86_400  # their own books say the next day
    await billing.paid(5)
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    assert (row.cause, row.reference) == ("unproven", number)
    await ask(billing, row, Way.QUERY)
    path = f"/v3/pay/transactions/out-trade-no/{number}"
    billing.paying.plan(path=path, kind="unavailable", times=9)
    with pytest.raises(WechatPayAwayError):
        await approve_difference(settling(billing), row.id, SECOND)
    assert (await DifferenceRow.get(id=row.id)).state == "asked"
    billing.paying.sim.faults.__init__()  # type: ignore[misc] # it is back
    await approve_difference(settling(billing), row.id, SECOND)
    await billing.reconcile(day_on)
    (row,) = [one for one in await billing.differences(day_on) if one.cause == "unproven"]
    assert (row.state, row.decided_by) == ("settled", "books")
    next_day = billing.today
    told = await billing.morning(next_day)
    assert (told.figures.proven_fen, billing.balances()[TRANSIT]) == (800, 0)


async def test_money_without_a_purse_goes_back_or_waits_for_its_owner(billing: Billing) -> None:
    day_on = billing.today
    numbers = [await billing.order(fen) for fen in (800, 900)]
    await CardRow.filter(holder_id=billing.student.holder_id).update(state=CardState.CLOSED)
    for number in numbers:
        await billing.pay(number)
    assert billing.balances()[SUSPENSE] == 1_700
    told = await billing.morning(day_on)
    rows = await billing.differences(day_on)
    assert [(row.cause, row.state, row.bill_fen) for row in rows] == [
        ("held", "held", 800),
        ("held", "held", 900),
    ]
    assert (told.figures.proven_fen, billing.balances()[TRANSIT], told.differences) == (1_700, 0, 2)
    await settle(billing, rows[0], Way.GIVE_BACK)
    parts = billing.paying.office.parts
    await give_back(parts.ledger, parts.clock, parts.pay)
    await billing.paying.advance(61)
    await give_back(parts.ledger, parts.clock, parts.pay)
    assert (await DifferenceRow.get(id=rows[0].id)).state == "settled"
    await settle(billing, rows[1], Way.CREDIT, billing.student.holder_id)
    assert billing.balances()[SUSPENSE] == 0
    assert (await LotRow.get()).reference == numbers[1]
    assert (await billing.reconcile(day_on)).differences == 0


async def test_the_rest_of_a_credited_payment_does_not_go_back_alone(billing: Billing) -> None:
    day_on = billing.today
    number = await billing.paid(5_000)
    billing.paying.held(number).asked["amount"] = {"total": 5_001}
    await billing.morning(day_on)
    (row,) = await billing.differences(day_on, "open")
    await settle(billing, row, Way.HOLD)
    with pytest.raises(ConflictError, match="no_single_payment"):
        await ask(billing, row, Way.GIVE_BACK)
    with pytest.raises(ConflictError, match="wrong_way"):
        await ask(billing, row, Way.CREDIT, billing.student.holder_id)
