"""Keeping and adding up cashiers' shifts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q

from backend.domain.access import Role
from backend.domain.bill_day import bounds_of, day_from
from backend.domain.shift import ShiftSums, ToldShift
from backend.tables import sql
from backend.tables.payment import PaymentRow
from backend.tables.place import AppointmentRow
from backend.tables.shift import ShiftRow
from backend.tables.staff import StaffRow


@dataclass(frozen=True, slots=True)
class ShiftFilter:
    """Which shifts; None and 0: all. Days are Beijing's, of when it began."""

    merchant_ids: frozenset[int] | None
    terminal_id: int = 0
    cashier: int | None = None
    first_on: int = 0
    last_on: int = 0


async def read_shifts(
    asked: ShiftFilter, after: tuple[int, int] | None, rows_max: int
) -> list[ShiftRow]:
    """Shifts before one (began, id), newest first."""
    rows = ShiftRow.all()
    if asked.merchant_ids is not None:
        rows = rows.filter(merchant_id__in=sorted(asked.merchant_ids))
    if asked.terminal_id:
        rows = rows.filter(terminal_id=asked.terminal_id)
    if asked.cashier is not None:
        rows = rows.filter(cashier=asked.cashier)
    if asked.first_on:
        rows = rows.filter(opened_at__gte=bounds_of(day_from(asked.first_on, "first_on"))[0])
    if asked.last_on:
        rows = rows.filter(opened_at__lt=bounds_of(day_from(asked.last_on, "last_on"))[1])
    if after:
        opened_at, shift_id = after
        rows = rows.filter(Q(opened_at__lt=opened_at) | Q(opened_at=opened_at, id__lt=shift_id))
    return await rows.order_by("-opened_at", "-id").limit(rows_max)


async def names_of_cashiers(claimed: Collection[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """By (number, merchant) the names of those who are cashiers there; nobody else has one."""
    ids = {cashier for cashier, _ in claimed if cashier}
    staff = {row.id: row for row in await StaffRow.filter(id__in=ids)}
    appointed = AppointmentRow.filter(staff_id__in=ids, role=Role.CASHIER.value)
    posts = {(row.staff_id, row.merchant_id) for row in await appointed}
    first = [row for row in staff.values() if row.role == Role.CASHIER.value]
    posts |= {(row.id, row.merchant_id or 0) for row in first}
    return {post: staff[post[0]].name for post in posts if post[0] in staff}


async def sums_of(terminal_id: int, first_sequence: int, last_sequence: int | None) -> ShiftSums:
    """What the books hold of a terminal's records from one to another (None: the newest).

    A void counts where it was made, as at the terminal, though it undoes an earlier payment.
    """
    through = "" if last_sequence is None else " AND {0}<=" + str(int(last_sequence))
    span = f"terminal_id={int(terminal_id)} AND {{0}}>={int(first_sequence)}{through}"
    columns = (
        "COUNT(*) AS n,COALESCE(SUM(was_offline),0) AS offline,COALESCE(SUM(charged_fen),0) AS fen"
    )
    (paid,) = await _rows(sql.select(columns, "payment", span.format("sequence")))
    joined = "reversal r JOIN payment p ON p.id=r.payment_id"
    columns = "COUNT(*) AS n,COALESCE(SUM(p.charged_fen),0) AS fen"
    (void,) = await _rows(sql.select(columns, joined, "r." + span.format("r.sequence")))
    return ShiftSums(
        int(paid["n"]), int(paid["offline"]), int(paid["fen"]), int(void["n"]), int(void["fen"])
    )


def says_other(row: ShiftRow, told: ToldShift) -> bool:
    """Whether a shift that ended is told with other content than it was."""
    was = (row.cashier, row.first_sequence, row.last_sequence, row.closed_at)
    said = (told.cashier, told.first_sequence, told.last_sequence, told.closed_at)
    return was != said or (row.told_fen, row.counted_fen) != (told.stands_fen, told.counted_fen)


async def shift_of(terminal_id: int, sequence: int) -> ShiftRow | None:
    """The shift in which a terminal wrote this record, the open one where it is the newest."""
    is_in = Q(closed_at=0) | Q(last_sequence__gte=sequence)
    rows = ShiftRow.filter(is_in, terminal_id=terminal_id, first_sequence__lte=sequence)
    return await rows.order_by("-first_sequence", "-opened_at").first()


async def overlaps(terminal_id: int, told: ToldShift) -> bool:
    """Whether another shift that ended at this terminal claims some of the same records."""
    others = ShiftRow.filter(
        terminal_id=terminal_id,
        closed_at__gt=0,
        first_sequence__lte=told.last_sequence,
        last_sequence__gte=told.first_sequence,
    ).exclude(opened_at=told.opened_at)
    return told.last_sequence >= told.first_sequence and await others.exists()


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
