from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.risk import NOTE_LENGTH_MAX, read_words
from backend.tables.audit import note
from backend.tables.cases import lock_open_case
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.risk import CaseNoteRow


@retried
async def note_case(case_id: int, text: str, *, actor: Actor, at: int) -> None:
    """Write down what was found out; a note is never changed.

    Raises:
        InvalidInputError: nothing was written. NotFoundError: no such case.
        ConflictError: it is closed.

    """
    text = read_words("text", text, NOTE_LENGTH_MAX)
    async with transaction():
        await lock_open_case(case_id)
        row = await CaseNoteRow.create(case_id=case_id, text=text, made_by=actor.label, made_at=at)
        await note(actor.label, "cases.note", f"case:{case_id}", at, note_id=row.id)
