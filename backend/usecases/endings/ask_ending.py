"""Ask that a cohort's cards end at a time."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card_request import key_used
from backend.domain.ending import HOLDERS_MAX, EndingAsked, require_cohort
from backend.domain.errors import InvalidInputError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ending import EndingRow
from backend.tables.endings import NO_CLASS, cohort
from backend.tables.retrying import retried


@retried
async def ask_ending(asked: EndingAsked, *, actor: Actor, at: int) -> EndingRow:
    """Put the cohort and its date down; nobody's card ends until another person approves it.

    Raises:
        InvalidInputError: no cohort, nobody in it, or a date that is none.
        ConflictError: the request key was used for something else.

    """
    require_cohort(asked, at)
    class_id = NO_CLASS if asked.class_id is None else asked.class_id
    async with transaction():
        standing = await EndingRow.get_or_none(request_key=asked.request_key)
        if standing is not None:
            said = (standing.name, standing.class_id, standing.department, standing.ends_at)
            wanted = (asked.name, class_id, asked.department, asked.ends_at)
            if said != wanted or standing.made_by != actor.label:
                raise key_used()
            return standing
        found = await cohort(class_id, asked.department).count()
        if not 0 < found <= HOLDERS_MAX:
            raise InvalidInputError("cohort", f"must be 1 to {HOLDERS_MAX} active people")
        row = await EndingRow.create(
            request_key=asked.request_key,
            name=asked.name,
            class_id=class_id,
            department=asked.department,
            ends_at=asked.ends_at,
            holders=found,
            reason=asked.reason,
            made_by=actor.label,
            made_at=at,
        )
        await note(actor.label, "endings.ask", f"ending:{row.id}", at, holders=found)
    return row
