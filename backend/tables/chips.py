"""Chips and their keys: binding and ending them so that every terminal hears of it.

Whoever binds or ends holds the card's row; the counter of the chip list is taken after all others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from backend.domain.chip import BoundChip
from backend.tables.card import CardRow
from backend.tables.chip import ChipRow
from backend.tables.versions import CHIPS, next_version
from campus_code import Chip, ChipKind

ROWS_A_PAGE = 1000


def chip_of(row: ChipRow) -> Chip:
    """The chip of a row."""
    return Chip(ChipKind(row.kind), bytes.fromhex(row.uid))


async def living_chip(chip: Chip) -> ChipRow | None:
    """The living binding of a chip, or None."""
    return await ChipRow.get_or_none(kind=chip.kind.value, uid=chip.uid.hex(), ended_at=0)


async def chips_of(card_id: int) -> list[ChipRow]:
    """Every chip a card ever had, the newest first."""
    return await ChipRow.filter(card_id=card_id).order_by("-id")


async def end_chips(card_id: int, by: str, at: int) -> int:
    """End what chips the card has, under its lock; the list's new version, 0 where there were none.

    A row that ends in the second in which it was bound ends one later: a binding has a moment.
    """
    rows = await ChipRow.filter(card_id=card_id, ended_at=0)
    if not rows:
        return 0
    version = await next_version(CHIPS)
    for row in rows:
        row.ended_at, row.ended_by, row.changed_version = max(at, row.bound_at + 1), by, version
        await row.save(update_fields=["ended_at", "ended_by", "changed_version"])
    return version


async def add_chip(chip: Chip, card_id: int, by: str, at: int) -> ChipRow:
    """Bind a chip that lives nowhere to a card, under the card's lock."""
    version = await next_version(CHIPS)
    return await ChipRow.create(
        kind=chip.kind.value,
        uid=chip.uid.hex(),
        card_id=card_id,
        bound_at=at,
        bound_by=by,
        changed_version=version,
    )


async def bindings_of(chips: Collection[Chip]) -> dict[Chip, list[BoundChip]]:
    """Every binding these chips ever had."""
    wanted = set(chips)
    rows = await ChipRow.filter(  # by both, as the index begins with the kind
        kind__in=sorted({chip.kind.value for chip in wanted}),
        uid__in=sorted({chip.uid.hex() for chip in wanted}),
    )
    numbers = await _numbers(row.card_id for row in rows)
    found: dict[Chip, list[BoundChip]] = {}
    for row in rows:
        chip = chip_of(row)
        if chip in wanted:
            bound = BoundChip(numbers[row.card_id], row.bound_at, row.ended_at)
            found.setdefault(chip, []).append(bound)
    return found


async def chips_after(version: int) -> list[tuple[Chip, str | None]]:
    """The chips whose binding changed after a version of the list; None: it belongs to nobody now.

    Read in pages, as `holdings.cards_after` and for its reasons. Of one chip's rows only the newest
    can live, so the last one told counts.
    """
    entries: dict[Chip, str | None] = {}
    last = 0
    while True:
        rows = ChipRow.filter(changed_version__gt=version, id__gt=last)
        page = await rows.order_by("id").limit(ROWS_A_PAGE)
        numbers = await _numbers(row.card_id for row in page if not row.ended_at)
        for row in page:
            entries[chip_of(row)] = None if row.ended_at else numbers.get(row.card_id)
        if len(page) < ROWS_A_PAGE:
            return list(entries.items())
        last = page[-1].id


async def _numbers(card_ids: Iterable[int]) -> dict[int, str]:
    cards = await CardRow.filter(id__in=sorted(set(card_ids)))
    return {card.id: card.number for card in cards}
