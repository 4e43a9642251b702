"""Give surplus payments back through WeChat Pay: asked again and again with the same number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from backend.domain.accounts import SchoolAccount
from backend.domain.difference import CAME_BACK, HELD, DifferenceState, move
from backend.domain.refund import ABNORMAL_WAIT_SECONDS, GAP_SECONDS, wait_seconds
from backend.domain.set_state import Entry, Mark, SetWrites
from backend.domain.wechat_pay import (
    RefundOrder,
    RefundRefusedError,
    RefundStatus,
    RefundTold,
    UnknownToWechatPayError,
    WechatPayAwayError,
    WechatPayFaultError,
)
from backend.tables import sql
from backend.tables.bill import GiveBackRow
from backend.tables.ledger import Ledger
from backend.tables.store import Rows
from backend.usecases.ports import Clock, WechatPay

BATCH_MAX: Final = 20
FAULT_MAX: Final = 64
REASON: Final = "多付款项退回"
SUSPENSE: Final = SchoolAccount.TOP_UP_SUSPENSE
TRANSIT: Final = SchoolAccount.WECHAT_IN_TRANSIT


@dataclass(frozen=True, slots=True)
class _Next:
    """What a give-back becomes: whether its money has left suspense, and when it goes on."""

    state: str
    has_left: bool
    due_at: int
    fault: str = ""


async def give_back(ledger: Ledger, clock: Clock, pay: WechatPay) -> int:
    """Do what is due; answers how many came to their end. A partner that is away is asked later."""
    ended = 0
    due = GiveBackRow.filter(due_at__gt=0, due_at__lte=int(clock())).order_by("due_at")
    for row in await due.limit(BATCH_MAX):
        try:
            told = await _ask(pay, row)
        except (WechatPayAwayError, WechatPayFaultError, UnknownToWechatPayError) as error:
            await _later(row, clock, error.word)
            continue
        except RefundRefusedError as error:
            await _book(ledger, clock, row, _Next("failed", False, 0, error.code[:FAULT_MAX]))
            ended += 1
            continue
        follows = _follow(row, told, int(clock()))
        await _book(ledger, clock, row, follows, told.refund_id)
        ended += follows.due_at == 0
    return ended


async def _ask(pay: WechatPay, row: GiveBackRow) -> RefundTold:
    if row.state == "accepted":
        return await pay.find_refund(row.out_refund_no)
    order = RefundOrder(
        row.out_refund_no, row.transaction_id, row.amount_fen, row.amount_fen, REASON
    )
    return await pay.refund(order)


def _follow(row: GiveBackRow, told: RefundTold, now: int) -> _Next:
    same = (told.out_refund_no, told.transaction_id, told.refund_fen) == (
        row.out_refund_no,
        row.transaction_id,
        row.amount_fen,
    )
    if not same:
        return _Next(row.state, row.state == "accepted", now + ABNORMAL_WAIT_SECONDS, "mismatch")
    if told.status is RefundStatus.SUCCESS:
        return _Next("done", has_left=True, due_at=0)
    if told.status is RefundStatus.CLOSED:
        return _Next("failed", has_left=False, due_at=0, fault="closed")
    if told.status is RefundStatus.ABNORMAL:
        return _Next("accepted", True, now + ABNORMAL_WAIT_SECONDS, "abnormal")
    return _Next("accepted", has_left=True, due_at=now + GAP_SECONDS)


async def _later(row: GiveBackRow, clock: Clock, fault: str) -> None:
    """Whether it was taken on is unknown: the same number is asked again."""
    tries = row.tries + 1
    await GiveBackRow.filter(id=row.id, state=row.state).update(
        tries=tries, fault=fault, due_at=int(clock()) + wait_seconds(tries)
    )


async def _book(
    ledger: Ledger, clock: Clock, row: GiveBackRow, follows: _Next, refund_id: str = ""
) -> None:
    """Write what follows; the money leaves suspense when WeChat Pay took the refund on."""
    reads = [
        sql.select("state,item_id,entry_id,accepted_at", "give_back", f"id={row.id}", ledger.lock),
        sql.select(
            "COUNT(*)",
            "give_back",
            f"difference_id={row.difference_id} AND id<>{row.id} AND state<>'done'",
        ),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, None]:
        ((state, item_id, entry_id, accepted_at),) = rows[0]
        writes, now = SetWrites(), int(clock())
        if state not in {"asked", "accepted"}:
            return writes, None
        values: dict[str, Any] = {
            "state": follows.state,
            "fault": follows.fault,
            "due_at": follows.due_at,
            "refund_id": sql.plain(refund_id),
            "ended_at": 0 if follows.due_at else now,
        }
        if follows.has_left and not entry_id:
            values |= {"entry_id": _leave(writes, next(entry_ids), item_id, row.amount_fen)}
            values |= {"accepted_at": accepted_at or now}
        if not follows.has_left and entry_id:
            item = _come_back(writes, next(entry_ids), entry_id, (row.amount_fen, now))
            values |= {"item_id": item, "entry_id": 0}
            writes.marks.append(Mark("difference", row.difference_id, (("item_id", item),)))
        writes.marks.append(Mark("give_back", row.id, tuple(values.items())))
        if follows.state == "done" and not rows[1][0][0]:
            settled = (("state", DifferenceState.SETTLED.value),)
            writes.marks.append(Mark("difference", row.difference_id, settled))
        return writes, None

    await ledger.post(reads, decide)


def _leave(writes: SetWrites, entry_id: int, item_id: int, fen: int) -> int:
    """Out of suspense, on its way to the payer."""
    leg = move(SUSPENSE, TRANSIT, fen)
    writes.entries.append(Entry(entry_id, HELD, (leg,), corrects_id=item_id))
    writes.settled_suspense[item_id] = entry_id
    return entry_id


def _come_back(writes: SetWrites, entry_id: int, left_id: int, why: tuple[int, int]) -> int:
    """It never reached the payer: an item again."""
    fen, now = why
    leg = move(TRANSIT, SUSPENSE, fen)
    writes.entries.append(Entry(entry_id, HELD, (leg,), corrects_id=left_id))
    writes.suspense.append((entry_id, int(SUSPENSE), 0, -fen, CAME_BACK, now, 0))
    return entry_id
