"""Pouring amounts from payers into payees: every fen arrives once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.payment_legs import pour

PARTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=6)


@given(PARTS, PARTS)
def test_every_fen_arrives_once(paid: list[int], wanted: list[int]) -> None:
    short = sum(wanted) - sum(paid)
    paid, wanted = [*paid, max(short, 0)], [*wanted, max(-short, 0)]
    legs = pour(list(enumerate(paid)), list(enumerate(wanted, 100)))
    assert all(leg.amount_fen > 0 for leg in legs)
    for account, amount in enumerate(paid):
        assert sum(leg.amount_fen for leg in legs if leg.source == account) == amount
    for account, amount in enumerate(wanted, 100):
        assert sum(leg.amount_fen for leg in legs if leg.target == account) == amount


@pytest.mark.parametrize("paid, wanted", [(5, 4), (4, 5), (0, 1), (1, 0)])
def test_unequal_sums_are_refused(paid: int, wanted: int) -> None:
    with pytest.raises(ValueError, match="same sum"):
        pour([(1, paid)], [(2, wanted)])


@pytest.mark.parametrize(
    "sources, targets",
    [([(1, 50)], [(2, -50), (3, 100)]), ([(1, -50), (4, 100)], [(2, 50)])],
)
def test_negative_amounts_are_refused(
    sources: list[tuple[int, int]], targets: list[tuple[int, int]]
) -> None:
    with pytest.raises(ValueError, match="negative"):
        pour(sources, targets)
