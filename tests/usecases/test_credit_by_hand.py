"""Credits by hand below HTTP: the use case itself refuses what nobody may bring in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.errors import InvalidInputError
from backend.tables.account import CreditRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.usecases.drawers.open_drawer import open_drawer
from backend.usecases.ledger.credit_by_hand import (
    HAND_CREDIT_FEN_MAX,
    CreditAsked,
    credit_by_hand,
)
from tests.rig.campus import Campus

ROUNDS = 15
FINANCE = Actor(Audience.STAFF, 1, "finance")


@pytest.mark.parametrize("fen", [0, -1, HAND_CREDIT_FEN_MAX + 1, 1.0, True, "5", None])
async def test_what_is_no_amount_is_not_brought_in(audited: Campus, fen: Any) -> None:
    holder = await audited.holder()
    asked = CreditAsked("key-0001", holder, "cash", fen, "现金")
    with pytest.raises(InvalidInputError, match="amount_fen"):
        await credit_by_hand(audited.ledger, audited.clock, asked, FINANCE)
    assert await audited.balance(holder) == 10_000
    assert not await CreditRow.exists()


async def test_no_purse_of_another_kind(audited: Campus) -> None:
    holder = await audited.holder()
    asked = CreditAsked("key-0001", holder, "promotion", 5, "现金")
    with pytest.raises(InvalidInputError, match="purse"):
        await credit_by_hand(audited.ledger, audited.clock, asked, FINANCE)
    assert not await CreditRow.exists()


async def test_a_credit_and_a_payment_of_another_process_lose_nothing(
    audited: Campus, db: DatabaseUrl
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    await open_drawer(0, FINANCE, int(audited.now))
    other = Ledger(make_store(db), audited.clock, "second")
    await other.open()
    try:
        for place in range(ROUNDS):
            audited.now += 15
            asked = CreditAsked(f"key-{place:04}", holder, "cash", 300, "现金")
            _, (paid,) = await asyncio.gather(
                credit_by_hand(other, audited.clock, asked, FINANCE),
                audited.post(audited.tap(till, holder, 100)),
            )
            assert paid.is_approved
    finally:
        await other.close()
    assert await audited.balance(holder) == 10_000 + ROUNDS * (300 - 100)
