"""Refunds as the tables hold them, and the one place where an answer of WeChat Pay ends one.

Lock order: the refund, then its holder's purse. A notice, a query and the answer to our own call
come through `apply_refund_told`, in any order and any number.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.errors import NotFoundError
from backend.domain.payment import Posting
from backend.domain.refund import (
    ABNORMAL_WAIT_SECONDS,
    NEVER_SENT,
    NEXT,
    UNDONE,
    Purse,
    RefundState,
    follow,
    require_next,
    wait_seconds,
)
from backend.domain.set_state import Entry, HolderState, Mark, SetWrites
from backend.domain.top_up import Mismatch, Refund, judge_refund
from backend.domain.wechat_pay import RefundTold
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.store import Rows
from backend.tables.top_up import RefundRow, TopUpRow
from campus_code import Tally

log = logging.getLogger("xiaoma.refunds")

PURSE: Final = "cash"
SYSTEM: Final = "wechat_pay"
"""Who writes a line that no person caused."""
FAULT_LENGTH_MAX: Final = 64
_COLUMNS: Final = "state,entry_id,holder_id,lot_id,amount_fen,accepted_at,out_refund_no,made_by"

Values = tuple[tuple[str, int | str | None], ...]


@dataclass(frozen=True, slots=True)
class AppliedRefund:
    """What became of an answer; `fields` are those in which it contradicts our row."""

    state: RefundState
    is_changed: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LockedRefund:
    """A refund under lock; fields as in `RefundRow`."""

    id: int
    state: RefundState
    entry_id: int
    holder_id: int
    lot_id: int
    amount_fen: int
    accepted_at: int
    out_refund_no: str
    made_by: str

    def mark(self, *values: tuple[str, int | str | None]) -> Mark:
        """What its row learns."""
        return Mark("refund", self.id, values)


def refund_select(refund_id: int, lock: str) -> str:
    """The SELECT that locks a refund; `read_refund` reads its row."""
    return sql.select(_COLUMNS, "refund", f"id={int(refund_id)}", lock)


def read_refund(refund_id: int, rows: Rows) -> LockedRefund:
    """The refund that `refund_select` found. Raises NotFoundError."""
    if not rows:
        raise unknown_refund()
    state, *rest = rows[0]
    return LockedRefund(refund_id, RefundState(state), *rest)


def parts_select(holder_id: int) -> str:
    """The SELECT of what WeChat Pay was or will be asked for: (order, lot, due, sent), a row each.

    `order` is the top-up's id.
    """
    words = sql.words(one.value for one in NEVER_SENT)
    return sql.select(
        "top_up_id,lot_id,due_at,sent_at",
        "refund",
        f"holder_id={int(holder_id)} AND state NOT IN ({words})",
    )


def unknown_refund() -> NotFoundError:
    """The answer when there is no such refund."""
    return NotFoundError("unknown_refund", zh="没有这笔退款。", en="There is no such refund.")


def take_out(writes: SetWrites, purse: Purse, holder_id: int) -> HolderState:
    """The holder whose cash purse a set takes from."""
    holder = HolderState(
        holder_id, Tally(), 0, {PURSE: purse.balance_fen}, {PURSE: purse.floor_fen}
    )
    writes.holders.append(holder)
    return holder


def book(
    writes: SetWrites, holder: HolderState, entry_id: int, part: tuple[int, str, int], now: int
) -> None:
    """Take a part of a lot, (lot, our refund number, fen), out of the purse towards WeChat Pay."""
    lot_id, number, amount_fen = part
    holder.move(PURSE, -amount_fen)
    source, target = purse_account(holder.id, PURSE), int(SchoolAccount.WECHAT_IN_TRANSIT)
    leg = Posting(source, target, amount_fen)
    writes.entries.append(Entry(entry_id, "top_up_back", (leg,)))
    writes.lot_returns.append((entry_id, lot_id, holder.id, number, 0, amount_fen, now))


async def apply_refund_told(
    ledger: Ledger, clock: Callable[[], float], told: RefundTold
) -> AppliedRefund:
    """What WeChat Pay tells of a refund, once: the state it has then.

    What contradicts our own row changes nothing but `fault`, for a person to see.

    Raises:
        NotFoundError: no refund of ours.

    """
    row = await RefundRow.get_or_none(out_refund_no=told.out_refund_no)
    if row is None:
        raise unknown_refund()
    order = await TopUpRow.get(id=row.top_up_id)
    ours = Refund(
        row.out_refund_no,
        order.out_trade_no,
        order.transaction_id or "",
        order.mchid,
        row.amount_fen,
        order.amount_fen,
    )
    mismatch = judge_refund(ours, told)

    def decide(rows: list[Rows], ids: Iterator[int]) -> tuple[SetWrites, AppliedRefund]:
        refund = read_refund(row.id, rows[0])
        now = int(clock())
        target = mismatch or follow(refund.state, told.status)
        if isinstance(target, Mismatch):
            return _doubted(refund, target), AppliedRefund(refund.state, fields=target.fields)
        if target is None:
            return SetWrites(), AppliedRefund(refund.state)
        accepted: Values = (
            ("refund_id", told.refund_id),
            ("accepted_at", refund.accepted_at or now),
            ("fault", "abnormal" if target is RefundState.ABNORMAL else ""),
        )
        writes = _moved(refund, target, (rows[1], ids), now)
        if target is RefundState.DONE:
            accepted += (("ended_at", told.success_at or now),)
        writes.marks.append(refund.mark(*accepted))
        return writes, AppliedRefund(target, is_changed=True)

    applied = await ledger.post(_reads(row, ledger.lock), decide)
    if applied.is_changed and applied.state is not RefundState.PROCESSING:
        await _tell(row, applied.state, int(clock()))
    return applied


async def give_up_refund(
    ledger: Ledger, clock: Callable[[], float], row: RefundRow, fault: str
) -> None:
    """WeChat Pay does not take it on: the money is in the purse again, and `fault` says why."""

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, bool]:
        refund = read_refund(row.id, rows[0])
        if RefundState.REFUSED not in NEXT[refund.state]:
            return SetWrites(), False  # a notice came first
        writes = _moved(refund, RefundState.REFUSED, (rows[1], entry_ids), int(clock()))
        writes.marks.append(refund.mark(("fault", _fault(fault)), ("ended_at", int(clock()))))
        return writes, True

    if await ledger.post(_reads(row, ledger.lock), decide):
        await _tell(row, RefundState.REFUSED, int(clock()))


def _reads(row: RefundRow, lock: str) -> list[str]:
    account = f"id={purse_account(row.holder_id, PURSE)}"
    return [
        refund_select(row.id, lock),
        sql.select("balance_fen,floor_fen", "account", account, lock),
    ]


def _doubted(refund: LockedRefund, mismatch: Mismatch) -> SetWrites:
    fault = _fault("told:" + ".".join(mismatch.fields))
    log.error("refund %s: what is told differs in %s", refund.out_refund_no, mismatch.fields)
    return SetWrites(marks=[refund.mark(("fault", fault))])


def _moved(
    refund: LockedRefund,
    target: RefundState,
    own: tuple[Rows, Iterator[int]],
    now: int,
) -> SetWrites:
    """The refund in its next state; what did not go through is in the purse again."""
    require_next(refund.state, target)
    due_at = {
        RefundState.PROCESSING: now + wait_seconds(2),
        RefundState.ABNORMAL: now + ABNORMAL_WAIT_SECONDS,
    }.get(target, 0)
    values: Any = [("state", target.value), ("due_at", due_at), ("tries", 0)]
    writes = SetWrites()
    if target in UNDONE:
        purses, entry_ids = own
        ((balance_fen, floor_fen),) = purses
        entry_id = next(entry_ids)
        holder = HolderState(refund.holder_id, Tally(), 0, {PURSE: balance_fen}, {PURSE: floor_fen})
        holder.move(PURSE, refund.amount_fen)
        writes.holders.append(holder)
        source, target_id = int(SchoolAccount.WECHAT_IN_TRANSIT), purse_account(holder.id, PURSE)
        leg = Posting(source, target_id, refund.amount_fen)
        writes.entries.append(Entry(entry_id, "top_up_kept", (leg,), corrects_id=refund.entry_id))
        writes.lot_returns.append(
            (
                entry_id,
                refund.lot_id,
                refund.holder_id,
                refund.out_refund_no,
                refund.entry_id,
                refund.amount_fen,
                now,
            )
        )
        values += [("undone_id", entry_id), ("ended_at", now)]
    writes.marks.append(refund.mark(*values))
    return writes


def _fault(text: str) -> str:
    """A fault as a plain word of our own length: what WeChat Pay says goes into SQL."""
    return re.sub(r"[^A-Za-z0-9_:.\-]", "_", text)[:FAULT_LENGTH_MAX]


async def _tell(row: RefundRow, state: RefundState, now: int) -> None:
    async with transaction():
        subject = f"cardholder:{row.holder_id}"
        detail = {"refund": row.out_refund_no, "amount_fen": row.amount_fen}
        await note(SYSTEM, f"refunds.{state.value}", subject, now, **detail)
