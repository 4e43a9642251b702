from __future__ import annotations

from collections.abc import Sequence

from backend.domain.access import Actor
from backend.domain.risk import TITLE_LENGTH_MAX, read_words, require_alerts
from backend.domain.setting import CASE_DAYS
from backend.tables.audit import note
from backend.tables.cases import require_worker
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.risk import AlertRow, CaseRow
from backend.tables.settings import read_settings

DAY_SECONDS = 86_400


@retried
async def open_case(
    title: str, alert_ids: Sequence[int], owner_id: int, *, actor: Actor, at: int
) -> CaseRow:
    """Make one case of some open alerts, to be closed by its owner within the school's days.

    Raises:
        InvalidInputError: no title, or an owner who may not work on cases.
        NotFoundError: an alert that is not there, is closed, or is in a case.

    """
    title = read_words("title", title, TITLE_LENGTH_MAX)
    days = (await read_settings())[CASE_DAYS]
    async with transaction():
        await require_worker(owner_id)
        alerts = AlertRow.filter(id__in=list(alert_ids), closed_at=0, case_id=0)
        require_alerts(alert_ids, len(await alerts.select_for_update()))
        row = await CaseRow.create(
            title=title,
            owner_id=owner_id,
            opened_by=actor.label,
            opened_at=at,
            due_at=at + days * DAY_SECONDS,
        )
        await AlertRow.filter(id__in=list(alert_ids)).update(case_id=row.id)
        detail = {"alert_ids": sorted(set(alert_ids)), "owner_id": owner_id}
        await note(actor.label, "cases.open", f"case:{row.id}", at, **detail)
    return row
