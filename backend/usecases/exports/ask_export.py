"""Ask for a file of much personal data."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import ConflictError
from backend.domain.export import ExportAsked
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.export import ExportRow
from backend.tables.retrying import retried


@retried
async def ask_export(asked: ExportAsked, *, actor: Actor, at: int) -> ExportRow:
    """Put the request down; nothing leaves until another person approves it. A repeat is the first.

    Raises:
        ConflictError: the request key was used for something else.

    """
    async with transaction():
        row = await ExportRow.get_or_none(request_key=asked.request_key)
        if row is not None:
            said = (row.what, row.format, row.filters, row.reason, row.asked_by)
            wanted = (asked.what, asked.format, asked.filters, asked.reason, actor.label)
            if said != wanted:
                raise ConflictError(
                    "key_used",
                    zh="该请求编号已用于别的申请。",
                    en="This key was used for another request.",
                )
            return row
        row = await ExportRow.create(
            request_key=asked.request_key,
            what=asked.what,
            format=asked.format.value,
            filters=asked.filters,
            rows=asked.rows,
            reason=asked.reason,
            asked_by=actor.label,
            asked_at=at,
        )
        await note(
            actor.label, "exports.ask", f"export:{row.id}", at, what=asked.what, rows=asked.rows
        )
    return row
