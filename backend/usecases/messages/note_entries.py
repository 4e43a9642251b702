from __future__ import annotations

from collections.abc import Sequence

from backend.domain.message import OVER_FEN, Fact, Template, money_facts
from backend.tables.database import transaction
from backend.tables.days_over import days_over
from backend.tables.lanes import Part, move_mark, parts_behind
from backend.tables.outbox import lock_noting, mark_told, note_facts, untold
from backend.tables.retrying import retried
from backend.tables.tellable import Paid, read_facts

LANE = "lane:"
ENTRIES_AT_ONCE = 256
IDS_AT_ONCE = ENTRIES_AT_ONCE * 8
"""How far one transaction goes in one lane."""


async def note_entries(at: int) -> int:
    """Note messages about what the books have gained; how many were noted.

    Money never waits for this: it is found afterwards, from a mark in each lane that moves in the
    transaction that notes. So after a crash nothing is missed and nothing is told twice.
    """
    return sum([await _note(part, at) for part in await parts_behind(LANE, IDS_AT_ONCE)])


@retried
async def _note(part: Part, at: int) -> int:
    facts, days = await read_facts(part.after_id, part.through_id, at)
    facts += await _days_over(days)
    async with transaction():
        await lock_noting()
        return await _note_once(facts, at) if await move_mark(part) else 0


async def _note_once(facts: Sequence[Fact], at: int) -> int:
    """Those about a day are told once for ever, the others once because their mark moved."""
    over = [fact.topic for fact in facts if fact.template is Template.OVER]
    fresh = await untold(over)
    told = 0
    for fact in facts:
        if fact.topic in fresh and await note_facts([fact], at):
            await mark_told(fact.topic, at)
            told += 1
    return told + await note_facts([one for one in facts if one.template is not Template.OVER], at)


async def _days_over(days: Sequence[Paid]) -> list[Fact]:
    """The days that have cost more than OVER_FEN by now, whenever what they cost was paid."""
    last = {(day.holder_id, day.business_on): day.posted_at for day in days}
    return [
        Fact(
            Template.OVER,
            f"over:{holder_id}:{business_on}",
            holder_id,
            last[holder_id, business_on],
            money_facts(fen, last[holder_id, business_on], business_on=str(business_on)),
        )
        for (holder_id, business_on), fen in (await days_over(last, OVER_FEN)).items()
    ]
