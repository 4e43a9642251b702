"""Top-ups as the tables hold them, and the one door through which an order is credited.

Lock order: the order, then its holder's purse. Notices, queries and bills all come through
`apply_told`, in any order and any number: the first that proves the payment credits it, all others
find it credited. What keeps it at one are the order's row under lock, and unique indexes on the
lot's order number and on WeChat Pay's transaction id, which never expire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from backend.domain.accounts import PURSES_MAX, SchoolAccount, purse_account
from backend.domain.lot import Origin
from backend.domain.payment import Posting
from backend.domain.set_state import Entry, HolderState, Mark, SetWrites
from backend.domain.tokens import token_hash
from backend.domain.top_up import (
    Mismatch,
    Paid,
    Repeated,
    TopUp,
    TopUpState,
    Unpaid,
    judge,
    move,
    pay,
)
from backend.domain.wechat_pay import PaymentTold
from backend.tables import sql
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.ledger import Ledger
from backend.tables.staff import AuditRow
from backend.tables.store import Rows
from campus_code import CardState, Tally

Clock = Callable[[], float]
ProvenBy = Literal["notice", "query", "bill"]

PURSE: Final = "cash"
SYSTEM: Final = "system"
"""Who writes a line that no person caused."""
HELD_LENGTH_MAX: Final = 64
NUMBER_LENGTH_MAX: Final = 32
NO_PURSE: Final = "no_purse"
"""Why an order is held that was paid as ordered: its holder has no card any more."""
OTHER_PAYER: Final = "somebody else"
"""Stands for the openid of an order when another one was told; no openid has a space."""
_PAYER: Final = sql.select("w.openid_hash", "wechat w", "w.id=t.wechat_id")
_CARDS: Final = sql.select(
    "COUNT(*)", "card c", f"c.holder_id=t.holder_id AND c.state<>{int(CardState.CLOSED)}"
)
_COLUMNS: Final = (
    "t.id,t.out_trade_no,t.app_id,t.mchid,t.amount_fen,t.expires_at,t.state,"
    "COALESCE(t.transaction_id,''),t.entry_id,t.holder_id,a.balance_fen,a.floor_fen,"
    f"({_PAYER}),({_CARDS})"
)


class Outcome(StrEnum):
    """What came of something told."""

    CREDITED = "credited"
    REPEATED = "repeated"
    UNPAID = "unpaid"
    CLOSED = "closed"
    HELD = "held"
    """It is not what was ordered; a person or the day's bill decides. No money moved."""
    KEPT = "kept"
    """Paid as ordered, for a purse that is gone: the money waits, itemised."""
    UNKNOWN = "unknown"
    """No order of ours."""


TAKEN: Final = frozenset({Outcome.CREDITED, Outcome.REPEATED, Outcome.KEPT})
"""Outcomes after which the money stands in the books."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it, for which order of whom (0: none), and what did not fit."""

    outcome: Outcome
    top_up_id: int = 0
    holder_id: int = 0
    amount_fen: int = 0
    fields: tuple[str, ...] = ()
    is_new: bool = False
    """Whether this call changed anything."""

    @property
    def is_taken(self) -> bool:
        """Whether the money stands in the books."""
        return self.outcome in TAKEN


@dataclass(frozen=True, slots=True)
class _Standing:
    """An order under lock with what crediting it needs."""

    id: int
    order: TopUp
    entry_id: int
    holder_id: int
    balance_fen: int | None
    floor_fen: int | None
    has_card: bool
    is_used_elsewhere: bool
    """Whether another order of ours was credited under the told transaction id."""


async def apply_told(
    ledger: Ledger, clock: Clock, told: PaymentTold, proven_by: ProvenBy
) -> Applied:
    """Credit, close or hold an order by what WeChat Pay told of it; whatever it is, at most once.

    A held order is moved by the day's bill alone: neither notice nor query decides against another.

    Raises:
        StoreUnavailableError, StoreRefusedError: nothing is known to stand; tell it again.

    """
    if not _is_plain(told.out_trade_no):
        return await _incident(Applied(Outcome.UNKNOWN), told, clock)
    transaction_id = told.transaction_id if _is_plain(told.transaction_id) else ""
    reads = [
        _order_read(told.out_trade_no, ledger.lock),
        sql.select("out_trade_no", "top_up", f"transaction_id='{transaction_id}'"),
    ]

    def decide(rows: list[Rows], entry_ids: Iterator[int]) -> tuple[SetWrites, Applied]:
        standing = _standing(rows, told)
        if standing is None:
            return SetWrites(), Applied(Outcome.UNKNOWN)
        return _decide(standing, told, proven_by, next(entry_ids), int(clock()))

    applied = await ledger.post(reads, decide)
    is_incident = applied.outcome in {Outcome.UNKNOWN, Outcome.HELD, Outcome.KEPT}
    return await _incident(applied, told, clock) if is_incident else applied


def _order_read(out_trade_no: str, lock: str) -> str:
    purse = f"{purse_account(0, PURSE)}+t.holder_id*{PURSES_MAX}"
    joined = f"top_up t LEFT JOIN account a ON a.id={purse}"
    return sql.select(_COLUMNS, joined, f"t.out_trade_no='{sql.plain(out_trade_no)}'", lock)


def _is_plain(text: str) -> bool:
    """Whether a number that came from outside is one that our tables can hold."""
    try:
        return len(sql.plain(text)) <= NUMBER_LENGTH_MAX
    except sql.UnsafeTextError:
        return False


def _standing(rows: list[Rows], told: PaymentTold) -> _Standing | None:
    orders, others = rows
    if not orders:
        return None
    row: Any = orders[0]
    is_payer = row[12] == token_hash(told.openid)
    order = TopUp(
        out_trade_no=row[1],
        app_id=row[2],
        mchid=row[3],
        openid=told.openid if is_payer else OTHER_PAYER,
        amount_fen=row[4],
        expires_at=row[5],
        state=TopUpState(row[6]),
        transaction_id=row[7],
    )
    return _Standing(
        id=row[0],
        order=order,
        entry_id=row[8],
        holder_id=row[9],
        balance_fen=row[10],
        floor_fen=row[11],
        has_card=row[13] > 0,
        is_used_elsewhere=any(number != row[1] for (number,) in others),
    )


def _decide(
    standing: _Standing, told: PaymentTold, proven_by: ProvenBy, entry_id: int, now: int
) -> tuple[SetWrites, Applied]:
    order = standing.order
    verdict = judge(order, told)
    if isinstance(verdict, Paid) and standing.entry_id:  # kept: it is told again
        verdict = Repeated(verdict.transaction_id)
    if isinstance(verdict, Paid) and standing.is_used_elsewhere:
        verdict = Mismatch(("transaction_id",))
    if isinstance(verdict, Paid) and not _is_plain(verdict.transaction_id):
        verdict = Mismatch(("transaction_id",))
    if isinstance(verdict, Repeated):
        return SetWrites(), _applied(Outcome.REPEATED, standing)
    if isinstance(verdict, Mismatch):
        return _hold(standing, verdict.fields)
    if order.state is TopUpState.HELD and proven_by != "bill":
        return SetWrites(), _applied(Outcome.HELD, standing)
    if isinstance(verdict, Unpaid):
        return _unpaid(standing, is_over=verdict.is_over)
    return _credit(standing, verdict, proven_by, entry_id, now)


def _hold(standing: _Standing, fields: tuple[str, ...]) -> tuple[SetWrites, Applied]:
    """A person has to look: nothing moves. What was credited stays credited."""
    state = standing.order.state
    if state in {TopUpState.PAID, TopUpState.HELD}:
        return SetWrites(), _applied(Outcome.HELD, standing, fields)
    move(standing.order, TopUpState.HELD)
    why = ".".join(fields)[:HELD_LENGTH_MAX]
    mark = _mark(standing.id, state=TopUpState.HELD, held_because=why, due_at=0)
    return SetWrites(marks=[mark]), _applied(Outcome.HELD, standing, fields, is_new=True)


def _unpaid(standing: _Standing, *, is_over: bool) -> tuple[SetWrites, Applied]:
    """Nothing to credit; an order that nobody can pay any more is closed."""
    state = standing.order.state
    if not is_over:
        return SetWrites(), _applied(Outcome.UNPAID, standing)
    if state is TopUpState.CLOSED:
        return SetWrites(), _applied(Outcome.CLOSED, standing)
    mark = _mark(standing.id, state=TopUpState.CLOSED, due_at=0)
    return SetWrites(marks=[mark]), _applied(Outcome.CLOSED, standing, is_new=True)


def _credit(
    standing: _Standing, paid: Paid, proven_by: ProvenBy, entry_id: int, now: int
) -> tuple[SetWrites, Applied]:
    known: dict[str, int | str] = {
        "transaction_id": paid.transaction_id,
        "entry_id": entry_id,
        "proven_by": proven_by,
        "paid_at": paid.success_at,
        "due_at": 0,
    }
    transit, fen = int(SchoolAccount.WECHAT_IN_TRANSIT), paid.amount_fen
    if standing.balance_fen is None or standing.floor_fen is None or not standing.has_card:
        suspense = int(SchoolAccount.TOP_UP_SUSPENSE)
        leg = Posting(transit, suspense, fen)
        writes = SetWrites(entries=[Entry(entry_id, "top_up_held", (leg,))])
        item = (entry_id, suspense, standing.holder_id, -fen, NO_PURSE, now, 0)
        writes.suspense.append(item)
        known |= {"state": TopUpState.HELD, "held_because": NO_PURSE}
        writes.marks.append(_mark(standing.id, **known))
        return writes, _applied(Outcome.KEPT, standing, (NO_PURSE,), is_new=True)
    pay(standing.order, paid)
    holder = HolderState(
        standing.holder_id,
        Tally(),
        0,
        {PURSE: standing.balance_fen},
        {PURSE: standing.floor_fen},
    )
    holder.move(PURSE, fen)
    leg = Posting(transit, purse_account(holder.id, PURSE), fen)
    writes = SetWrites(entries=[Entry(entry_id, "top_up", (leg,))], holders=[holder])
    number = standing.order.out_trade_no
    origin = Origin.WECHAT.value
    lot = (entry_id, holder.id, origin, number, paid.transaction_id, fen, paid.success_at, now)
    writes.lots.append(lot)
    known |= {"state": TopUpState.PAID, "held_because": "", "credited_at": now}
    writes.marks.append(_mark(standing.id, **known))
    return writes, _applied(Outcome.CREDITED, standing, is_new=True)


def _mark(top_up_id: int, **values: int | str) -> Mark:
    plain = {
        name: str(value) if isinstance(value, str) else value for name, value in values.items()
    }
    return Mark("top_up", top_up_id, tuple(plain.items()))


def _applied(
    outcome: Outcome, standing: _Standing, fields: tuple[str, ...] = (), *, is_new: bool = False
) -> Applied:
    return Applied(
        outcome, standing.id, standing.holder_id, standing.order.amount_fen, fields, is_new
    )


async def _incident(applied: Applied, told: PaymentTold, clock: Clock) -> Applied:
    """Leave one line for people: what was told of which order, and what did not fit."""
    number = told.out_trade_no[:NUMBER_LENGTH_MAX]
    subject = f"order:{number if _is_plain(number) else 'unreadable'}"
    verb = f"top_ups.{applied.outcome}"
    if not applied.is_new and await AuditRow.filter(subject=subject, verb=verb).exists():
        return applied  # one that is sent again and again is one incident
    async with transaction():
        await note(
            SYSTEM,
            verb,
            subject,
            int(clock()),
            fields=list(applied.fields),
            told_fen=told.total_fen,
            ordered_fen=applied.amount_fen,
            cardholder_id=applied.holder_id,
        )
    return applied
