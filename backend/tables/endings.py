"""Cohorts whose cards end, and the ends of their people."""

from __future__ import annotations

from collections.abc import Sequence

from tortoise.queryset import QuerySet

from backend.tables.cardholder import CardholderRow
from backend.tables.ending import EndingRow, HolderEndRow

NO_CLASS = -1
ROWS_PER_STATEMENT = 500


def cohort(class_id: int, department: str) -> QuerySet[CardholderRow]:
    """The active people of a class (NO_CLASS: any) and a department with all below it."""
    query = CardholderRow.filter(is_active=True)
    if class_id != NO_CLASS:
        query = query.filter(class_id=class_id)
    if department:
        query = query.filter(department__startswith=department)
    return query


async def put_ends(holder_ids: Sequence[int], ends_at: int, ending_id: int) -> None:
    """Let these people's cards end then, whatever stood before; in a transaction."""
    for first in range(0, len(holder_ids), ROWS_PER_STATEMENT):
        some = list(holder_ids[first : first + ROWS_PER_STATEMENT])
        await HolderEndRow.filter(holder_id__in=some).delete()
        await HolderEndRow.bulk_create(
            [HolderEndRow(holder_id=one, ends_at=ends_at, ending_id=ending_id) for one in some]
        )


async def lock_ending(ending_id: int) -> EndingRow | None:
    """The cohort's row, locked; None: there is none."""
    return await EndingRow.select_for_update().get_or_none(id=ending_id)
