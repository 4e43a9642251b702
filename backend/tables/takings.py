"""What a merchant sees of its own day: takings by period and terminal, refunds, what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.domain.report import Dimension
from backend.tables import sql
from backend.tables.merchant import MerchantRow, PeriodTotalRow
from backend.tables.remittances import all_owed, rates_on
from backend.tables.report import DayTotalRow
from backend.tables.terminal import TerminalRow


@dataclass(frozen=True, slots=True)
class PeriodTakings:
    """What was taken in one meal period."""

    period_id: str
    payments: int
    charged_fen: int
    corrected_fen: int
    net_fen: int


@dataclass(frozen=True, slots=True)
class TillTakings:
    """What one terminal took."""

    terminal_id: int
    name: str
    payments: int
    charged_fen: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class Takings:
    """A merchant's day; `merchant_id` 0: more than one together."""

    merchant_id: int
    merchant: str
    periods: tuple[PeriodTakings, ...]
    terminals: tuple[TillTakings, ...]
    yesterday_fen: int
    owed_fen: int
    basis_points: int


@dataclass(frozen=True, slots=True)
class OwnRefund:
    """A refund or void as the merchant sees it."""

    request_id: int
    kind: str
    state: str
    payment_id: int
    occurred_at: int
    charged_fen: int
    amount_fen: int
    reason: str
    made_at: int


async def read_takings(merchant_ids: frozenset[int] | None, today: int, yesterday: int) -> Takings:
    """The takings of some merchants together, or (None) of all; with a name where it is one."""
    own: dict[str, Any] = {}
    if merchant_ids is not None:
        own = {"merchant_id__in": sorted(merchant_ids)}
    merchant_id = next(iter(merchant_ids)) if merchant_ids and len(merchant_ids) == 1 else 0
    merchant = await MerchantRow.get_or_none(id=merchant_id) if merchant_id else None
    before = await PeriodTotalRow.filter(business_on=yesterday, **own)
    rates = await rates_on([merchant_id], today) if merchant_id else {}
    return Takings(
        merchant_id=merchant_id,
        merchant=merchant.name if merchant else "",
        periods=await _periods(today, own),
        terminals=await _terminals(today, own),
        yesterday_fen=sum(row.charged_fen for row in before),
        owed_fen=sum(one.owed_fen for one in await all_owed(merchant_ids)),
        basis_points=rates.get(merchant_id, 0),
    )


async def _periods(today: int, own: dict[str, Any]) -> tuple[PeriodTakings, ...]:
    found: dict[str, PeriodTakings] = {}
    for row in await PeriodTotalRow.filter(business_on=today, **own).order_by("id"):
        had = found.get(row.period_id, PeriodTakings(row.period_id, 0, 0, 0, 0))
        found[row.period_id] = PeriodTakings(
            row.period_id,
            had.payments + row.payments,
            had.charged_fen + row.charged_fen,
            had.corrected_fen + row.corrected_fen,
            had.net_fen + row.payable_fen - row.corrected_fen,
        )
    return tuple(found.values())


async def _terminals(today: int, own: dict[str, Any]) -> tuple[TillTakings, ...]:
    totals = DayTotalRow.filter(dimension=Dimension.TERMINAL.value, business_on=today, **own)
    taken = {int(row.value): row for row in await totals}
    rows = TerminalRow.filter(revoked_at=None, **own) if own else TerminalRow.filter(id__in=taken)
    return tuple(
        TillTakings(
            terminal_id=row.id,
            name=row.name,
            payments=taken[row.id].payments if row.id in taken else 0,
            charged_fen=taken[row.id].charged_fen if row.id in taken else 0,
            seen_at=int(row.seen_at.timestamp()) if row.seen_at else 0,
        )
        for row in await rows.order_by("name", "id")
    )


async def refunds_of(
    merchant_ids: frozenset[int] | None, before_id: int, rows_max: int
) -> list[OwnRefund]:
    """Requests for refunds and voids before one id (0: from the newest), newest first."""
    wanted = "c.id>0" if not before_id else f"c.id<{int(before_id)}"
    if merchant_ids is not None:
        wanted += f" AND y.merchant_id IN ({sql.numbers(merchant_ids)})"
    columns = (
        "c.id AS request_id,c.kind,CASE c.decision WHEN '' THEN 'waiting' ELSE c.decision END"
        " AS state,c.payment_id,y.occurred_at,y.charged_fen,c.amount_fen,c.reason,c.made_at"
    )
    joined = "correction_request c JOIN payment y ON y.id=c.payment_id"
    tail = f" ORDER BY c.id DESC LIMIT {int(rows_max)}"
    connection = MerchantRow._meta.db  # noqa: SLF001 - the engine's own connection
    rows = await connection.execute_query_dict(sql.select(columns, joined, wanted, tail))
    return [OwnRefund(**row) for row in rows]
