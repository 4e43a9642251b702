"""Reading drawers: whose is open, and what went through it."""

from __future__ import annotations

from backend.domain.drawer import Drawer
from backend.tables import sql
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
