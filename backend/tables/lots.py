"""Reading a holder's lots: what came into the cash purse, and what of it went back.

The SELECTs are for the reads of a posting, where the purse's row is locked first; the functions
below them are for looking only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tortoise.functions import Sum

from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.card import unknown_cardholder
from backend.domain.lot import REFUND_SECONDS, Lot, Origin, Remaining, remaining
from backend.domain.refund import Purse
from backend.tables import sql
from backend.tables.account import AccountRow
from backend.tables.store import Rows
from backend.tables.top_up import LotReturnRow, LotRow

NET_RETURNED: Final = "SUM(CASE undoes_id WHEN 0 THEN amount_fen ELSE -amount_fen END)"
"""What of a lot went back for good; a return that was undone counts for nothing."""
HOLDERS_PER_READ: Final = 500


@dataclass(frozen=True, slots=True)
class Passing:
    """A lot that passes its date soon, and what of it is still there (fen)."""

    holder_id: int
    remaining: Remaining


def lots_select(holder_id: int) -> str:
    """The SELECT of a holder's lots, oldest first; `read_lots` reads its rows."""
    returned = sql.select(
        f"lot_id,{NET_RETURNED} AS net_fen",
        "lot_return",
        f"holder_id={int(holder_id)} AND lot_id>0",
        " GROUP BY lot_id",
    )
    return sql.select(
        "l.id,l.origin,l.amount_fen,COALESCE(r.net_fen,0),l.paid_at,l.reference,"
        "COALESCE(l.transaction_id,'')",
        f"lot l LEFT JOIN ({returned}) r ON r.lot_id=l.id",
        f"l.holder_id={int(holder_id)}",
        " ORDER BY l.posted_at,l.id",
    )


def read_lots(rows: Rows) -> list[Lot]:
    """The lots that `lots_select` found, in the order in which they were posted."""
    return [
        Lot(lot_id, Origin(origin), amount_fen, int(returned_fen), paid_at, reference, transaction)
        for lot_id, origin, amount_fen, returned_fen, paid_at, reference, transaction in rows
    ]


def purse_selects(holder_id: int, lock: str) -> list[str]:
    """The SELECTs of a cash purse, its row locked first; `read_purse` reads their rows."""
    account = f"id={purse_account(holder_id, 'cash')}"
    owed = (
        f"holder_id={int(holder_id)} AND settled_by_id=0"
        f" AND account_id={int(SchoolAccount.OFFLINE_SUSPENSE)}"
    )
    return [
        sql.select("balance_fen,floor_fen", "account", account, lock),
        lots_select(holder_id),
        sql.select("COALESCE(SUM(amount_fen),0)", "suspense", owed),
    ]


def read_purse(accounts: Rows, lots: Rows, owed: Rows) -> Purse:
    """The purse that `purse_selects` found. NotFoundError: the holder has none."""
    if not accounts:
        raise unknown_cardholder()
    ((balance_fen, floor_fen),) = accounts
    return Purse(balance_fen, floor_fen, int(owed[0][0]), tuple(read_lots(lots)))


async def lots_of(holder_id: int) -> tuple[int, list[Lot]]:
    """A holder's cash balance in fen and his lots, oldest first; to look at, not to decide by."""
    account = await AccountRow.get_or_none(id=purse_account(holder_id, "cash"))
    found = await _lots_of_all([holder_id])
    return (account.balance_fen if account else 0), found.get(holder_id, [])


async def lots_passing(at: int, days: int) -> list[Passing]:
    """What can go back to WeChat Pay now, but not any more in `days` days; soonest first."""
    first_paid, last_paid = at - REFUND_SECONDS, at - REFUND_SECONDS + days * 86_400
    soon = LotRow.filter(origin=Origin.WECHAT.value, paid_at__gte=first_paid, paid_at__lt=last_paid)
    holder_ids: list[int] = sorted(set(await soon.values_list("holder_id", flat=True)))  # type: ignore[arg-type]
    found = []
    for start in range(0, len(holder_ids), HOLDERS_PER_READ):
        found += await _passing(holder_ids[start : start + HOLDERS_PER_READ], first_paid, last_paid)
    return sorted(found, key=lambda one: (one.remaining.lot.paid_at, one.remaining.lot.id))


async def _passing(holder_ids: Sequence[int], first_paid: int, last_paid: int) -> list[Passing]:
    lots = await _lots_of_all(holder_ids)
    accounts = await AccountRow.filter(holder_id__in=list(holder_ids), purse="cash")
    return [
        Passing(account.holder_id, one)
        for account in accounts
        if account.holder_id is not None
        for one in remaining(account.balance_fen, lots.get(account.holder_id, []))
        if one.lot.origin is Origin.WECHAT
        and first_paid <= one.lot.paid_at < last_paid
        and one.left_fen > 0
    ]


async def _lots_of_all(holder_ids: Sequence[int]) -> dict[int, list[Lot]]:
    wanted = list(holder_ids)
    back: dict[int, int] = {}
    mine = LotReturnRow.filter(holder_id__in=wanted, lot_id__gt=0)
    for sign, rows in ((1, mine.filter(undoes_id=0)), (-1, mine.filter(undoes_id__gt=0))):
        sums: Any = (
            await rows.annotate(fen=Sum("amount_fen")).group_by("lot_id").values("lot_id", "fen")
        )
        for one in sums:
            back[one["lot_id"]] = back.get(one["lot_id"], 0) + sign * int(one["fen"])
    found: dict[int, list[Lot]] = {}
    for row in await LotRow.filter(holder_id__in=wanted).order_by("posted_at", "id"):
        lot = Lot(
            row.id,
            Origin(row.origin),
            row.amount_fen,
            back.get(row.id, 0),
            row.paid_at,
            row.reference,
            row.transaction_id or "",
        )
        found.setdefault(row.holder_id, []).append(lot)
    return found
