"""Version counters. Numbers are handed out under a row lock, so they commit in their order."""

from __future__ import annotations

from datetime import datetime

from backend.tables.card import DenialRow
from backend.tables.school import CounterRow

DIRECTORY = "directory"
DENYLIST = "denylist"


async def next_version(name: str) -> int:
    """Raise a counter by one and answer it; call inside `transaction()`.

    The counter's row stays locked until the commit: whoever gets 5 commits before anybody gets
    6. Without that a terminal could be told "all up to 6" while 5 is not visible yet, and would
    never hear of 5. For the same reason DenialRow versions come from here, not from the database.
    """
    await CounterRow.get_or_create(name=name, defaults={"value": 0})
    row = await CounterRow.select_for_update().get(name=name)
    value: int = row.value + 1
    row.value = value
    await row.save(update_fields=["value"])
    return value


async def counter(name: str) -> int:
    """Where a counter stands; 0 when it never moved."""
    row = await CounterRow.get_or_none(name=name)
    return 0 if row is None else row.value


async def deny(
    card_number: str, issue: int | None, state: int, *, made_at: datetime, made_by: str
) -> int:
    """Append one line to the denylist and answer its version; call inside `transaction()`.

    `issue` None means every issue of the card; `state` ACTIVE lifts what was denied before.
    """
    version = await next_version(DENYLIST)
    await DenialRow.create(
        version=version,
        card_number=card_number,
        issue=issue,
        state=state,
        made_at=made_at,
        made_by=made_by,
    )
    return version
