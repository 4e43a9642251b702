from __future__ import annotations

from typing import Final

from backend.domain.chip_travel import FarApart, far_apart
from backend.tables.audit import note
from backend.tables.card_changes import lock_card
from backend.tables.chip_uses import uses_near
from backend.tables.chips import chips_of, end_chips
from backend.tables.database import transaction
from backend.tables.lanes import Part, begin_marks, move_mark, parts_behind
from backend.tables.outbox import lock_noting
from backend.tables.retrying import retried
from backend.tables.top_ups import SYSTEM
from backend.usecases.ports import Bus

LANE: Final = "chips:"
VERB: Final = "chips.far_apart"
"""What stands in the trail: which payments, how many seconds apart, at which terminals."""
IDS_AT_ONCE: Final = 8 * 512
LOOKS_BACK_SECONDS: Final = 86_400
"""How old the youngest entry may be that its first run leaves out."""


async def watch_chips(at: int, bus: Bus) -> int:
    """End every chip that was at two places at once, by what the books have gained; how many.

    Phone, card and codes stay as they are; the office binds the chip, or a new one, again. A mark
    in each lane moves after its part was looked at: what is looked at twice ends nothing twice.
    """
    await begin_marks(LANE, at - LOOKS_BACK_SECONDS)
    ended = 0
    for part in await parts_behind(LANE, IDS_AT_ONCE):
        for pair in far_apart(await uses_near(part.after_id, part.through_id)):
            ended += await _end(pair, at, bus)
        await _passed(part)
    return ended


@retried
async def _passed(part: Part) -> None:
    async with transaction():
        await lock_noting()
        await move_mark(part)


@retried
async def _end(pair: FarApart, at: int, bus: Bus) -> bool:
    card_id = pair.second.card_id
    async with transaction():
        await lock_card(card_id)
        living = [row for row in await chips_of(card_id) if not row.ended_at]
        if not living or living[0].bound_at > pair.first.occurred_at:
            return False  # that chip has ended, and another has come
        version = await end_chips(card_id, SYSTEM, at)
        await note(
            SYSTEM,
            VERB,
            f"card:{card_id}",
            at,
            payments=[pair.first.payment_id, pair.second.payment_id],
            terminals=[pair.first.terminal_id, pair.second.terminal_id],
            seconds=pair.seconds,
            kind=living[0].kind,
        )
    await bus.publish("chips", {"version": version})
    return True
