"""A holder who leaves: all that is left of each top-up goes back to whoever paid it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, ForbiddenError
from backend.domain.refund import Part, parts_to_wechat, send_at
from backend.domain.set_state import BookedRefund, SetWrites
from backend.domain.top_up import ORDER_RANDOM_BYTES, refund_number
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.leaving import LeavingRow
from backend.tables.leavings import APPROVED, open_leaving_of
from backend.tables.ledger import Ledger
from backend.tables.lots import purse_selects, read_purse
from backend.tables.refunds import book, parts_select, take_out
from backend.tables.sql import Typed
from backend.tables.store import Rows
from backend.usecases.ports import Clock, Randomness

REASON = "离校退款"


async def leave(
    ledger: Ledger, clock: Clock, randomness: Randomness, request_key: str, actor: Actor
) -> int:
    """Book a refund of every lot that WeChat Pay still takes back; how many fen left the purse.

    The actor is the holder himself. A repeat of `request_key` books nothing more.

    Raises:
        ForbiddenError: no leaving is open for this holder.
        ConflictError: an item in suspense or a dispute is open.

    """
    now = int(clock())
    holder_id = actor.holder_id or 0
    leaving = await open_leaving_of(holder_id, now)
    if leaving is None:
        raise ForbiddenError(
            "not_leaving", zh="现在不能办理离校退款。", en="No leaving is open for you."
        )
    tap = f"leaving:{holder_id}:{hashlib.sha256(request_key.encode()).hexdigest()[:24]}"

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, int]:
        return _Leave(tap, actor.label, leaving, int(clock())).decide(rows, ids, randomness)

    fen = await ledger.post(_reads(holder_id, leaving.id, tap, ledger.lock), decide)
    if fen:
        async with transaction():
            detail = {"amount_fen": fen, "leaving": leaving.id}
            await note(actor.label, "leavings.leave", f"cardholder:{holder_id}", now, **detail)
    return fen


def _reads(holder_id: int, leaving_id: int, tap: str, lock: str) -> list[str]:
    cards = sql.select("id", "card", f"holder_id={holder_id}")
    return [
        *purse_selects(holder_id, lock),
        sql.select("id", "dispute", f"decision='' AND card_id IN ({cards})"),
        parts_select(holder_id),
        sql.select("out_trade_no,id", "top_up", f"holder_id={holder_id}"),
        sql.select("id", "refund", f"request_key LIKE '{sql.plain(tap)}:%'"),
        sql.select("decision,ended_at", "leaving", f"id={int(leaving_id)}"),
    ]


class _Leave:
    """One holder's leaving, while it is decided."""

    def __init__(self, tap: str, made_by: str, leaving: LeavingRow, now: int) -> None:
        self.tap = tap
        self.made_by = made_by
        self.leaving = leaving
        self.now = now

    def decide(
        self, rows: list[Rows], ids: Iterator[int], randomness: Randomness
    ) -> tuple[SetWrites, int]:
        purse, (disputes, sent, orders, standing, stands) = read_purse(*rows[:3]), rows[3:]
        ((decision, ended_at),) = stands
        if standing or decision != APPROVED or ended_at:
            return SetWrites(), 0
        if disputes or purse.owed_fen:
            raise ConflictError(
                "still_open",
                zh="还有未结清的消费或未处理的争议，请先到卡务中心处理。",
                en="Something is still owed or contested; please see the card office first.",
                owed_fen=purse.owed_fen,
                disputes=len(disputes),
            )
        order_ids = {str(number): int(order_id) for number, order_id in orders}
        references = {lot.id: lot.reference for lot in purse.lots}
        asked_at: dict[int, list[int]] = defaultdict(list)
        for _, lot_id, due_at, sent_at in sent:
            asked_at[lot_id].append(max(due_at, sent_at))
        counts = {lot_id: len(found) for lot_id, found in asked_at.items()}
        holder_id = int(self.tap.split(":")[1])
        writes, holder = SetWrites(), None
        for part in parts_to_wechat(purse, counts, self.now):
            holder = holder or take_out(writes, purse, holder_id)
            number, entry_id = refund_number(randomness(ORDER_RANDOM_BYTES)), next(ids)
            book(writes, holder, entry_id, (part.lot_id, number, part.amount_fen), self.now)
            due_at = send_at(self.now, asked_at[part.lot_id])
            refund = self._refund(part, number, (order_ids[references[part.lot_id]], holder_id))
            writes.refunds.append(refund._replace(entry_id=entry_id, due_at=due_at))
        return writes, sum(one.amount_fen for one in writes.refunds)

    def _refund(self, part: Part, number: str, whose: tuple[int, int]) -> BookedRefund:
        order_id, holder_id = whose
        return BookedRefund(
            out_refund_no=number,
            request_key=f"{self.tap}:{part.lot_id}",
            top_up_id=order_id,
            lot_id=part.lot_id,
            holder_id=holder_id,
            amount_fen=part.amount_fen,
            reason=Typed(REASON),
            made_by=self.made_by,
            made_at=self.now,
            decided_by=f"leaving:{self.leaving.id}",
            decided_at=self.now,
            entry_id=0,
            due_at=0,
        )
