"""Money into purses: whole positive fen, for people who have a purse, all or none."""

from __future__ import annotations

from typing import Any

import pytest

from backend.domain.accounts import SchoolAccount
from backend.domain.errors import InvalidInputError
from backend.usecases.ledger.credit_purse import CREDIT_FEN_MAX, credit_purse
from tests.rig.campus import Campus


@pytest.mark.parametrize("fen", [0, -1, CREDIT_FEN_MAX + 1, 1.0, True, "5", None, 2**63])
async def test_what_is_no_amount_is_not_credited(audited: Campus, fen: Any) -> None:
    one, other = await audited.holder(), await audited.holder()
    with pytest.raises(InvalidInputError):
        await credit_purse(
            audited.ledger, "cash", SchoolAccount.CASH_DRAWER, [(one, 5), (other, fen)]
        )
    assert (await audited.balance(one), await audited.balance(other)) == (10_000, 10_000)


async def test_who_has_no_purse_is_not_credited(audited: Campus) -> None:
    holder = await audited.holder()
    for credited in ([(holder, 5), (holder + 77, 5)], [(holder + 77, 5)]):
        with pytest.raises(InvalidInputError):
            await credit_purse(audited.ledger, "cash", SchoolAccount.CASH_DRAWER, credited)
    assert await audited.balance(holder) == 10_000


async def test_two_credits_of_one_set_add_up(audited: Campus) -> None:
    holder = await audited.holder()
    paid = [(holder, 5), (holder, 7)]
    await credit_purse(audited.ledger, "benefit", SchoolAccount.BENEFIT_SOURCE, paid)
    assert await audited.balance(holder, "benefit") == 12
