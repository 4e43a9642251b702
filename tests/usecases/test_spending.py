"""What a holder spent: added up by the database, with everything that came back taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.correction import CorrectionKind
from backend.domain.errors import InvalidInputError
from backend.domain.spending import Spent, shares_by
from backend.tables.card import CardRow
from backend.tables.merchant import MerchantRow
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.cardholders.read_spending import Spending, read_spending
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from campus_code import CardState, card_number
from tests.rig.campus import NOON, STAFF, Campus

MAKER = Actor(Audience.STAFF, 1, "maker")
CHECKER = Actor(Audience.STAFF, 2, "checker")
DAY = 86_400
JANUARY = 202601


async def card_of(holder_id: int) -> int:
    card_id: int = (await CardRow.filter(holder_id=holder_id).order_by("id"))[0].id
    return card_id


async def spending_of(campus: Campus, holder_id: int, month: int = JANUARY) -> Spending:
    card_id = await card_of(holder_id)
    return await read_spending(card_id, month=month, rules=campus.rules, at=int(campus.now))


def fen_by(spending: Spending, key: Callable[[Spent], Any]) -> list[tuple[Any, int]]:
    return [(name, share.charged_fen) for name, share in shares_by(spending.spent, key)]


async def correct(campus: Campus, payment_id: int, fen: int, kind: CorrectionKind) -> None:
    asked = CorrectionAsked(f"key-{payment_id}", payment_id, kind, fen, "菜品有误")
    request = await ask_correction(asked, MAKER, NOON)
    await approve_correction(campus.ledger, campus.clock, request, CHECKER)


async def test_what_came_back_is_taken_out(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(100_000, class_id=STAFF)
    paid = []
    for fen in (1000, 2000, 3000, 4000, 5000):
        paid.append((await campus.post(campus.tap(till, holder, fen)))[0])
        campus.now += 15
    await correct(campus, paid[0].payment_id, 300, CorrectionKind.REFUND)
    await correct(campus, paid[1].payment_id, 1800, CorrectionKind.VOID)
    await campus.post(campus.undo(till, 3))  # the payment of 3000
    spending = await spending_of(campus, holder)
    # a tenth off: 900 - 300, 3600 and 4500 stand; 1800 and 2700 went back
    (whole,) = spending.spent
    assert whole == Spent(20260101, "Noodles", "lunch", 600 + 3600 + 4500, 4800, 1000, 3)
    assert spending.months[-1].charged_fen == 8700
    lines = await read_payments(await card_of(holder), before_id=0, lines_max=100)
    kept = sum(line.charged_fen - line.borne_fen - line.returned_fen for line in lines)
    assert kept == whole.charged_fen == 100_000 - await campus.balance(holder)


async def test_what_the_school_bears_was_not_spent(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await CardRow.filter(holder_id=holder).update(state=CardState.FROZEN, frozen_at=NOON - 60)
    await campus.post(campus.record(till, holder, 300))
    spending = await spending_of(campus, holder)
    assert [(one.charged_fen, one.payments) for one in spending.spent] == [(0, 0)]
    assert shares_by(spending.spent, lambda one: one.merchant) == []


async def test_every_card_of_the_holder_and_nobody_elses(campus: Campus) -> None:
    till, holder, other = await campus.terminal(), await campus.holder(), await campus.holder()
    await campus.post(campus.tap(till, holder, 500), campus.tap(till, other, 900))
    await CardRow.create(
        number=card_number(900), holder_id=holder, issue=1, opened_at="2026-01-01T00:00:00+00:00"
    )
    campus.now += 15
    await campus.post(campus.tap(till, holder, 700, card_number=card_number(900)))
    (whole,) = (await spending_of(campus, holder)).spent
    assert (whole.charged_fen, whole.payments) == (1200, 2)


async def test_days_merchants_meals_and_months(campus: Campus) -> None:
    noodles, rice = await campus.terminal(), await campus.terminal("Rice")
    holder = await campus.holder(100_000)
    for days, till, fen, period in (
        (0, noodles, 500, "lunch"),
        (0, rice, 700, "dinner"),
        (-1, rice, 900, "lunch"),  # 2025-12-31
    ):
        at = NOON + days * DAY + (6 * 3600 if period == "dinner" else 0)
        campus.now = at
        await campus.post(campus.tap(till, holder, fen))
    campus.now = NOON
    spending = await spending_of(campus, holder)
    assert fen_by(spending, lambda one: one.business_on) == [(20260101, 1200)]
    assert fen_by(spending, lambda one: one.period_id) == [("dinner", 700), ("lunch", 500)]
    assert fen_by(spending, lambda one: one.merchant) == [("Noodles", 500), ("Rice", 700)]
    assert [one.month for one in spending.months] == [*range(202502, 202513), JANUARY]
    assert [one.charged_fen for one in spending.months] == [0] * 10 + [900, 1200]
    december = await spending_of(campus, holder, 202512)
    assert [one.charged_fen for one in december.spent] == [900]
    assert december.months == spending.months


async def test_the_statement_keeps_to_a_month(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(100_000)
    for days in (-1, 0, 1):
        campus.now = NOON + days * DAY
        await campus.post(campus.tap(till, holder, 500))
    card_id = await card_of(holder)
    for month, business_days in (
        (JANUARY, [20260102, 20260101]),
        (202512, [20251231]),
        (202602, []),
    ):
        lines = await read_payments(card_id, before_id=0, lines_max=100, month=month)
        assert [line.business_on for line in lines] == business_days


@pytest.mark.parametrize("month", [1, 202600, 202613, 199912])
async def test_a_number_that_is_no_month_is_named(campus: Campus, month: int) -> None:
    holder = await campus.holder()
    with pytest.raises(InvalidInputError, match="month"):
        await spending_of(campus, holder, month)
    with pytest.raises(InvalidInputError, match="month"):
        await read_payments(await card_of(holder), before_id=0, lines_max=1, month=month)


async def test_a_renamed_merchant_has_its_new_name(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    await campus.post(campus.tap(till, holder, 500))
    await MerchantRow.filter(name="Noodles").update(name="面馆")
    assert [one.merchant for one in (await spending_of(campus, holder)).spent] == ["面馆"]
