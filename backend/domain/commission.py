"""Commission: what the school keeps of a merchant's settlement, in hundredths of a per cent."""

from __future__ import annotations

from typing import Final

from backend.domain.bill_day import day_from
from backend.domain.errors import ConflictError

WHOLE: Final = 10_000
BASIS_POINTS_MAX: Final = 3_000
"""30 %; the database holds to it too."""
REASON_LENGTH_MAX: Final = 200


def commission_fen(due_fen: int, basis_points: int) -> int:
    """The school's part of what is due, half a fen rounded up; nothing of nothing or less."""
    return (max(due_fen, 0) * basis_points * 2 + WHOLE) // (2 * WHOLE)


def require_ahead(begins_on: int, settled_on: int) -> None:
    """Refuse a rate for days that are settled: they were paid by the rate of their time.

    Raises:
        InvalidInputError: there is no such day.
        ConflictError: the merchant is settled through `settled_on` (0: never yet).

    """
    day_from(begins_on, "begins_on")
    if begins_on <= settled_on:
        raise ConflictError(
            "settled_already",
            zh=f"该商户已结算到 {settled_on}，新费率须从之后的营业日起。",
            en=f"This merchant is settled through {settled_on}; a rate begins on a later day.",
            business_on=settled_on,
        )
