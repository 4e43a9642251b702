"""Which business days may be settled."""

from __future__ import annotations

from datetime import date

from backend.domain.errors import ConflictError, InvalidInputError


def require_settleable(business_on: int, today_on: int) -> None:
    """Refuse a number YYYYMMDD that is no day (InvalidInputError) or is not over (ConflictError).

    A day under way would be closed with what it sold so far; the rest would count as late.
    """
    try:
        date(business_on // 10_000, business_on // 100 % 100, business_on % 100)
    except ValueError:
        raise InvalidInputError(
            "business_on", "must be a day YYYYMMDD", zh="营业日应写作 YYYYMMDD。"
        ) from None
    if business_on >= today_on:
        raise ConflictError(
            "day_not_over",
            zh="这个营业日还没有结束。",
            en="This business day is not over.",
            business_on=today_on,
        )
