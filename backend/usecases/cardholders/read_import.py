"""What an import of a roster changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.roster_undo import Person
from backend.tables.cardholder import CardholderRow
from backend.tables.roster import RosterChangeRow
from backend.tables.roster_changes import import_of


@dataclass(frozen=True, slots=True)
class ChangeMade:
    """One person whom an import added or changed, as he was and became."""

    id: int
    line: int
    holder_id: int
    number: str
    before: Person | None
    after: Person
    outcome: str


async def read_import(import_id: int, after_id: int, lines_max: int) -> Sequence[ChangeMade]:
    """What an import changed after a change's id, in the order of its lines. NotFoundError."""
    await import_of(import_id)
    rows = (
        await RosterChangeRow.filter(import_id=import_id, id__gt=after_id)
        .order_by("id")
        .limit(lines_max)
    )
    numbers = {
        row.id: row.number
        for row in await CardholderRow.filter(id__in=[one.holder_id for one in rows])
    }
    return [
        ChangeMade(
            id=row.id,
            line=row.line,
            holder_id=row.holder_id,
            number=numbers.get(row.holder_id, ""),
            before=Person.from_text(row.before),
            after=after,
            outcome=row.outcome,
        )
        for row in rows
        if (after := Person.from_text(row.after)) is not None
    ]
