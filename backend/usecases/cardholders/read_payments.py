from __future__ import annotations

from backend.domain.errors import NotFoundError
from backend.domain.statement import StatementLine
from backend.tables.card import CardRow
from backend.tables.statements import read_statement


async def read_payments(card_id: int, *, before_id: int, lines_max: int) -> list[StatementLine]:
    """A page of the statement of the card's holder, replaced cards included, newest first."""
    card = await CardRow.get_or_none(id=card_id)
    if card is None:
        raise NotFoundError("unknown_card", zh="没有这张卡", en="There is no such card")
    return await read_statement(card.holder_id, before_id, lines_max)
