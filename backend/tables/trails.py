"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tortoise.queryset import QuerySet

from backend.domain.times import utc
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


@dataclass(frozen=True, slots=True)
class Sought:
    """What of the trail is wanted; empty and 0: all of it. `verb` may end before its dot."""

    actor: str = ""
    verb: str = ""
    subject: str = ""
    since: int = 0
    until: int = 0


async def read_trail(
    before_id: int, lines_max: int, subjects: Sequence[str] | None = None
) -> list[TrailLine]:
    """The newest lines before line `before_id` (0: from the newest), of some subjects or all."""
    query = AuditRow.all() if subjects is None else AuditRow.filter(subject__in=list(subjects))
    return await _newest(query, before_id, lines_max)


async def search_trail(sought: Sought, before_id: int, lines_max: int) -> list[TrailLine]:
    """The newest lines before line `before_id` that are sought."""
    query = AuditRow.all()
    if sought.actor:
        query = query.filter(actor=sought.actor)
    if sought.verb:
        is_whole = "." in sought.verb
        query = query.filter(
            **({"verb": sought.verb} if is_whole else {"verb__startswith": f"{sought.verb}."})
        )
    if sought.subject:
        query = query.filter(subject=sought.subject)
    if sought.since:
        query = query.filter(at__gte=utc(sought.since))
    if sought.until:
        query = query.filter(at__lt=utc(sought.until))
    return await _newest(query, before_id, lines_max)


async def _newest(query: QuerySet[AuditRow], before_id: int, lines_max: int) -> list[TrailLine]:
    if before_id:
        query = query.filter(id__lt=before_id)
    return [
        TrailLine(row.id, int(row.at.timestamp()), row.actor, row.verb, row.subject, row.detail)
        for row in await query.order_by("-id").limit(lines_max)
    ]
