"""Visits: opening and ending them, and what they leave in the holder's trail."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from backend.domain.access import Audience
from backend.domain.times import utc
from backend.domain.visit import OPEN_VERBS, VISIT_SECONDS, Deed, Shown, Visit
from backend.tables.audit import note
from backend.tables.staff import AuditRow
from backend.tables.visit import VisitRow
from campus_code import Refusal, RefusedError


async def begin_visit(
    terminal_id: int,
    card_id: int,
    issue: int,
    at: int,
    *,
    shown: Shown,
    code_key: int | None,
    staff_id: int = 0,
) -> Visit:
    """End what is open at this terminal and open another visit, in a transaction.

    Raises RefusedError ALREADY_USED when this code, or this proof of a chip, has opened one.
    """
    await finish_visits(terminal_id, at)
    try:
        row = await VisitRow.create(
            terminal_id=terminal_id,
            card_id=card_id,
            shown=shown.value,
            code_key=code_key,
            issue=issue,
            staff_id=staff_id,
            opened_at=at,
            expires_at=at + VISIT_SECONDS,
        )
    except IntegrityError as error:  # shown at two kiosks in the same moment
        raise RefusedError(Refusal.ALREADY_USED) from error
    visit = visit_of(row)
    detail = {"terminal": terminal_id, "visit": visit.id}
    await note(visit.opened_by, OPEN_VERBS[shown], f"card:{card_id}", at, **detail)
    return visit


async def finish_visits(terminal_id: int, at: int) -> None:
    """End what is open at this terminal; nothing is as well."""
    for row in await VisitRow.filter(terminal_id=terminal_id, ended_at=0, expires_at__gt=at):
        if await VisitRow.filter(id=row.id, ended_at=0).update(ended_at=at):
            label = f"{Audience.TERMINAL}:{terminal_id}"
            await note(label, "visits.end", f"card:{row.card_id}", at, visit=row.id)


async def note_deed(visit: Visit, deed: Deed, card_id: int, at: int) -> None:
    """Leave a line of a look, the first time in a visit."""
    subject = f"card:{card_id}"
    told = AuditRow.filter(
        actor=visit.opened_by, verb=deed.value, subject=subject, at__gte=utc(visit.opened_at)
    )
    if not await told.exists():
        await note(visit.opened_by, deed.value, subject, at, visit=visit.id)


def visit_of(row: VisitRow) -> Visit:
    """The domain value of a row."""
    by = (Audience.STAFF, row.staff_id) if row.staff_id else (Audience.TERMINAL, row.terminal_id)
    return Visit(
        id=row.id,
        terminal_id=row.terminal_id,
        shown=Shown(row.shown),
        issue=row.issue,
        opened_by=f"{by[0]}:{by[1]}",
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
