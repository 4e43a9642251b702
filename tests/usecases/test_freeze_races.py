"""Freezes, losses and closings beside payments of the same card, on connections of their own."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.card import Part
from backend.domain.errors import ConflictError
from backend.domain.payment import Outcome, OutcomeWord
from backend.tables.card import CardRow
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.ledger.verify_ledger import verify_ledger
from campus_code import CardState, Refusal
from tests.rig.campus import NOON, Campus
from tests.rig.listening import RememberingBus

OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
TAPS = 12


async def test_after_the_freeze_has_answered_nothing_is_taken(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(10_000)
    card = await CardRow.get(holder_id=holder)
    frozen = asyncio.Event()
    after: list[Outcome] = []
    before: list[Outcome] = []

    async def pay() -> None:
        for number in range(TAPS):
            has_answered = frozen.is_set()
            (outcome,) = await campus.post(campus.tap(till, holder, 100, step=1000 + number))
            (after if has_answered else before).append(outcome)
            await asyncio.sleep(0)

    async def stop() -> None:
        await asyncio.sleep(0.005)
        await freeze_card(card.id, frozenset(Part), actor=OFFICE, at=NOON, bus=RememberingBus())
        frozen.set()

    await asyncio.gather(pay(), stop())
    (last,) = await campus.post(campus.tap(till, holder, 100, step=2000))
    assert (last.word, last.reason) == (OutcomeWord.DECLINED, Refusal.FROZEN)
    assert {one.reason for one in after} <= {Refusal.FROZEN}
    posted = [one for one in before if one.word is OutcomeWord.POSTED]
    assert await campus.balance(holder) == 10_000 - 100 * len(posted)


async def test_a_card_closes_only_when_its_last_payment_is_through(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder(100 * TAPS)
    card = await CardRow.get(holder_id=holder)

    async def pay() -> list[Outcome]:
        taps = [campus.tap(till, holder, 100, step=1000 + number) for number in range(TAPS)]
        return [outcome for tap in taps for outcome in await campus.post(tap)]

    async def close() -> None:
        await close_card(card.id, actor=OFFICE, at=NOON, bus=RememberingBus())

    async def keep_closing() -> None:
        while (await CardRow.get(id=card.id)).state != CardState.CLOSED:
            with contextlib.suppress(ConflictError):
                await close()
            await asyncio.sleep(0.001)

    with pytest.raises(ConflictError):
        await close()
    outcomes, _ = await asyncio.gather(pay(), keep_closing())
    assert {one.word for one in outcomes} == {OutcomeWord.POSTED}
    assert await campus.balance(holder) == 0
    assert (await CardRow.get(id=card.id)).state == CardState.CLOSED
    assert (await verify_ledger(campus.ledger)).findings == []
