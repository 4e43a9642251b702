from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.card import card_closed
from backend.domain.errors import ConflictError
from backend.tables.audit import because, note
from backend.tables.card_changes import lock_card
from backend.tables.chip import ChipRow
from backend.tables.chips import add_chip, end_chips, living_chip
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.usecases.ports import Bus
from campus_code import Chip


@retried
async def bind_chip(
    card_id: int, chip: Chip, *, actor: Actor, at: int, bus: Bus, reason: str = ""
) -> ChipRow:
    """Bind a chip to a card; its former chip ends, the same chip again changes nothing.

    The chip's keys are on it already: a terminal of the card office wrote them and read it back.
    Answers the binding that stands.

    Raises:
        NotFoundError: no such card.
        ConflictError: `chip_bound`: it is another card's; `card_closed`.

    """
    async with transaction():
        _, card = await lock_card(card_id)
        if card.is_closed:
            raise card_closed()
        standing = await living_chip(chip)
        if standing is not None and standing.card_id == card_id:
            return standing
        if standing is not None:
            raise ConflictError(
                "chip_bound",
                zh="这张卡片已绑定在另一张校园卡上。",
                en="This chip is bound to another card.",
            )
        await end_chips(card_id, actor.label, at)
        row = await add_chip(chip, card_id, actor.label, at)
        await note(
            actor.label,
            "chips.bind",
            f"card:{card_id}",
            at,
            kind=chip.kind.value,
            **because(reason),
        )
    await bus.publish("chips", {"version": row.changed_version})
    return row
