"""What a business day looks like: totals, terminals that hold something back, open drawers."""

from __future__ import annotations

from typing import Any

from backend.domain.accounts import CLEARING, SchoolAccount
from backend.domain.day_close import DayPicture, Delivery, OpenDrawer
from backend.tables import sql
from backend.tables.door import DoorRow
from backend.tables.payment import QuarantineRow
from backend.tables.report import AccountDayRow
from backend.tables.terminal import TerminalRow

DRAWERS_MAX = 200
_OPEN = "settled_by_id=0 AND account_id IN ({})"


async def read_picture(
    business_on: int, begins_at: int, ends_at: int, hall_groups: frozenset[str]
) -> DayPicture:
    """A business day as it stands now; terminals of the hall and doors take no money."""
    columns = (
        "COALESCE(SUM(payments),0) AS payments,COALESCE(SUM(charged_fen),0) AS charged_fen,"
        "COALESCE(SUM(corrected_fen),0) AS corrected_fen"
    )
    day = f"business_on={int(business_on)}"
    (totals,) = await _rows(sql.select(columns, "period_total", day))
    sums = "COALESCE(SUM(debit_fen),0) AS debit_fen,COALESCE(SUM(credit_fen),0) AS credit_fen"
    (balance,) = await _rows(sql.select(sums, "account_day", "id>0"))
    named = sql.numbers(int(one) for one in CLEARING)
    held = "COUNT(*) AS items,COALESCE(SUM(amount_fen),0) AS fen"
    (suspense,) = await _rows(sql.select(held, "suspense", _OPEN.format(named)))
    joined = (
        "period_total t LEFT JOIN settlement s"
        " ON s.merchant_id=t.merchant_id AND s.business_on=t.business_on"
    )
    wanted = f"t.business_on={int(business_on)} AND s.id IS NULL"
    (unsettled,) = await _rows(
        sql.select("COUNT(DISTINCT t.merchant_id) AS merchants", joined, wanted)
    )
    return DayPicture(
        business_on=business_on,
        begins_at=begins_at,
        ends_at=ends_at,
        payments=int(totals["payments"]),
        charged_fen=int(totals["charged_fen"]),
        corrected_fen=int(totals["corrected_fen"]),
        debit_fen=int(balance["debit_fen"]),
        credit_fen=int(balance["credit_fen"]),
        missing=await _missing(ends_at, hall_groups),
        drawers=await _drawers(ends_at),
        suspense_fen=int(suspense["fen"]),
        suspense_items=int(suspense["items"]),
        quarantined=await QuarantineRow.filter(resolved_at=0).count(),
        unsettled=int(unsettled["merchants"]),
        accounts=await _balances(),
    )


async def _missing(ends_at: int, hall_groups: frozenset[str]) -> tuple[Delivery, ...]:
    doors = {row.terminal_id for row in await DoorRow.all()}
    rows = await TerminalRow.filter(revoked_at=None).order_by("seen_at", "id")
    found = [
        delivery_of(row)
        for row in rows
        if row.id not in doors
        and row.group_id not in hall_groups
        and int(row.enrolled_at.timestamp()) < ends_at
    ]
    return tuple(one for one in found if one.is_missing(ends_at))


def delivery_of(row: TerminalRow) -> Delivery:
    """What a terminal's row says of its journal."""
    return Delivery(
        terminal_id=row.id,
        name=row.name,
        merchant_id=row.merchant_id,
        seen_at=int(row.seen_at.timestamp()) if row.seen_at else 0,
        highest_sequence=max(row.highest_sequence, row.journal_sequence),
        confirmed_sequence=row.journal_sequence,
        waiting=row.journal_depth,
    )


async def _drawers(ends_at: int) -> tuple[OpenDrawer, ...]:
    """Opened before the day was over, and not closed and agreed yet."""
    differs = "closed_at=0 OR (counted_fen<>expected_fen AND approved_by='')"
    wanted = f"opened_at<{int(ends_at)} AND ({differs})"
    rows = await _rows(
        sql.select(
            "id,staff_id,opened_at,closed_at",
            "drawer",
            wanted,
            f" ORDER BY id DESC LIMIT {DRAWERS_MAX}",
        )
    )
    return tuple(
        OpenDrawer(row["id"], row["staff_id"], row["opened_at"], bool(row["closed_at"]))
        for row in rows
    )


async def _balances() -> dict[str, int]:
    """What is in each of the school's own accounts, as far as totals a day know."""
    named = sql.numbers(int(one) for one in SchoolAccount)
    columns = "account_id,SUM(credit_fen)-SUM(debit_fen) AS fen"
    rows = await _rows(
        sql.select(columns, "account_day", f"account_id IN ({named})", " GROUP BY account_id")
    )
    return {SchoolAccount(row["account_id"]).name.lower(): int(row["fen"]) for row in rows}


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = AccountDayRow._meta.db  # noqa: SLF001 - the transaction's own connection
    return list(await connection.execute_query_dict(statement))
