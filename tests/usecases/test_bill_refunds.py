"""Refunds in the morning's books: proven when they have arrived, named until then."""

from __future__ import annotations

import os

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.tables.top_up import LotRow, RefundRow
from backend.usecases.bills.find_due_days import find_due_days
from backend.usecases.bills.list_in_transit import list_in_transit
from backend.usecases.refunds.approve_refund import approve_refund
from backend.usecases.refunds.ask_refund import RefundAsked, ask_refund
from backend.usecases.refunds.do_refunds import do_refunds
from tests.rig.billing import Billing

TRANSIT, MERCHANT = 3, 11
FIRST = Actor(Audience.STAFF, 1, "first", Role.FINANCE)
SECOND = Actor(Audience.STAFF, 2, "second", Role.FINANCE)


async def give_back(billing: Billing, fen: int) -> None:
    """Two people give a part of the newest top-up back; WeChat Pay takes it on."""
    parts, at = billing.paying.office.parts, billing.paying.at
    lot = await LotRow.all().order_by("-id").first()
    assert lot is not None
    asked = RefundAsked(f"refund-{fen:06}", lot.id, fen, "退卡")
    row = await ask_refund(parts.ledger, asked, FIRST, at=at, randomness=os.urandom)
    await approve_refund(parts.ledger, parts.clock, row.id, SECOND)
    await do_refunds(parts.ledger, parts.pay, parts.clock)


async def ask_again(billing: Billing) -> str:
    """Some time later WeChat Pay is asked how far the refund is."""
    await billing.paying.advance(3_600)
    parts = billing.paying.office.parts
    await do_refunds(parts.ledger, parts.pay, parts.clock)
    return str((await RefundRow.get()).state)


async def test_a_refund_that_arrived_is_proven_by_its_day(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid(5_000)
    await give_back(billing, 2_000)
    assert await ask_again(billing) == "done"
    told = await billing.morning(day_on)
    assert (told.figures.proven_fen, told.differences) == (3_000, 0)
    assert billing.balances()[TRANSIT] == 0
    assert billing.balances()[MERCHANT] == (30 - 12) - 3_000
    assert await billing.differences(day_on) == []


async def test_one_on_its_way_is_named_and_proven_when_it_has_arrived(billing: Billing) -> None:
    day_on = billing.today
    await billing.paid(5_000)
    billing.paying.plan(what="notices", kind="never")
    await give_back(billing, 2_000)
    refund = await RefundRow.get()
    told = await billing.morning(day_on)
    assert told.figures.proven_fen == 5_000
    page = await list_in_transit(billing.ledger, 0)
    assert [(one.number, one.amount_fen) for one in page.items] == [(refund.out_refund_no, -2_000)]
    assert await ask_again(billing) == "done"
    due = await find_due_days(billing.paying.at)
    assert due.revisit == (day_on,)  # the worker looks at it again
    told = await billing.reconcile(day_on)
    assert (told.figures.proven_fen, billing.balances()[TRANSIT]) == (3_000, 0)


@pytest.mark.parametrize("kind", ["closed"])
async def test_one_that_was_closed_has_never_left(billing: Billing, kind: str) -> None:
    day_on = billing.today
    await billing.paid(5_000)
    billing.paying.plan(what="refunds", kind=kind)
    await give_back(billing, 2_000)
    assert await ask_again(billing) == "closed"
    told = await billing.morning(day_on)
    assert (told.figures.proven_fen, billing.balances()[TRANSIT]) == (5_000, 0)
    assert await billing.causes(day_on, "open") == []
    assert (await list_in_transit(billing.ledger, 0)).items == ()
