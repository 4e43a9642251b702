"""A holder's statement: every line explains its amount, and the pages hold each line once."""

from __future__ import annotations

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.errors import NotFoundError
from backend.domain.payment import AttemptKind
from backend.tables.card import CardRow
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cards.read_card import read_card
from campus_code import CardState
from tests.rig.campus import NOON, STAFF, Campus

ALL = 100


async def card_id_of(holder_id: int) -> int:
    card_id: int = (await CardRow.get(holder_id=holder_id)).id
    return card_id


async def test_a_line_says_what_each_purse_paid(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(1000, 800, class_id=STAFF)
    await campus.post(campus.tap(till, holder, 1000))
    (line,) = await read_payments(await card_id_of(holder), before_id=0, lines_max=ALL)
    assert (line.nominal_fen, line.discount_fen, line.fee_fen, line.charged_fen) == (
        1000,
        100,
        0,
        900,
    )
    assert dict(line.split) == {"benefit": 800, "cash": 100}
    assert (line.merchant, line.terminal) == ("Noodles", "Noodles till")
    assert (line.was_offline, line.was_late, line.returned_fen) == (False, False, 0)


async def test_a_late_offline_payment_stands_where_it_belongs(campus: Campus) -> None:
    till, other = await campus.terminal(), await campus.terminal("Rice")
    holder = await campus.holder()
    await campus.post(campus.tap(till, holder, 500))
    late = campus.record(other, holder, 300, at=NOON - 7200, step=1)
    await campus.post(late)
    lines = await read_payments(await card_id_of(holder), before_id=0, lines_max=ALL)
    assert [line.charged_fen for line in lines] == [500, 300]
    assert (lines[1].was_offline, lines[1].was_late) == (True, True)


async def test_a_reversed_payment_says_what_came_back(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 500)
    await campus.post(tap)
    await campus.post(
        campus.tap(till, holder, 500, kind=AttemptKind.REVERSAL, reverses=tap.sequence)
    )
    (line,) = await read_payments(await card_id_of(holder), before_id=0, lines_max=ALL)
    assert (line.charged_fen, line.returned_fen) == (500, 500)


async def test_what_the_school_bears_no_purse_has_paid(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await CardRow.filter(holder_id=holder).update(state=CardState.FROZEN, frozen_at=NOON - 60)
    await campus.post(campus.record(till, holder, 300))
    (line,) = await read_payments(await card_id_of(holder), before_id=0, lines_max=ALL)
    assert (line.charged_fen, line.borne_fen, dict(line.split)) == (300, 300, {})
    assert (line.outcome, line.reason) == ("suspense", "frozen")


async def test_pages_hold_every_line_once_in_order(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    for number in range(7):
        campus.now = NOON + 15 * (number // 2)  # two in the same second
        await campus.post(campus.record(till, holder, 100 + number, step=1000 + number))
    card_id = await card_id_of(holder)
    whole = await read_payments(card_id, before_id=0, lines_max=ALL)
    paged, before_id = [], 0
    while page := await read_payments(card_id, before_id=before_id, lines_max=3):
        paged += page
        before_id = page[-1].payment_id
    assert paged == whole
    assert len({line.payment_id for line in whole}) == 7
    times = [line.occurred_at for line in whole]
    assert times == sorted(times, reverse=True)


async def test_somebody_elses_payment_is_no_place_to_begin(campus: Campus) -> None:
    till, one, other = await campus.terminal(), await campus.holder(), await campus.holder()
    (outcome,) = await campus.post(campus.tap(till, one, 500))
    with pytest.raises(NotFoundError):
        await read_payments(await card_id_of(other), before_id=outcome.payment_id, lines_max=ALL)
    assert await read_payments(await card_id_of(other), before_id=0, lines_max=ALL) == []


async def test_spent_today_is_of_this_business_day(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await campus.post(campus.record(till, holder, 500))
    card_id = await card_id_of(holder)
    me = Actor(Audience.STUDENT, card_id, "phone", card_id=card_id)
    today = await read_card(me, rules=campus.rules, at=NOON)
    assert (today.spent_fen, today.business_on) == (500, 20260101)
    assert today.balances_fen["cash"] == 9500
    tomorrow = await read_card(me, rules=campus.rules, at=NOON + 86_400)
    assert tomorrow.spent_fen == 0
