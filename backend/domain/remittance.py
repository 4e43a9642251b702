"""Remittances: money sent to a merchant's bank account for what is settled, by two people."""

from __future__ import annotations

from typing import Final

from backend.domain.errors import NotFoundError

APPROVED: Final = "approved"
REJECTED: Final = "rejected"
VOUCHER_LENGTH_MAX: Final = 64
REASON_LENGTH_MAX: Final = 200
SETTLEMENTS_MAX: Final = 2_000
"""Settlements of one remittance: five years of a merchant's days."""


def unknown_remittance() -> NotFoundError:
    """The answer when there is none of that number."""
    return NotFoundError(
        "unknown_remittance", zh="没有这笔付款。", en="There is no such remittance."
    )
