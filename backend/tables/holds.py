"""Settling a difference in the books: into suspense, out of it, or against a school account.

Each function posts one set. It locks the difference first and does nothing when that was decided
meanwhile, so two approvals at once book once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.domain.accounts import CLEARING, SchoolAccount, purse_account
from backend.domain.bill_day import day_from
from backend.domain.card import unknown_cardholder
from backend.domain.difference import BY_BILL, HELD, DifferenceState, move
from backend.domain.errors import ConflictError
from backend.domain.lot import Origin
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, HolderState, Mark, SetWrites
from backend.domain.wechat_bill import TradeLine
from backend.tables import sql
from backend.tables.bill import DifferenceRow, GiveBackRow
from backend.tables.bill_books import Line
from backend.tables.ledger import Ledger
from backend.tables.proofs import DayFigures, bill_legs, day_read, mark_day
from backend.tables.store import Rows
from backend.tables.top_up import TopUpRow
from campus_code import Tally

Clock = Callable[[], float]

SUSPENSE: Final = SchoolAccount.TOP_UP_SUSPENSE
PURSE: Final = "cash"


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a hold (fen, negative: the ledger has more than the bill); it may go back."""

    fen: int
    give_back: GiveBackRow | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """An asked difference, and who accepts it."""

    row: DifferenceRow
    by: str

    def read(self, lock: str) -> str:
        """The SELECT that locks it."""
        return sql.select("state,asked_by,way", "difference", f"id={self.row.id}", lock)

    def stands(self, rows: Rows) -> bool:
        """Whether it is still as it was asked; ConflictError when somebody asked otherwise."""
        ((state, asked_by, way),) = rows
        if state != DifferenceState.ASKED.value:
            return False
        if (asked_by, way) != (self.row.asked_by, self.row.way):
            raise ConflictError(
                "difference_changed",
                zh="该差异的处理申请刚刚被修改，请重新查看。",
                en="Somebody asked for something else meanwhile; look again.",
            )
        return True

    def mark(self, state: DifferenceState, at: int, **more: int) -> Mark:
        """What the difference learns."""
        values = (("state", state.value), ("decided_by", self.by), ("decided_at", at))
        return Mark("difference", self.row.id, (*values, *more.items()))


async def hold_parts(
    ledger: Ledger,
    clock: Clock,
    decision: Decision,
    parts: Sequence[Part],
    *,
    mine: Sequence[Line],
    holder_id: int,
) -> None:
    """Book what the bill has and the ledger lacks into suspense, and prove it and `mine` with it.

    `mine` are the ledger lines of the same number; with the parts they are what the bill says.
    """
    row = decision.row
    ids = sql.numbers(one.entry_id for one in mine)
    reads = [
        day_read(day_from(row.day_on), ledger.lock),
        decision.read(ledger.lock),
        sql.select("proves_id", "proof", f"proves_id IN ({ids})"),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, None]:
        ((had_fen, had_fee_fen, last_id),), asked, standing = rows
        writes, now = SetWrites(), int(clock())
        if not decision.stands(asked):
            return writes, None
        proven = [(one.entry_id, _signed(one)) for one in mine]
        proven = [one for one in proven if one[0] not in {row[0] for row in standing}]
        held: list[tuple[int, int]] = []
        for part in parts:
            entry_id = next(entry_ids)
            _hold(writes, entry_id, part, (holder_id, f"{row.subject}.{row.cause}", now))
            held.append((entry_id, part.fen))
        net_fen = sum(fen for _, fen in (*held, *proven))
        legs = bill_legs(net_fen, 0)
        bill_id = next(entry_ids) if legs else last_id
        if legs:
            writes.entries.append(Entry(bill_id, BY_BILL, legs))
        writes.proofs += [(one, bill_id, row.day_on, fen) for one, fen in (*held, *proven)]
        figures = DayFigures(had_fen + net_fen, had_fee_fen, bill_id, len(proven) + len(held))
        writes.marks.append(mark_day(row.day_on, figures, now, decision.by))
        first = held[0][0]
        writes.marks.append(decision.mark(DifferenceState.HELD, now, entry_id=first, item_id=first))
        return writes, None

    await ledger.post(reads, decide)


async def hold_funds(ledger: Ledger, clock: Clock, decision: Decision, fen: int) -> None:
    """The merchant account moved by `fen` more than the trade bill says: that is an item."""
    reads = [decision.read(ledger.lock)]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, None]:
        writes, now = SetWrites(), int(clock())
        if not decision.stands(rows[0]):
            return writes, None
        entry_id = next(entry_ids)
        leg = move(SchoolAccount.WECHAT_MERCHANT, SUSPENSE, fen)
        writes.entries.append(Entry(entry_id, BY_BILL, (leg,)))
        row = decision.row
        writes.suspense.append(
            (entry_id, int(SUSPENSE), 0, -fen, f"{row.subject}.{row.cause}", now, 0)
        )
        writes.marks.append(
            decision.mark(DifferenceState.HELD, now, entry_id=entry_id, item_id=entry_id)
        )
        return writes, None

    await ledger.post(reads, decide)


async def book_movement(ledger: Ledger, clock: Clock, decision: Decision, fen: int) -> None:
    """Book a movement of the merchant account against an account, or the item it settles.

    Raises ConflictError: the item is settled, or is not for this amount.
    """
    named_id = decision.row.named_id
    reads = [
        decision.read(ledger.lock),
        sql.select(
            "account_id,amount_fen,settled_by_id", "suspense", f"id={named_id}", ledger.lock
        ),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, None]:
        writes, now = SetWrites(), int(clock())
        if not decision.stands(rows[0]):
            return writes, None
        entry_id = next(entry_ids)
        if rows[1]:
            account = _settles(rows[1][0], fen)
            writes.settled_suspense[named_id] = entry_id
        else:
            account = SchoolAccount(named_id)
            if account in CLEARING:
                item = (entry_id, int(account), 0, -fen, "movement", now, 0)
                writes.suspense.append(item)
        leg = move(SchoolAccount.WECHAT_MERCHANT, account, fen)
        writes.entries.append(Entry(entry_id, BY_BILL, (leg,)))
        writes.marks.append(decision.mark(DifferenceState.SETTLED, now, entry_id=entry_id))
        return writes, None

    await ledger.post(reads, decide)


async def credit_item(
    ledger: Ledger, clock: Clock, decision: Decision, order: TopUpRow, line: TradeLine
) -> None:
    """Out of suspense into the purse of the order's holder, as a top-up with a lot of its own.

    Raises:
        NotFoundError: the holder has no purse.
        ConflictError: the item is settled already.

    """
    item_id, holder_id = decision.row.item_id, order.holder_id
    purse = purse_account(holder_id, PURSE)
    reads = [
        decision.read(ledger.lock),
        sql.select("amount_fen,settled_by_id", "suspense", f"id={item_id}", ledger.lock),
        sql.select("state,entry_id", "top_up", f"id={order.id}", ledger.lock),
        sql.select("balance_fen,floor_fen", "account", f"id={purse}", ledger.lock),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, None]:
        asked, items, orders, purses = rows
        writes, now = SetWrites(), int(clock())
        if not decision.stands(asked):
            return writes, None
        if not purses:
            raise unknown_cardholder()
        _require_open(items[0], -line.amount_fen)
        if orders[0][0] == "paid":
            raise _settled_item()
        ((balance_fen, floor_fen),) = purses
        holder = HolderState(holder_id, Tally(), 0, {PURSE: balance_fen}, {PURSE: floor_fen})
        holder.move(PURSE, line.amount_fen)
        entry_id = next(entry_ids)
        leg = Posting(int(SUSPENSE), purse, line.amount_fen)
        writes.entries.append(Entry(entry_id, "top_up", (leg,)))
        writes.holders.append(holder)
        writes.settled_suspense[item_id] = entry_id
        writes.lots.append(_lot(entry_id, order, line, now))
        paid = (
            ("state", "paid"),
            ("held_because", ""),
            ("holder_id", holder_id),
            ("transaction_id", line.transaction_id),
            ("entry_id", entry_id),
            ("proven_by", "bill"),
            ("paid_at", line.occurred_at),
            ("credited_at", now),
            ("due_at", 0),
        )
        writes.marks.append(Mark("top_up", order.id, paid))
        writes.marks.append(decision.mark(DifferenceState.SETTLED, now, entry_id=entry_id))
        return writes, None

    await ledger.post(reads, decide)


def _hold(writes: SetWrites, entry_id: int, part: Part, why: tuple[int, str, int]) -> None:
    holder_id, reason, now = why
    leg = move(SchoolAccount.WECHAT_IN_TRANSIT, SUSPENSE, part.fen)
    writes.entries.append(Entry(entry_id, HELD, (leg,)))
    writes.suspense.append((entry_id, int(SUSPENSE), holder_id, -part.fen, reason, now, 0))
    if part.give_back is not None:
        values = (("item_id", entry_id), ("state", "asked"), ("due_at", now))
        writes.marks.append(Mark("give_back", part.give_back.id, values))


def _signed(one: Line) -> int:
    """What a line of the ledger moved in transit; a refund on its way moved it already."""
    return one.signed_fen or -one.amount_fen


def _lot(entry_id: int, order: TopUpRow, line: TradeLine, now: int) -> tuple[Any, ...]:
    return (
        entry_id,
        order.holder_id,
        Origin.WECHAT.value,
        order.out_trade_no,
        line.transaction_id,
        line.amount_fen,
        line.occurred_at,
        now,
    )


def _settles(item: Sequence[Any], fen: int) -> SchoolAccount:
    account_id, amount_fen, settled_by = item
    _require_open((amount_fen, settled_by), fen)
    return SchoolAccount(account_id)


def _require_open(item: Sequence[Any], fen: int) -> None:
    """Whether an item is open and is settled by exactly this. Raises ConflictError."""
    amount_fen, settled_by = item
    if settled_by:
        raise _settled_item()
    if amount_fen != fen:
        raise ConflictError(
            "other_amount",
            zh="挂账金额与此不符。",
            en="The item in suspense is for another amount.",
            item_fen=amount_fen,
            wanted_fen=fen,
        )


def _settled_item() -> ConflictError:
    return ConflictError(
        "settled_already", zh="该挂账已处理。", en="The item in suspense is settled already."
    )
