from __future__ import annotations

from backend.domain.card import unknown_card
from backend.domain.spending import require_month
from backend.domain.statement import StatementLine
from backend.tables.card import CardRow
from backend.tables.statements import read_statement


async def read_payments(
    card_id: int, *, before_id: int, lines_max: int, month: int = 0
) -> list[StatementLine]:
    """A page of the statement of the card's holder, replaced cards included, newest first.

    `month` (YYYYMM) keeps the payments of its business days, 0 keeps all.
    """
    if month:
        require_month(month)
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise unknown_card()
    return await read_statement(card.holder_id, before_id, lines_max, month)
