"""Keep what a terminal says of its cashiers' shifts, and count them from the books."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.shift import ToldShift
from backend.tables.database import transaction
from backend.tables.retrying import retried
from backend.tables.shift import ShiftRow
from backend.tables.shifts import overlaps, says_other, sums_of


@retried
async def record_shifts(
    terminal_id: int, merchant_id: int, told: Sequence[ToldShift], confirmed_through: int
) -> int:
    """Keep them by the second they began; up to which of these all that ended are final.

    A shift is added up when every record of it is here (`confirmed_through`); before that the
    terminal has to tell it again. What ended is never overwritten: other content marks it as
    contested, for a person to look at.
    """
    through = 0
    async with transaction():
        for one in sorted(told, key=lambda shift: shift.opened_at):
            row, _ = await ShiftRow.get_or_create(
                terminal_id=terminal_id,
                opened_at=one.opened_at,
                defaults={
                    "merchant_id": merchant_id,
                    "cashier": one.cashier,
                    "first_sequence": one.first_sequence,
                },
            )
            if one.closed_at is None:
                continue
            if row.is_counted:
                if says_other(row, one):
                    await ShiftRow.filter(id=row.id).update(is_contested=True)
            elif confirmed_through >= one.last_sequence:
                await _close(row, one)
            else:
                break
            through = one.opened_at
    return through


async def _close(row: ShiftRow, told: ToldShift) -> None:
    sums = await sums_of(row.terminal_id, told.first_sequence, told.last_sequence)
    await ShiftRow.filter(id=row.id).update(
        cashier=told.cashier,
        first_sequence=told.first_sequence,
        last_sequence=told.last_sequence,
        closed_at=told.closed_at,
        told_fen=told.stands_fen,
        counted_fen=told.counted_fen,
        is_counted=True,
        is_contested=await overlaps(row.terminal_id, told),
        **sums._asdict(),
    )
