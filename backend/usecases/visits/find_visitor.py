from __future__ import annotations

from backend.domain.access import Actor, Audience, Role, TerminalActor, may
from backend.domain.visit import (
    LOOKS,
    STAFF_VERB,
    Deed,
    Visit,
    require_deed,
    require_helper,
    require_same_card,
    visit_over,
)
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of
from backend.tables.places import appointments_of, reach_of
from backend.tables.staff import StaffRow
from backend.tables.visit import VisitRow
from backend.tables.visits import note_deed, visit_of


async def find_visitor(visit_id: int, deed: Deed, terminal: TerminalActor, at: int) -> Actor:
    """Who acts in a visit, read anew for every request; a look leaves a line, once in a visit.

    With a code it is the holder, as on his phone; with help it is the member of staff.

    Raises:
        UnauthenticatedError: another terminal's visit, an ended or expired one, a card that was
            changed or frozen by somebody else since, a helper who may not any more.
        ForbiddenError: what is not done with what was shown.

    """
    row = await VisitRow.get_or_none(id=visit_id)
    if row is None:
        raise visit_over()
    visit = visit_of(row)
    require_deed(visit, deed, terminal.terminal_id, at)
    card_row = await CardRow.get(id=row.card_id)
    if row.staff_id:
        actor = await _helper(row.staff_id, card_row, terminal)
    else:
        actor = _holder(card_row)
    require_same_card(visit, card_of(card_row), actor.label)
    await _leave_line(visit, deed, card_row.id, at)
    return actor


async def _leave_line(visit: Visit, deed: Deed, card_id: int, at: int) -> None:
    if deed in LOOKS:
        await note_deed(visit, deed, card_id, at)


def _holder(card: CardRow) -> Actor:
    return Actor(Audience.STUDENT, card.id, card.number, card_id=card.id, holder_id=card.holder_id)


async def _helper(staff_id: int, card: CardRow, terminal: TerminalActor) -> Actor:
    staff = await StaffRow.get_or_none(id=staff_id, is_active=True)
    if staff is None:
        raise visit_over()
    helping = [one for one in await appointments_of(staff) if may(one.role, STAFF_VERB)]
    require_helper(await reach_of(helping), terminal.merchant_id)
    return Actor(
        Audience.STAFF,
        staff.id,
        staff.name,
        role=Role(staff.role),
        card_id=card.id,
        holder_id=card.holder_id,
    )
