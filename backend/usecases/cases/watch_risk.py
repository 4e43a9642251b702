from __future__ import annotations

from collections.abc import Sequence

from backend.domain.risk import Alert
from backend.domain.setting import RISK_WRONG_CODES
from backend.tables.alerts import (
    find_in_part,
    find_quarantined,
    find_worse_trial,
    find_wrong_codes,
    keep_alerts,
)
from backend.tables.database import transaction
from backend.tables.lanes import Part, begin_marks, move_mark, parts_behind
from backend.tables.message import MessageMarkRow
from backend.tables.outbox import lock_noting
from backend.tables.retrying import retried
from backend.tables.settings import read_settings

LANE = "risk:"
QUARANTINE = "risk_quarantine"
IDS_AT_ONCE = 4_096
"""How far one transaction goes in one lane."""
LOOKS_BACK_SECONDS = 86_400
"""How old the youngest entry may be that its first run leaves out."""


async def watch_risk(days: Sequence[int], at: int) -> int:
    """Look at what the books, the terminals and quarantine have gained; how many alerts.

    `days` are the business days that terminals still count in. It goes on from marks that move in
    the transaction that keeps the alerts, and an alert is kept once by its kind and topic.
    """
    settings = await read_settings()
    await begin_marks(LANE, at - LOOKS_BACK_SECONDS)
    kept = 0
    for part in await parts_behind(LANE, IDS_AT_ONCE):
        found = await find_in_part(part.after_id, part.through_id, settings)
        kept += await _keep(found, part, at)
    mark = await MessageMarkRow.get_or_none(name=QUARANTINE)
    read = mark.value if mark is not None else 0
    found, through_id = await find_quarantined(read)
    found += await find_wrong_codes(days, settings[RISK_WRONG_CODES])
    found += await find_worse_trial()
    return kept + await _keep(found, Part(QUARANTINE, read, through_id), at)


@retried
async def _keep(alerts: Sequence[Alert], part: Part, at: int) -> int:
    async with transaction():
        await lock_noting()
        return await keep_alerts(alerts, at) if await move_mark(part) else 0
