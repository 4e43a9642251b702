"""Posting sets: what each member is answered and what then stands in the books."""

from __future__ import annotations

from backend.domain.payment import OutcomeWord
from campus_code import Refusal
from tests.rig.campus import STAFF, Campus


async def test_a_tap_moves_money_from_the_purse_to_the_merchant(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(cash_fen=10_000)
    (outcome,) = await campus.post(campus.tap(till, holder, 1250))
    assert (outcome.word, outcome.amounts.charged_fen) == (OutcomeWord.POSTED, 1250)
    assert await campus.balance(holder) == 8750


async def test_benefit_pays_before_cash(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(1000, benefit_fen=800)
    await campus.post(campus.tap(till, holder, 1250))
    assert (await campus.balance(holder), await campus.balance(holder, "benefit")) == (550, 0)


async def test_a_discount_is_kept_apart(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(class_id=STAFF)
    (outcome,) = await campus.post(campus.tap(till, holder, 1000))
    assert (outcome.amounts.nominal_fen, outcome.amounts.discount_fen) == (1000, 100)
    assert await campus.balance(holder) == 9100


async def test_a_repeat_gets_the_first_answer(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 1250)
    (first,) = await campus.post(tap)
    (second,) = await campus.post(tap)
    assert second.word is OutcomeWord.REPEATED
    assert (second.payment_id, second.amounts) == (first.payment_id, first.amounts)
    assert await campus.balance(holder) == 8750


async def test_one_bad_member_does_not_fail_its_neighbours(campus: Campus) -> None:
    till, rich, poor = await campus.terminal(), await campus.holder(), await campus.holder(100)
    outcomes = await campus.post(
        campus.tap(till, rich, 1250),
        campus.tap(till, poor, 1250),
        campus.tap(till, rich, 1, step=5),
    )
    assert [one.word for one in outcomes] == [
        OutcomeWord.POSTED,
        OutcomeWord.DECLINED,
        OutcomeWord.POSTED,
    ]
    assert outcomes[1].reason is Refusal.INSUFFICIENT_FUNDS
    assert await campus.balance(rich) == 8749


async def test_a_repeat_that_could_not_pay_again_gets_the_first_answer(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(1300)
    tap = campus.tap(till, holder, 1250)
    (first,) = await campus.post(tap)
    again, small = await campus.post(tap, campus.tap(till, holder, 50, step=5))
    assert (again.word, again.payment_id) == (OutcomeWord.REPEATED, first.payment_id)
    assert small.word is OutcomeWord.POSTED
    assert await campus.balance(holder) == 0


async def test_a_code_that_paid_at_another_window_is_refused_alone(campus: Campus) -> None:
    here, there = await campus.terminal(), await campus.terminal("Rice")
    holder, other = await campus.holder(), await campus.holder()
    await campus.post(campus.tap(here, holder, 100))
    second, neighbour = await campus.post(
        campus.tap(there, holder, 100), campus.tap(there, other, 100)
    )
    assert (second.word, second.reason) == (OutcomeWord.DECLINED, Refusal.ALREADY_USED)
    assert neighbour.word is OutcomeWord.POSTED
    assert (await campus.balance(holder), await campus.balance(other)) == (9900, 9900)
