"""Approve somebody else's refund: the money leaves the purse now, WeChat Pay is asked next."""

from __future__ import annotations

from collections.abc import Iterator

from backend.domain.access import Actor
from backend.domain.by_two import two_people
from backend.domain.refund import RefundState, judge_refund_of, require_next, send_at
from backend.domain.set_state import SetWrites
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.lots import purse_selects, read_purse
from backend.tables.refunds import (
    book,
    parts_select,
    read_refund,
    refund_select,
    take_out,
    unknown_refund,
)
from backend.tables.store import Rows
from backend.tables.top_up import RefundRow
from backend.usecases.ports import Clock


async def approve_refund(ledger: Ledger, clock: Clock, refund_id: int, actor: Actor) -> None:
    """Book a refund that another person asked for, once; a repeat changes nothing.

    Raises:
        NotFoundError: no such refund.
        ForbiddenError: the same person asked for it; the database refuses that too.
        ConflictError: it was rejected.
        NotRefundable: the purse, the lot or its date do not allow it any more.

    """
    row = await RefundRow.get_or_none(id=refund_id)
    if row is None:
        raise unknown_refund()
    if row.made_by == actor.label:
        raise two_people()

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, bool]:
        return _decide(rows, ids, row, (actor.label, int(clock())))

    reads = [
        refund_select(row.id, ledger.lock),
        *purse_selects(row.holder_id, ledger.lock),
        parts_select(row.holder_id),
    ]
    if await ledger.post(reads, decide):
        async with transaction():
            subject = f"cardholder:{row.holder_id}"
            detail = {"lot": row.lot_id, "amount_fen": row.amount_fen}
            await note(actor.label, "refunds.approve", subject, int(clock()), **detail)


def _decide(
    rows: list[Rows], ids: Iterator[int], row: RefundRow, decided: tuple[str, int]
) -> tuple[SetWrites, bool]:
    refund = read_refund(row.id, rows[0])
    decided_by, now = decided
    if refund.state not in {RefundState.ASKED, RefundState.REJECTED}:
        return SetWrites(), False
    require_next(refund.state, RefundState.BOOKED)
    purse = read_purse(*rows[1:4])
    mine = [(due_at, sent_at) for _, lot_id, due_at, sent_at in rows[4] if lot_id == row.lot_id]
    judge_refund_of(purse, refund.lot_id, refund.amount_fen, len(mine), now)
    writes, entry_id = SetWrites(), next(ids)
    holder = take_out(writes, purse, refund.holder_id)
    part = (refund.lot_id, refund.out_refund_no, refund.amount_fen)
    book(writes, holder, entry_id, part, now)
    others = [max(due_at, sent_at) for due_at, sent_at in mine]
    writes.marks.append(
        refund.mark(
            ("state", RefundState.BOOKED.value),
            ("decided_by", decided_by),
            ("decided_at", now),
            ("entry_id", entry_id),
            ("due_at", send_at(now, others)),
        )
    )
    return writes, True
