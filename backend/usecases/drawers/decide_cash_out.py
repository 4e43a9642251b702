"""Decide on cash that another person wants to pay out: approved, it leaves purse and drawer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from backend.domain.access import Actor
from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.by_two import decided_already, two_people
from backend.domain.drawer import NoOpenDrawer
from backend.domain.errors import NotFoundError
from backend.domain.lot import yuan
from backend.domain.payment import Posting
from backend.domain.refund import NotRefundable, Purse, parts_in_cash
from backend.domain.set_state import Entry, Mark, SetWrites
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.drawer import CashOutRequestRow
from backend.tables.drawers import open_drawer_select
from backend.tables.ledger import Ledger
from backend.tables.lots import purse_selects, read_purse
from backend.tables.payment_reads import LEGS_MAX
from backend.tables.refunds import take_out
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock

APPROVED: Final = "approved"
REJECTED: Final = "rejected"


async def decide_cash_out(
    ledger: Ledger, clock: Clock, request_id: int, actor: Actor, *, is_approved: bool
) -> None:
    """Pay it out of the asker's open drawer, or not; a repeat changes nothing.

    Raises:
        NotFoundError: no such request.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was decided otherwise.
        NoOpenDrawer: the asker has closed the drawer it was to come from.
        NotRefundable: the counter may not pay so much to this holder any more.

    """
    row = await CashOutRequestRow.get_or_none(id=request_id)
    if row is None:
        raise NotFoundError("unknown_request", zh="没有这个申请。", en="There is no such request.")
    if row.made_by == actor.label:
        raise two_people()
    decision = APPROVED if is_approved else REJECTED
    reads = [
        open_drawer_select(int(row.made_by.partition(":")[2]), ledger.lock),
        sql.select("decision", "cash_out_request", f"id={row.id}", ledger.lock),
        *purse_selects(row.holder_id, ledger.lock),
    ]

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, bool]:
        ((standing,),) = rows[1]
        if standing == decision:
            return SetWrites(), False
        if standing:
            raise decided_already(standing)
        now = int(clock())
        writes = SetWrites()
        if is_approved:
            writes = _pay(row, (rows[0], read_purse(*rows[2:])), next(ids), (actor.label, now))
        values = (("decision", decision), ("decided_by", actor.label), ("decided_at", now))
        writes.marks.append(Mark("cash_out_request", row.id, values))
        return writes, True

    if await ledger.post(reads, decide):
        async with transaction():
            subject, detail = f"cardholder:{row.holder_id}", {"amount_fen": row.amount_fen}
            await note(actor.label, f"cash_outs.{decision}", subject, int(clock()), **detail)


def _pay(
    row: CashOutRequestRow, own: tuple[Rows, Purse], entry_id: int, who: tuple[str, int]
) -> SetWrites:
    (drawers, purse), (approved_by, now) = own, who
    if not drawers:
        raise NoOpenDrawer
    parts = parts_in_cash(purse, row.amount_fen, now)
    if len(parts) > LEGS_MAX:
        most_fen = sum(part.amount_fen for part in parts[:LEGS_MAX])
        raise NotRefundable(
            "too_many_lots",
            zh=f"零散的充值太多，一次最多可取现 {yuan(most_fen)} 元。",
            en="This takes from too many lots at once; pay it out in two steps.",
            most_fen=most_fen,
        )
    writes = SetWrites()
    take_out(writes, purse, row.holder_id).move("cash", -row.amount_fen)
    source, target = purse_account(row.holder_id, "cash"), int(SchoolAccount.CASH_DRAWER)
    legs = tuple(Posting(source, target, part.amount_fen) for part in parts)
    writes.entries.append(Entry(entry_id, "cash_out", legs))
    reference = f"cash:{row.id}"
    writes.lot_returns += [
        (entry_id + place, part.lot_id, row.holder_id, reference, 0, part.amount_fen, now)
        for place, part in enumerate(parts)
    ]
    key, reason = row.request_key, Typed(row.reason)
    paid = (entry_id, key, row.holder_id, drawers[0][0], row.amount_fen, reason)
    writes.cash_outs.append((*paid, row.made_by, approved_by, now))
    return writes
