"""The chart of accounts. Account ids are computed, so that posting a payment looks none of them up.

School accounts have small fixed ids; a merchant's payable and a cardholder's purses follow from
their owners' ids.
"""

from __future__ import annotations

from enum import IntEnum

PURSES = ("cash", "benefit")
"""Kinds of purse, in the order of their account ids; only ever appended to."""

PURSES_MAX = 8
"""Room for later kinds in the id of a purse account."""

SCHOOL_BOOK = 0
"""The book of what belongs to no campus; a campus' book has the id of its place."""

_MERCHANT_BASE = 1 << 40
_PURSE_BASE = 2 << 40


class SchoolAccount(IntEnum):
    """Accounts the school itself holds; the value is the account's id and never changes meaning."""

    OPENING = 1
    """Balances brought in when a school starts or migrates."""
    CASH_DRAWER = 2
    """Cash taken at the counter."""
    WECHAT_IN_TRANSIT = 3
    BANK_IN_TRANSIT = 4
    OFFLINE_SUSPENSE = 5
    """Food handed out offline that a purse could not cover: itemised, waiting for its holder."""
    RISK = 6
    """What the school bears: forged records, payments after a freeze, second uses of a code."""
    FEE_INCOME = 7
    BENEFIT_SOURCE = 8
    PROMOTION = 9
    MERCHANT_SETTLEMENT = 10
    """Settled and on its way to the merchants' bank accounts."""
    WECHAT_MERCHANT = 11
    """What a bill proved to be in the school's merchant account at WeChat Pay."""
    WECHAT_FEES = 12
    """What WeChat Pay kept for its service."""
    TOP_UP_SUSPENSE = 13
    """Paid to the school, and nobody knows yet for whom: itemised."""
    CASH_DIFFERENCE = 14
    """What drawers held too much or too little when they were counted."""
    COURTESY = 15
    """Meals on the school, given where the purses did not reach: itemised."""
    COMMISSION_INCOME = 16
    """What the school keeps of merchants' settlements."""
    MERCHANTS_PAID = 17
    """What was sent to the merchants' bank accounts."""


CLEARING = (
    SchoolAccount.WECHAT_IN_TRANSIT,
    SchoolAccount.BANK_IN_TRANSIT,
    SchoolAccount.OFFLINE_SUSPENSE,
    SchoolAccount.TOP_UP_SUSPENSE,
)
"""Accounts that return to zero or name the items that keep them from it."""


def merchant_account(merchant_id: int) -> int:
    """The id of a merchant's payable account."""
    return _MERCHANT_BASE + merchant_id


def is_merchant(account_id: int) -> bool:
    """Whether it is a merchant's payable account."""
    return _MERCHANT_BASE < account_id < _PURSE_BASE


def purse_of(account_id: int) -> str:
    """Which kind of purse an account is; "" for one that is no purse."""
    return PURSES[account_id % PURSES_MAX] if account_id >= _PURSE_BASE else ""


def purse_account(holder_id: int, purse: str) -> int:
    """The id of a cardholder's purse account; ValueError for an unknown kind of purse."""
    return _PURSE_BASE + holder_id * PURSES_MAX + PURSES.index(purse)
