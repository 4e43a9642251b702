"""Reading drawers: whose is open, and what went through it."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from backend.domain.bill_day import bounds_of, day_from
from backend.domain.drawer import Drawer
from backend.tables import sql
from backend.tables.drawer import DrawerRow
from backend.tables.store import Rows


def open_drawer_select(staff_id: int, lock: str) -> str:
    """The SELECT of a person's open drawer, (id, float in fen), locked: it cannot close meanwhile.

    It comes first among a posting's reads, before any purse, in every use case.
    """
    return sql.select("id,opened_fen", "drawer", f"open_by={int(staff_id)}", lock)


def flow_selects(drawer_id: int) -> list[str]:
    """The SELECTs of what was taken into a drawer and paid out of it; `read_drawer` reads them."""
    mine = f"drawer_id={int(drawer_id)}"
    return [
        sql.select("COALESCE(SUM(amount_fen),0)", "credit", f"{mine} AND purse='cash'"),
        sql.select("COALESCE(SUM(amount_fen),0)", "cash_out", mine),
    ]


def read_drawer(opened_fen: int, taken: Rows, paid: Rows) -> Drawer:
    """A drawer from its float and what `flow_selects` found."""
    return Drawer(opened_fen, int(taken[0][0]), int(paid[0][0]))


@dataclass(frozen=True, slots=True)
class DrawerFilter:
    """Which drawers; "" and 0: all. Beijing days of when they were opened."""

    state: str = ""
    staff_id: int = 0
    first_on: int = 0
    last_on: int = 0


async def list_drawers(
    own: QuerySet[DrawerRow], asked: DrawerFilter, before_id: int, rows_max: int
) -> list[DrawerRow]:
    """Those of the asker's own reach before one id (0: from the newest), newest first."""
    query = own.filter(id__lt=before_id) if before_id else own
    is_agreed = Q(counted_fen=F("expected_fen")) | ~Q(approved_by="")
    if asked.state == "open":
        query = query.filter(closed_at=0)
    elif asked.state == "differs":
        query = query.exclude(closed_at=0).exclude(is_agreed)
    elif asked.state == "closed":
        query = query.exclude(closed_at=0).filter(is_agreed)
    if asked.staff_id:
        query = query.filter(staff_id=asked.staff_id)
    if asked.first_on:
        query = query.filter(opened_at__gte=bounds_of(day_from(asked.first_on, "first_on"))[0])
    if asked.last_on:
        query = query.filter(opened_at__lt=bounds_of(day_from(asked.last_on, "last_on"))[1])
    return await query.order_by("-id").limit(rows_max)
