"""A member of staff reads a person's statement; he can see that somebody did."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.spending import require_month
from backend.domain.statement import StatementLine
from backend.tables.audit import note
from backend.tables.people import require_holder
from backend.tables.statements import read_statement


async def look_at_payments(
    holder_id: int, *, before_id: int, lines_max: int, month: int, actor: Actor, at: int
) -> list[StatementLine]:
    """A page, newest first; the first page leaves a line in his trail. NotFoundError: nobody."""
    await require_holder(holder_id)
    if month:
        require_month(month)
    lines = await read_statement(holder_id, before_id, lines_max, month)
    if not before_id:
        await note(actor.label, "cardholders.look_at_payments", f"cardholder:{holder_id}", at)
    return lines
