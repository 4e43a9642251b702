"""Reading batches of benefits, and proving what each of them gave."""

from __future__ import annotations

from typing import Any, NamedTuple

from backend.domain.accounts import SchoolAccount
from backend.tables import sql
from backend.tables.benefit import BenefitBatchRow


class BatchProof(NamedTuple):
    """A batch's lines, those that know their entry, and what the ledger itself holds of those."""

    lines: int
    lines_fen: int
    posted: int
    posted_fen: int
    booked: int
    booked_fen: int

    @property
    def agrees(self) -> bool:
        """Whether the ledger holds exactly what the lines say."""
        return (self.posted, self.posted_fen) == (self.booked, self.booked_fen)


async def prove_batches(batch_ids: list[int]) -> dict[int, BatchProof]:
    """The proof of each of these batches."""
    joined = (
        "benefit_line l LEFT JOIN credit c ON c.id=l.entry_id AND c.holder_id=l.holder_id"
        " LEFT JOIN posting p ON p.id=c.id AND p.kind='credit'"
        f" AND p.source_id={int(SchoolAccount.BENEFIT_SOURCE)}"
    )
    columns = (
        "l.batch_id,COUNT(*) AS n,SUM(l.amount_fen) AS n_fen,"
        "SUM(CASE WHEN l.entry_id>0 THEN 1 ELSE 0 END) AS posted,"
        "SUM(CASE WHEN l.entry_id>0 THEN l.amount_fen ELSE 0 END) AS posted_fen,"
        "COUNT(p.id) AS booked,COALESCE(SUM(p.amount_fen),0) AS booked_fen"
    )
    wanted = f"l.batch_id IN ({sql.numbers(batch_ids)})"
    rows = await _rows(sql.select(columns, joined, wanted, " GROUP BY l.batch_id"))
    names = ("n", "n_fen", "posted", "posted_fen", "booked", "booked_fen")
    return {row["batch_id"]: BatchProof(*(int(row[name]) for name in names)) for row in rows}


async def read_lines(batch_id: int, after_id: int, rows_max: int) -> list[dict[str, Any]]:
    """A batch's lines after one, with whose they are."""
    columns = "l.id,l.holder_id,h.number,h.name,h.class_id,l.amount_fen,l.entry_id"
    joined = "benefit_line l JOIN cardholder h ON h.id=l.holder_id"
    wanted = f"l.batch_id={int(batch_id)} AND l.id>{int(after_id)}"
    return await _rows(sql.select(columns, joined, wanted, f" ORDER BY l.id LIMIT {int(rows_max)}"))


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = BenefitBatchRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
