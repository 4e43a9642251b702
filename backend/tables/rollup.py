"""Rolling committed entries up into balances and totals that nobody had to lock.

Payments touch no merchant row. Instead the roll-up reads each lane from its mark to its newest
link, adds what it found to `rollup` and `period_total`, and moves the mark, in one transaction.
A lane's rows are committed in id order, so nothing can appear behind a mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.domain.accounts import merchant_account
from backend.tables import sql
from backend.tables.account import LinkRow, RollupMarkRow, RollupRow
from backend.tables.database import transaction
from backend.tables.lanes import rows_of, unread
from backend.tables.ledger import LANE_BITS
from backend.tables.versions import next_version

ROLLUP = "rollup"
"""The counter that rollers wait for; its value means nothing."""
ENTRIES_PER_ROLL = 1 << 20
"""How far one transaction rolls in one lane; a long backlog takes several."""
ROWS_AT_ONCE = 500
MINUTE = 60

_MERCHANT_BASE = merchant_account(0)
_ENTRY = "p.id-p.id%8"
_SUMS = (
    "payments", "offline_payments", "nominal_fen", "discount_fen", "fee_fen", "charged_fen",
    "payable_fen", "corrected_fen",
)  # fmt: skip


async def lane_ranges() -> list[tuple[int, int, int]]:
    """What is not yet rolled up, as `lanes.unread` tells it."""
    return await unread({mark.lane_id: mark.through_id for mark in await RollupMarkRow.all()})


async def roll(lane_id: int, after_id: int, through_id: int) -> int:
    """Roll one lane from its mark; answers the new mark. Safe beside another roller."""
    through_id = min(through_id, after_id + ENTRIES_PER_ROLL * 8 - 1)
    async with transaction():
        # totals are read, added to and written: rollers of other lanes wait here too, and nothing
        # is read before
        await next_version(ROLLUP)
        await RollupMarkRow.get_or_create(
            lane_id=lane_id, defaults={"through_id": lane_id << LANE_BITS}
        )
        mark = await RollupMarkRow.select_for_update().get(lane_id=lane_id)
        if mark.through_id != after_id:
            return int(mark.through_id)
        inside = f"p.id>{after_id} AND p.id<={through_id}"
        await _roll_balances(inside)
        await _roll_payments(inside)
        await _roll_pulse(inside)
        await _roll_corrections(inside)
        await RollupMarkRow.filter(lane_id=lane_id).update(through_id=through_id)
    return through_id


async def _roll_balances(inside: str) -> None:
    moved: dict[int, int] = {}
    for column, sign in (("source_id", -1), ("target_id", 1)):
        tail = f" GROUP BY p.{column}"
        columns = f"p.{column} AS account_id, SUM(p.amount_fen) AS amount_fen"
        for row in await rows_of(sql.select(columns, "posting p", inside, tail)):
            change = sign * int(row["amount_fen"])
            moved[row["account_id"]] = moved.get(row["account_id"], 0) + change
    standing = {one.account_id: one for one in await RollupRow.filter(account_id__in=list(moved))}
    fresh = []
    for account_id, change in moved.items():
        if account_id in standing:
            standing[account_id].balance_fen += change
        else:
            fresh.append(RollupRow(account_id=account_id, balance_fen=change))
    await RollupRow.bulk_create(fresh)
    if standing:
        await RollupRow.bulk_update(list(standing.values()), fields=["balance_fen"])


async def _roll_payments(inside: str) -> None:
    columns = (
        "p.merchant_id, p.business_on, p.period_id, COUNT(*) AS payments,"
        " SUM(p.was_offline) AS offline_payments, SUM(p.nominal_fen) AS nominal_fen,"
        " SUM(p.discount_fen) AS discount_fen, SUM(p.fee_fen) AS fee_fen,"
        " SUM(p.charged_fen) AS charged_fen"
    )
    tail = " GROUP BY p.merchant_id, p.business_on, p.period_id"
    await _add_to_periods(await rows_of(sql.select(columns, "payment p", inside, tail)))
    await _roll_shares(inside, kind="payment", side="target_id", column="payable_fen")


async def _roll_corrections(inside: str) -> None:
    for kind in ("reversal", "correction"):
        await _roll_shares(inside, kind=kind, side="source_id", column="corrected_fen")


async def _roll_pulse(inside: str) -> None:
    """Payments by terminal and minute."""
    columns = (
        f"p.occurred_at-p.occurred_at%{MINUTE} AS minute_at, p.terminal_id,"
        " COUNT(*) AS payments, SUM(p.was_offline) AS offline_payments,"
        " SUM(p.charged_fen) AS charged_fen"
    )
    tail = f" GROUP BY p.occurred_at-p.occurred_at%{MINUTE}, p.terminal_id"
    found = await rows_of(sql.select(columns, "payment p", inside, tail))
    sums = ("payments", "offline_payments", "charged_fen")
    await _add("pulse", ("minute_at", "terminal_id"), sums, found)


async def _roll_shares(inside: str, *, kind: str, side: str, column: str) -> None:
    """The merchants' own part of entries, by the day and period of the payment they are about."""
    payment = _ENTRY if kind == "payment" else "p.corrects_id"
    joined = f"posting p JOIN payment y ON y.id={payment}"
    columns = f"y.merchant_id, y.business_on, y.period_id, SUM(p.amount_fen) AS {column}"
    wanted = f"{inside} AND p.kind='{kind}' AND p.{side}={_MERCHANT_BASE}+y.merchant_id"
    tail = " GROUP BY y.merchant_id, y.business_on, y.period_id"
    await _add_to_periods(await rows_of(sql.select(columns, joined, wanted, tail)))


async def _add_to_periods(rows: Sequence[dict[str, Any]]) -> None:
    await _add("period_total", ("merchant_id", "business_on", "period_id"), _SUMS, rows)


async def _add(
    table: str, keys: Sequence[str], sums: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """Add sums to what stands under their keys; one statement for many rows."""
    connection = LinkRow._meta.db  # noqa: SLF001 - the transaction's own connection
    end = sql.adding(connection.capabilities.dialect, table, keys, sums)
    columns = ",".join((*keys, *sums))
    for first in range(0, len(rows), ROWS_AT_ONCE):
        values = [
            sql.row([row[name] for name in keys] + [int(row.get(name, 0)) for name in sums])
            for row in rows[first : first + ROWS_AT_ONCE]
        ]
        await connection.execute_query(sql.insert(table, columns, values) + end)


async def was_posted_to(account_id: int) -> bool:
    """Whether anything was ever posted to an account, rolled up or not."""
    if await RollupRow.exists(account_id=account_id):
        return True
    for _lane_id, after_id, through_id in await lane_ranges():
        touches = f"(source_id={int(account_id)} OR target_id={int(account_id)})"
        inside = f"id>{after_id} AND id<={through_id} AND {touches}"
        if await rows_of(sql.select("id", "posting", inside, " LIMIT 1")):
            return True
    return False


async def balance_of(account_id: int) -> int:
    """An account's balance in fen at this moment: its roll-up and every lane's tail."""
    rolled = await RollupRow.get_or_none(account_id=account_id)
    balance_fen = rolled.balance_fen if rolled else 0
    for _lane_id, after_id, _through_id in await lane_ranges():
        high = ((after_id >> LANE_BITS) + 1) << LANE_BITS
        inside = f"id>{after_id} AND id<{high}"
        for column, sign in (("source_id", -1), ("target_id", 1)):
            wanted = f"{inside} AND {column}={int(account_id)}"
            columns = "COALESCE(SUM(amount_fen),0) AS amount_fen"
            (row,) = await rows_of(sql.select(columns, "posting", wanted))
            balance_fen += sign * int(row["amount_fen"])
    return int(balance_fen)
