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
from backend.tables.message import MessageMarkRow
from backend.tables.outbox import lock_noting
from backend.tables.retrying import retried
from backend.tables.settings import read_settings
from backend.tables.tellable import lanes_behind

LANE = "risk:"
QUARANTINE = "risk_quarantine"
IDS_AT_ONCE = 4_096
"""How far one transaction goes in one lane."""
STEPS_MAX = 20
"""Transactions of one run: the other jobs of the worker wait for it."""


async def watch_risk(days: Sequence[int], at: int) -> int:
    """Look at what the books, the terminals and quarantine have gained; how many alerts.

    `days` are the business days that terminals still count in. It goes on from marks that move in
    the transaction that keeps the alerts, and an alert is kept once by its kind and topic.
    """
    settings = await read_settings()
    kept = steps = 0
    for lane_id, after_id, last_id in await lanes_behind(LANE):
        while after_id < last_id and steps < STEPS_MAX:
            through_id = min(last_id, after_id + IDS_AT_ONCE)
            found = await find_in_part(after_id, through_id, settings)
            kept += await _keep(found, (f"{LANE}{lane_id}", after_id, through_id), at)
            after_id, steps = through_id, steps + 1  # noqa: PLW2901 - the lane's own mark
    mark = await MessageMarkRow.get_or_none(name=QUARANTINE)
    read = mark.value if mark is not None else 0
    found, through_id = await find_quarantined(read)
    found += await find_wrong_codes(days, settings[RISK_WRONG_CODES])
    found += await find_worse_trial()
    return kept + await _keep(found, (QUARANTINE, read, through_id), at)


@retried
async def _keep(alerts: Sequence[Alert], step: tuple[str, int, int], at: int) -> int:
    name, after, through = step
    async with transaction():
        await lock_noting()
        mark, is_new = await MessageMarkRow.get_or_create(name=name, defaults={"value": through})
        if not is_new:
            if mark.value > after:  # another worker was here
                return 0
            await MessageMarkRow.filter(name=name).update(value=through)
        return await keep_alerts(alerts, at)
