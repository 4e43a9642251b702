"""Which settlements are still to be paid, and what every merchant is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.tables import sql
from backend.tables.merchant import SettlementRow
from backend.tables.remittance import CommissionRow

_UNPAID = "s.net_fen>0 AND l.id IS NULL"
_JOINED = "settlement s LEFT JOIN remittance_line l ON l.standing_id=s.id"


@dataclass(frozen=True, slots=True)
class Owed:
    """What a merchant is to be sent: settled, and no remittance stands for it."""

    merchant_id: int
    settlements: int
    owed_fen: int
    first_on: int
    last_on: int


async def unpaid_settlements(
    merchant_id: int, through_on: int, rows_max: int
) -> list[SettlementRow]:
    """A merchant's settlements through a day that no standing remittance pays, oldest first."""
    wanted = f"{_UNPAID} AND s.merchant_id={int(merchant_id)} AND s.business_on<={int(through_on)}"
    tail = f" ORDER BY s.business_on LIMIT {int(rows_max)}"
    ids = [row["id"] for row in await _rows(sql.select("s.id", _JOINED, wanted, tail))]
    return await SettlementRow.filter(id__in=ids).order_by("business_on")


async def all_owed(merchant_ids: frozenset[int] | None) -> list[Owed]:
    """Every merchant that is to be sent something, or those of some."""
    columns = (
        "s.merchant_id,COUNT(*) AS settlements,SUM(s.net_fen) AS owed_fen,"
        "MIN(s.business_on) AS first_on,MAX(s.business_on) AS last_on"
    )
    mine = "" if merchant_ids is None else f" AND s.merchant_id IN ({sql.numbers(merchant_ids)})"
    tail = " GROUP BY s.merchant_id ORDER BY s.merchant_id"
    return [
        Owed(**{name: int(value) for name, value in row.items()})
        for row in await _rows(sql.select(columns, _JOINED, _UNPAID + mine, tail))
    ]


@dataclass(frozen=True, slots=True)
class SettlementFilter:
    """Which settlements; None and "": all."""

    first_on: int
    last_on: int
    merchant_ids: frozenset[int] | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """A settlement as lists tell it."""

    settlement_id: int
    merchant_id: int
    merchant: str
    business_on: int
    payments: int
    offline_payments: int
    late_payments: int
    gross_fen: int
    refunded_fen: int
    fee_fen: int
    net_fen: int
    settled_at: int
    state: str
    remittance_id: int


_STATE = (
    "CASE WHEN l.id IS NOT NULL THEN CASE r.decision WHEN 'approved' THEN 'paid' ELSE 'asked' END"
    " WHEN s.net_fen>0 THEN 'owed' ELSE 'paid' END"
)


async def read_settlements(
    asked: SettlementFilter, after: tuple[int, int] | None, rows_max: int
) -> list[SettlementLine]:
    """Settlements after one (business day, id), newest first; nothing to pay counts as paid."""
    joined = (
        f"{_JOINED} LEFT JOIN remittance r ON r.id=l.remittance_id"
        " LEFT JOIN settlement_fee f ON f.id=s.id JOIN merchant m ON m.id=s.merchant_id"
    )
    wanted = f"s.business_on BETWEEN {int(asked.first_on)} AND {int(asked.last_on)}"
    if asked.merchant_ids is not None:
        wanted += f" AND s.merchant_id IN ({sql.numbers(asked.merchant_ids)})"
    if asked.state:
        wanted += f" AND ({_STATE})={sql.literal(asked.state)}"
    if after:
        day_on, before_id = (int(one) for one in after)
        wanted += f" AND (s.business_on<{day_on} OR (s.business_on={day_on} AND s.id<{before_id}))"
    columns = (
        "s.id AS settlement_id,s.merchant_id,m.name AS merchant,s.business_on,s.payments,"
        "s.offline_payments,s.late_payments,s.gross_fen,s.refunded_fen,"
        f"COALESCE(f.fee_fen,0) AS fee_fen,s.net_fen,s.settled_at,{_STATE} AS state,"
        "COALESCE(l.remittance_id,0) AS remittance_id"
    )
    tail = f" ORDER BY s.business_on DESC,s.id DESC LIMIT {int(rows_max)}"
    return [SettlementLine(**row) for row in await _rows(sql.select(columns, joined, wanted, tail))]


async def rates_on(merchant_ids: Sequence[int], business_on: int) -> dict[int, int]:
    """The basis points in force on a day by merchant; one who is not in it pays nothing."""
    rows = await CommissionRow.filter(
        merchant_id__in=list(merchant_ids), begins_on__lte=business_on
    ).order_by("begins_on")
    return {row.merchant_id: row.basis_points for row in rows}


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = SettlementRow._meta.db  # noqa: SLF001 - the transaction's own connection
    return list(await connection.execute_query_dict(statement))
