"""Close a drawer: what was counted against what must be there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.drawer import DRAWER_FEN_MAX, judge_count, unknown_drawer
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.set_state import Mark, SetWrites
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drawers import flow_selects, read_drawer
from backend.tables.ledger import Ledger
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock


@dataclass(frozen=True, slots=True)
class Count:
    """What its owner counted (fen), and why it differs, if it does."""

    drawer_id: int
    counted_fen: int
    note: str


async def close_drawer(ledger: Ledger, clock: Clock, count: Count, actor: Actor) -> None:
    """Close the own drawer. Until a difference is approved its owner may count again.

    What must be there is added up under the lock that every entry of the drawer waits for, so
    nothing comes between the sum and the closing, and nothing after it.

    Raises:
        InvalidInputError: no amount, or a difference without a note.
        NotFoundError: this person has no such drawer.
        ConflictError: it is closed for good.

    """
    if type(count.counted_fen) is not int or not 0 <= count.counted_fen <= DRAWER_FEN_MAX:
        raise InvalidInputError("counted_fen", f"must be a whole number 0…{DRAWER_FEN_MAX}")
    mine = f"id={int(count.drawer_id)} AND staff_id={int(actor.id)}"
    columns = "opened_fen,closed_at,counted_fen,expected_fen,approved_by"
    reads = [
        sql.select(columns, "drawer", mine, ledger.lock),
        *flow_selects(count.drawer_id),
    ]

    def decide(rows: list[Rows], _: Iterator[int]) -> tuple[SetWrites, int]:
        return _decide(rows, count, int(clock()))

    difference_fen = await ledger.post(reads, decide)
    async with transaction():
        detail = {"counted_fen": count.counted_fen, "difference_fen": difference_fen}
        subject = f"drawer:{count.drawer_id}"
        await note(actor.label, "drawers.close", subject, int(clock()), **detail)


def _decide(rows: list[Rows], count: Count, now: int) -> tuple[SetWrites, int]:
    if not rows[0]:
        raise unknown_drawer()
    opened_fen, closed_at, counted_fen, expected_fen, approved_by = rows[0][0]
    if closed_at and (counted_fen == expected_fen or approved_by):
        raise ConflictError(
            "drawer_closed", zh="钱箱已结清。", en="This drawer is closed for good."
        )
    drawer = read_drawer(opened_fen, rows[1], rows[2])
    difference_fen = judge_count(drawer, count.counted_fen, count.note)
    values = (
        ("open_by", None),
        ("closed_at", closed_at or now),
        ("counted_fen", count.counted_fen),
        ("expected_fen", drawer.expected_fen),
        ("note", Typed(count.note)),
    )
    return SetWrites(marks=[Mark("drawer", count.drawer_id, values)]), difference_fen
