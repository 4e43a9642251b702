"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.tables.staff import AuditRow


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line: who did what to what; `at` is Unix seconds."""

    id: int
    at: int
    actor: str
    verb: str
    subject: str
    detail: Mapping[str, object]


async def read_trail(
    before_id: int, lines_max: int, subjects: Sequence[str] | None = None
) -> list[TrailLine]:
    """The newest lines before line `before_id` (0: from the newest), of some subjects or all."""
    query = AuditRow.all() if subjects is None else AuditRow.filter(subject__in=list(subjects))
    if before_id:
        query = query.filter(id__lt=before_id)
    return [
        TrailLine(row.id, int(row.at.timestamp()), row.actor, row.verb, row.subject, row.detail)
        for row in await query.order_by("-id").limit(lines_max)
    ]
