"""Refunds and voids: two people, the same purses in reverse order, never more than was paid."""

from __future__ import annotations

import asyncio

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.correction import CorrectionKind
from backend.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from backend.domain.place import Reach
from backend.tables.cardholder import TallyRow
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from tests.rig.campus import NOON, Campus

MAKER = Actor(Audience.STAFF, 1, "maker")
CHECKER = Actor(Audience.STAFF, 2, "checker")


async def _ask(
    payment_id: int, fen: int, key: str = "k1", kind: CorrectionKind = CorrectionKind.REFUND
) -> int:
    asked = CorrectionAsked(key, payment_id, kind, fen, "菜品有误; wrong dish' --")
    return await ask_correction(asked, MAKER, NOON)


async def test_refunds_go_back_in_reverse_order(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(1000, benefit_fen=800)
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    for number, fen in enumerate((300, 500)):
        request = await _ask(paid.payment_id, fen, f"k{number}")
        await approve_correction(campus.ledger, campus.clock, request, CHECKER)
    assert (await campus.balance(holder), await campus.balance(holder, "benefit")) == (1000, 350)
    assert (await verify_ledger(campus.ledger)).findings == []


async def test_one_person_cannot_do_it_alone(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    request = await _ask(paid.payment_id, 100)
    with pytest.raises(ForbiddenError):
        await approve_correction(campus.ledger, campus.clock, request, MAKER)
    assert await campus.balance(holder) == 8750


async def test_approving_twice_pays_once(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    request = await _ask(paid.payment_id, 100)
    await asyncio.gather(
        *(approve_correction(campus.ledger, campus.clock, request, CHECKER) for _ in range(5))
    )
    assert await campus.balance(holder) == 8850


async def test_never_more_than_was_paid(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    requests = [await _ask(paid.payment_id, 500, f"k{number}") for number in range(6)]
    results = await asyncio.gather(
        *(approve_correction(campus.ledger, campus.clock, one, CHECKER) for one in requests),
        return_exceptions=True,
    )
    assert sum(isinstance(one, ConflictError) for one in results) == 4
    assert await campus.balance(holder) == 9750
    with pytest.raises(InvalidInputError):
        await _ask(paid.payment_id, 1251, "more")


async def test_a_void_gives_the_count_back(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    request = await _ask(paid.payment_id, 1250, kind=CorrectionKind.VOID)
    await approve_correction(campus.ledger, campus.clock, request, CHECKER)
    tally = await TallyRow.get(holder_id=holder)
    assert (tally.day_fen, tally.meal_count) == (0, 0)
    assert await campus.balance(holder) == 10_000


async def test_a_refunded_payment_cannot_be_reversed_too(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 1250)
    (paid,) = await campus.post(tap)
    request = await _ask(paid.payment_id, 100)
    await approve_correction(campus.ledger, campus.clock, request, CHECKER)
    (outcome,) = await campus.post(campus.undo(till, tap.sequence))
    assert outcome.word.value == "conflict"
    assert await campus.balance(holder) == 8850


async def test_a_reversed_payment_cannot_be_refunded_too(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    tap = campus.tap(till, holder, 1250)
    (paid,) = await campus.post(tap)
    request = await _ask(paid.payment_id, 100)
    await campus.post(campus.undo(till, tap.sequence))
    with pytest.raises(ConflictError):
        await approve_correction(campus.ledger, campus.clock, request, CHECKER)
    assert await campus.balance(holder) == 10_000


async def test_a_cashier_sees_the_own_merchant_only(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    (paid,) = await campus.post(campus.tap(till, holder, 1250))
    asked = CorrectionAsked("k1", paid.payment_id, CorrectionKind.VOID, 1250, "wrong amount")
    for merchant_id, may_ask in ((1, True), (2, False)):
        cashier = Actor(
            Audience.STAFF, 3, "cashier", reach=Reach(merchant_ids=frozenset({merchant_id}))
        )
        if may_ask:
            assert await ask_correction(asked, cashier, NOON)
            continue
        with pytest.raises(NotFoundError):
            await ask_correction(asked, cashier, NOON)
