from __future__ import annotations

from backend.domain.access import Actor, TerminalActor
from backend.domain.card import unknown_card
from backend.domain.visit import Shown, Visit, require_hall, require_visitor
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.database import transaction
from backend.tables.people import require_own_card
from backend.tables.retrying import retried
from backend.tables.visits import begin_visit
from campus_code import RulesBundle


@retried
async def open_helped_visit(
    card_id: int, terminal: TerminalActor, actor: Actor, *, rules: RulesBundle, at: int
) -> Visit:
    """Open a visit for somebody without a phone, whom a member of staff has looked up.

    What is done in it is done by that member of staff.

    Raises:
        ForbiddenError: the terminal is not of the hall.
        NotFoundError: no such card, or that of somebody at home beyond the clerk's reach.
        RefusedError: lost or closed card.

    """
    require_hall(rules, terminal.group_id)
    await require_own_card(actor, card_id)
    async with transaction():
        row = await CardRow.get_or_none(id=card_id)
        if row is None:
            raise unknown_card()
        require_visitor(card_of(row), row.issue)
        return await begin_visit(
            terminal.terminal_id,
            row.id,
            row.issue,
            at,
            shown=Shown.STAFF,
            code_key=None,
            staff_id=actor.id,
        )
