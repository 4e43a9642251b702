from __future__ import annotations

from backend.domain.access import TerminalActor
from backend.domain.credential import Presented
from backend.domain.payment import code_key
from backend.domain.visit import Shown, Visit, require_hall, require_visitor
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.database import transaction
from backend.tables.payment import PaymentRow
from backend.tables.retrying import retried
from backend.tables.visits import begin_visit
from campus_code import CredentialKind, Refusal, RefusedError, RulesBundle


@retried
async def open_visit(
    shown: Presented, terminal: TerminalActor, *, rules: RulesBundle, at: int
) -> Visit:
    """Open a visit at a terminal of the hall for whoever showed this code, verified by both keys.

    A code that has paid, or has opened a visit, opens none: whoever photographs it in a queue
    learns nothing. It still pays afterwards: a till that is offline could not know better.

    Raises:
        ForbiddenError: the terminal is not of the hall.
        RefusedError: unknown, replaced, lost or closed card; used code.

    """
    require_hall(rules, terminal.group_id)
    key = code_key(CredentialKind.CODE, shown.card_number, shown.issue, shown.step)
    async with transaction():
        row = await CardRow.get_or_none(number=shown.card_number)
        if row is None:
            raise RefusedError(Refusal.UNKNOWN_CARD)
        require_visitor(card_of(row), shown.issue)
        if await PaymentRow.exists(code_key=key):
            raise RefusedError(Refusal.ALREADY_USED)
        where = terminal.terminal_id
        return await begin_visit(where, row.id, shown.issue, at, shown=Shown.CODE, code_key=key)
