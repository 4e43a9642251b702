"""Who pays what of one payment, and the postings that come of it."""

from __future__ import annotations

from typing import NamedTuple

from backend.domain.accounts import SchoolAccount, merchant_account, purse_account
from backend.domain.payment import Amounts, Posting


class Price(NamedTuple):
    """What a payment costs and under which class, period and day it counts."""

    amounts: Amounts
    fee_owner: str
    class_id: int
    period_id: str
    business_on: int


class Payer(NamedTuple):
    """Who pays what of one payment: purses in order, then the school's own accounts.

    `card_id` and `holder_id` are 0 when the card is unknown; `code_key` None when the use of the
    credential must not count (it had been used before).
    """

    card_id: int
    holder_id: int
    code_key: int | None
    split: tuple[tuple[str, int], ...]
    borne: tuple[tuple[SchoolAccount, int], ...] = ()
    outcome: str = "posted"
    reason: str = ""


def legs_of(payer: Payer, price: Price, merchant_id: int) -> tuple[Posting, ...]:
    """From whoever pays to the merchant, and the school's fee to the school."""
    charged_fen = price.amounts.charged_fen
    fee_fen = price.amounts.fee_fen if price.fee_owner == "school" else 0
    payable = merchant_account(merchant_id)
    if not fee_fen and not payer.borne and len(payer.split) == 1:
        ((name, part),) = payer.split
        if part == charged_fen:  # the usual lunch: one purse, one merchant
            return (Posting(purse_account(payer.holder_id, name), payable, charged_fen),)
    sources = [
        *((purse_account(payer.holder_id, name), part) for name, part in payer.split),
        *((int(account), part) for account, part in payer.borne),
    ]
    return pour(
        sources, [(payable, charged_fen - fee_fen), (int(SchoolAccount.FEE_INCOME), fee_fen)]
    )


def pour(sources: list[tuple[int, int]], targets: list[tuple[int, int]]) -> tuple[Posting, ...]:
    """Fill the targets from the sources in order; both sums must be the same, in fen.

    Raises:
        ValueError: when they are not, or one is negative: money would appear or vanish.

    """
    if any(amount < 0 for _, amount in (*sources, *targets)):
        message = "a source or target is negative"
        raise ValueError(message)
    if sum(amount for _, amount in sources) != sum(amount for _, amount in targets):
        message = "sources and targets do not have the same sum"
        raise ValueError(message)
    legs: list[Posting] = []
    source_iterator = iter(sources)
    source, left = next(source_iterator, (0, 0))
    for target, wanted in targets:
        missing = wanted
        while missing > 0:
            while left == 0:
                source, left = next(source_iterator)
            part = min(left, missing)
            legs.append(Posting(source, target, part))
            left -= part
            missing -= part
    return tuple(legs)
