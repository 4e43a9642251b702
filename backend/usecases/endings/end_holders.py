"""End the cards of those whose time has come."""

from __future__ import annotations

from backend.domain.card import Part, freeze
from backend.domain.ending import ENDED_BY
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of, record_change
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.ending import HolderEndRow
from backend.tables.retrying import retried
from backend.tables.top_ups import SYSTEM
from backend.usecases.ports import Bus
from campus_code import CardState

HOLDERS_AT_ONCE = 200

Wakeups = dict[str, dict[str, object]]


async def end_holders(at: int, bus: Bus) -> int:
    """Freeze money and doors of the next holders who are due, and say that they have left.

    What is in their purses stays theirs: it goes back by a leaving or at the counter, and the
    office may lift the freeze of somebody who stays after all.
    """
    due = HolderEndRow.filter(ended_at=0, ends_at__lte=at).order_by("ends_at")
    rows = await due.limit(HOLDERS_AT_ONCE)
    wakeups: Wakeups = {}
    for row in rows:
        # of a cohort's end two people are sure: terminals need not doubt that many freezes
        by = f"{ENDED_BY}:{row.ending_id}" if row.ending_id else SYSTEM
        wakeups.update(await _end(row.holder_id, by, at))
    for topic, payload in wakeups.items():
        await bus.publish(topic, payload)
    return len(rows)


@retried
async def _end(holder_id: int, by: str, at: int) -> Wakeups:
    wakeups: Wakeups = {}
    async with transaction():
        cards = await CardRow.select_for_update().filter(holder_id=holder_id).order_by("number")
        await CardholderRow.select_for_update().get_or_none(id=holder_id)
        ended = await HolderEndRow.filter(holder_id=holder_id, ended_at=0, ends_at__lte=at).update(
            ended_at=at
        )
        if not ended:  # put off, or another worker was here
            return wakeups
        for row in cards:
            if row.state != CardState.CLOSED:
                frozen = freeze(card_of(row), frozenset(Part), by, at)
                wakeups.update((await record_change(row, frozen, by, at)).wakeups())
        await CardholderRow.filter(id=holder_id).update(is_active=False)
        await note(SYSTEM, "cardholders.end", f"cardholder:{holder_id}", at)
    return wakeups
