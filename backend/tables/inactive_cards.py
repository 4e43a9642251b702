"""Cards that nobody uses, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from backend.tables import sql
from backend.tables.card import CardRow
from backend.tables.report_reads import INACTIVE_JOINED, inactive_since

DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class InactiveFilter:
    """Since how many days, and of which class (None: all)."""

    days: int
    class_id: int | None


@dataclass(frozen=True, slots=True)
class InactiveCard:
    """A card, when its holder paid last (Unix seconds, 0: never), and what is in his purses."""

    card_id: int
    holder_id: int
    card_number: str
    class_id: int
    last_at: int
    balance_fen: int


async def read_inactive(
    asked: InactiveFilter, at: int, after_id: int, rows_max: int
) -> list[InactiveCard]:
    """Cards after one id, by their ids."""
    wanted = f"c.id>{int(after_id)} AND {inactive_since(at - asked.days * DAY_SECONDS)}"
    wanted += "" if asked.class_id is None else f" AND h.class_id={int(asked.class_id)}"
    purses = "(SELECT SUM(a.balance_fen) FROM account a WHERE a.holder_id=c.holder_id)"
    columns = (
        "c.id AS card_id,c.holder_id,c.number AS card_number,h.class_id,"
        f"COALESCE(t.last_at,0) AS last_at,COALESCE({purses},0) AS balance_fen"
    )
    tail = f" ORDER BY c.id LIMIT {int(rows_max)}"
    rows = await _rows(sql.select(columns, INACTIVE_JOINED, wanted, tail))
    return [InactiveCard(**{**row, "balance_fen": int(row["balance_fen"])}) for row in rows]


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = CardRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
