from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.card import unknown_card
from backend.domain.spending import MONTHS_SHOWN, MonthSpent, Spent, require_month
from backend.domain.statement import days_of_month, months_through
from backend.tables.card import CardRow
from backend.tables.spending import read_months, read_spent
from campus_code import RulesBundle, business_day


@dataclass(frozen=True, slots=True)
class Spending:
    """A month (YYYYMM) in full, and the last months up to this one, an empty one too."""

    month: int
    spent: Sequence[Spent]
    months: Sequence[MonthSpent]


async def read_spending(card_id: int, *, month: int, rules: RulesBundle, at: int) -> Spending:
    """What the holder of a card spent over all cards, in a month or (0) in the current one.

    Raises:
        InvalidInputError: a number that is no month.
        NotFoundError: no such card.

    """
    this_month = business_day(at, rules) // 100
    month = require_month(month or this_month)
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise unknown_card()
    spent = await read_spent(card.holder_id, *days_of_month(month))
    months = await read_months(card.holder_id, months_through(this_month, MONTHS_SHOWN))
    return Spending(month, spent, months)
