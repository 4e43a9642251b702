"""Approve what another person's drawer had too much or too little: it is booked."""

from __future__ import annotations

from collections.abc import Iterator

from backend.domain.access import Actor
from backend.domain.accounts import SchoolAccount
from backend.domain.by_two import two_people
from backend.domain.drawer import unknown_drawer
from backend.domain.errors import ConflictError
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, Mark, SetWrites
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.store import Rows
from backend.usecases.ports import Clock


async def approve_drawer(ledger: Ledger, clock: Clock, drawer_id: int, actor: Actor) -> None:
    """Book the difference of a closed drawer, once; a repeat changes nothing.

    Raises:
        NotFoundError: no such drawer, or it stands beyond the actor's reach.
        ForbiddenError: it is this person's own; the database refuses that too.
        ConflictError: it is open, or there is no difference.

    """
    columns = "staff_id,closed_at,counted_fen,expected_fen,approved_by,place_id"
    reads = [sql.select(columns, "drawer", f"id={int(drawer_id)}", ledger.lock)]

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, int]:
        return _decide(rows[0], ids, drawer_id, (actor, int(clock())))

    difference_fen = await ledger.post(reads, decide)
    if difference_fen:
        async with transaction():
            subject, detail = f"drawer:{drawer_id}", {"difference_fen": difference_fen}
            await note(actor.label, "drawers.approve", subject, int(clock()), **detail)


def _decide(
    rows: Rows, ids: Iterator[int], drawer_id: int, who: tuple[Actor, int]
) -> tuple[SetWrites, int]:
    actor, now = who
    if not rows or not actor.reach.has_place(rows[0][5]):
        raise unknown_drawer()
    staff_id, closed_at, counted_fen, expected_fen, approved_by, _ = rows[0]
    if staff_id == actor.id:
        raise two_people()
    difference_fen = counted_fen - expected_fen
    if not closed_at or not difference_fen:
        raise ConflictError(
            "nothing_to_approve", zh="钱箱没有需要批准的差额。", en="No difference waits here."
        )
    if approved_by:
        return SetWrites(), 0
    entry_id = next(ids)
    pair = (int(SchoolAccount.CASH_DRAWER), int(SchoolAccount.CASH_DIFFERENCE))
    source, target = pair if difference_fen > 0 else pair[::-1]
    leg = Posting(source, target, abs(difference_fen))
    values = (("approved_by", actor.label), ("approved_at", now), ("entry_id", entry_id))
    entry = Entry(entry_id, "drawer", (leg,))
    marks = [Mark("drawer", drawer_id, values)]
    return SetWrites(entries=[entry], marks=marks), difference_fen
