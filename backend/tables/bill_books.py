"""Our own books as a day's bill is held against them, and the entries that a bill can prove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

from tortoise.expressions import Q

from backend.domain.accounts import SchoolAccount
from backend.domain.bill_day import bounds_of, day_of
from backend.domain.reconciliation import Booked, Books, Ordered, Returned, Subject
from backend.domain.refund import RefundState
from backend.domain.top_up import TopUpState
from backend.domain.wechat_bill import LineKind, TradeBill, TradeLine
from backend.domain.wechat_pay import RefundStatus
from backend.tables import sql
from backend.tables.bill import GiveBackRow
from backend.tables.ledger import Ledger
from backend.tables.top_up import RefundRow, TopUpRow

NUMBERS_PER_READ: Final = 500
TRANSIT: Final = int(SchoolAccount.WECHAT_IN_TRANSIT)
HELD: Final = "top_up_held"
STATUSES: Final[Mapping[RefundState, RefundStatus]] = {
    RefundState.ASKED: RefundStatus.PROCESSING,
    RefundState.BOOKED: RefundStatus.PROCESSING,
    RefundState.PROCESSING: RefundStatus.PROCESSING,
    RefundState.DONE: RefundStatus.SUCCESS,
    RefundState.ABNORMAL: RefundStatus.ABNORMAL,
    RefundState.CLOSED: RefundStatus.CLOSED,
    RefundState.REFUSED: RefundStatus.CLOSED,
    RefundState.REJECTED: RefundStatus.CLOSED,
}
GIVEN_BACK: Final[Mapping[str, RefundStatus]] = {
    "asked": RefundStatus.PROCESSING,
    "accepted": RefundStatus.PROCESSING,
    "done": RefundStatus.SUCCESS,
    "failed": RefundStatus.CLOSED,
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """A ledger line of one number. `signed_fen`: what it brought (negative: took) in transit.

    0 for one that came out of suspense: no bill proves it, the one that put it there is proven.
    """

    entry_id: int
    subject: Subject
    number: str
    transaction_id: str
    amount_fen: int
    posted_at: int
    signed_fen: int

    def booked(self) -> Booked:
        """As it is reconciled."""
        day_on = day_of(self.posted_at)
        return Booked(self.subject, self.number, self.transaction_id, self.amount_fen, day_on)

    def is_proven_by(self, line: TradeLine) -> bool:
        """Whether a line of a bill is this very movement, to the fen."""
        is_refund = line.kind is LineKind.REFUND
        number = line.out_refund_no if is_refund else line.out_trade_no
        signed_fen = -line.amount_fen if is_refund else line.amount_fen
        return (number, line.transaction_id, signed_fen) == (
            self.number,
            self.transaction_id,
            self.signed_fen,
        )


@dataclass(frozen=True, slots=True)
class Held:
    """Our books of a day, every ledger line in them, and what waits in suspense for an order.

    `items` are open items by order number: paid as ordered, and there was no purse to credit.
    """

    books: Books
    lines: tuple[Line, ...]
    items: Mapping[str, int]


async def read_held(ledger: Ledger, bill: TradeBill) -> Held:
    """Every order and refund that the bill names or that we hold for done on its day, and lines.

    The lines of that day bring their orders along: they may have been paid on another one.
    """
    begin, end = bounds_of(bill.day_on)
    orders = {row.out_trade_no: row for row in await _orders(_named(bill, LineKind.PAYMENT))}
    paid = await TopUpRow.filter(paid_at__gte=begin, paid_at__lt=end)
    orders |= {row.out_trade_no: row for row in paid}
    today = await _lots(ledger, f"l.posted_at>={begin} AND l.posted_at<{end}")
    missing = {one.number for one in today} - orders.keys()
    orders |= {row.out_trade_no: row for row in await _orders(missing)}
    lines = {one.entry_id: one for one in today}
    for some in chunks(sorted(orders)):
        found = await _lots(ledger, f"l.reference IN ({sql.words(some)})")
        lines |= {one.entry_id: one for one in found}
    credited = {row.entry_id: row for row in orders.values() if row.entry_id}
    kept, items = await _kept(ledger, credited)
    refunds, back = await _refunds(ledger, bill)
    books = Books(
        [_ordered(row) for row in orders.values()],
        refunds,
        [one.booked() for one in (*lines.values(), *_alone(kept, lines), *back)],
    )
    return Held(books, (*lines.values(), *kept, *back), items)


def with_fee(books: Books, fee_fen: int) -> Books:
    """The books with what was booked of the day's fee."""
    return replace(books, fee_fen=fee_fen)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time as one SELECT takes."""
    for start in range(0, len(values), NUMBERS_PER_READ):
        yield values[start : start + NUMBERS_PER_READ]


def _named(bill: TradeBill, kind: LineKind) -> set[str]:
    is_refund = kind is LineKind.REFUND
    return {
        line.out_refund_no if is_refund else line.out_trade_no
        for line in bill.lines
        if line.kind is kind
    }


async def _orders(numbers: Iterable[str]) -> list[TopUpRow]:
    found: list[TopUpRow] = []
    for some in chunks(sorted(numbers)):
        found += await TopUpRow.filter(out_trade_no__in=list(some))
    return found


def _ordered(row: TopUpRow) -> Ordered:
    # one that was paid as ordered and waits in suspense is in the books like a credited one
    is_kept = row.state == TopUpState.HELD.value and row.entry_id
    return Ordered(
        row.out_trade_no,
        row.amount_fen,
        TopUpState.PAID if is_kept else TopUpState(row.state),
        row.transaction_id or "",
        day_of(row.paid_at) if row.paid_at else None,
    )


async def _lots(ledger: Ledger, where: str) -> list[Line]:
    joined = "lot l JOIN posting p ON p.id=l.id AND p.kind='top_up'"
    columns = "l.id,l.reference,l.transaction_id,p.amount_fen,l.posted_at,p.source_id"
    (rows,) = await ledger.read([sql.select(columns, joined, f"l.origin='wechat' AND {where}")])
    return [
        Line(
            entry_id,
            Subject.PAYMENT,
            number,
            transaction_id,
            fen,
            posted_at,
            fen if source_id == TRANSIT else 0,
        )
        for entry_id, number, transaction_id, fen, posted_at, source_id in rows
    ]


async def _kept(
    ledger: Ledger, credited: Mapping[int, TopUpRow]
) -> tuple[list[Line], dict[str, int]]:
    """What was put into suspense for an order, and of it what is still there, by number."""
    found, items = [], {}
    joined = f"suspense s JOIN posting p ON p.id=s.id AND p.kind='{HELD}' AND p.source_id={TRANSIT}"
    for some in chunks(sorted(credited)):
        ids = sql.numbers(some)
        wanted = f"s.id IN ({ids}) OR s.settled_by_id IN ({ids})"
        columns = "s.id,s.settled_by_id,p.amount_fen,s.opened_at"
        (rows,) = await ledger.read([sql.select(columns, joined, wanted)])
        for entry_id, settled_by, fen, opened_at in rows:
            row = credited.get(entry_id) or credited[settled_by]
            transaction_id = row.transaction_id or ""
            number = row.out_trade_no
            found.append(
                Line(entry_id, Subject.PAYMENT, number, transaction_id, fen, opened_at, fen)
            )
            if not settled_by:
                items[number] = entry_id
    return found, items


def _alone(kept: Iterable[Line], lots: Mapping[int, Line]) -> list[Line]:
    """What waits in suspense and has not become a lot: those are lines of their own."""
    numbers = {one.number for one in lots.values()}
    return [one for one in kept if one.number not in numbers]


async def _refunds(ledger: Ledger, bill: TradeBill) -> tuple[list[Returned], list[Line]]:
    begin, end = bounds_of(bill.day_on)
    named = sorted(_named(bill, LineKind.REFUND))
    wanted = Q(accepted_at__gte=begin, accepted_at__lt=end)
    rows = {row.id: row for row in await RefundRow.filter(wanted)}
    backs = {row.id: row for row in await GiveBackRow.filter(wanted)}
    for some in chunks(named):
        numbers = Q(out_refund_no__in=list(some))
        rows |= {row.id: row for row in await RefundRow.filter(numbers)}
        backs |= {row.id: row for row in await GiveBackRow.filter(numbers)}
    today = await _returns(ledger, f"r.posted_at>={begin} AND r.posted_at<{end}", {})
    missing = {one.number for one in today} - {row.out_refund_no for row in rows.values()}
    for some in chunks(sorted(missing)):
        rows |= {row.id: row for row in await RefundRow.filter(out_refund_no__in=list(some))}
    orders = {row.top_up_id for row in rows.values()}
    transactions: dict[int, str] = {}
    for ids in chunks(sorted(orders)):
        for order in await TopUpRow.filter(id__in=list(ids)):
            transactions[order.id] = order.transaction_id or ""
    known = {row.out_refund_no: transactions.get(row.top_up_id, "") for row in rows.values()}
    done = {row.out_refund_no for row in rows.values() if row.state == RefundState.DONE.value}
    lines = []
    for some in chunks(sorted(known)):
        found = await _returns(ledger, f"r.reference IN ({sql.words(some)})", known)
        lines += [one if one.number in done else replace(one, signed_fen=0) for one in found]
    returned = [
        Returned(
            row.out_refund_no,
            known[row.out_refund_no],
            row.amount_fen,
            STATUSES[RefundState(row.state)],
            _day(row.accepted_at),
        )
        for row in rows.values()
    ]
    returned += [
        Returned(
            row.out_refund_no,
            row.transaction_id,
            row.amount_fen,
            GIVEN_BACK[row.state],
            _day(row.accepted_at),
        )
        for row in backs.values()
    ]
    lines += [_given_back(row) for row in backs.values() if row.state in {"accepted", "done"}]
    return returned, lines


def _given_back(row: GiveBackRow) -> Line:
    fen = -row.amount_fen if row.state == "done" else 0
    return Line(
        row.entry_id,
        Subject.REFUND,
        row.out_refund_no,
        row.transaction_id,
        row.amount_fen,
        row.accepted_at,
        fen,
    )


async def _returns(ledger: Ledger, where: str, known: Mapping[str, str]) -> list[Line]:
    """Returns to WeChat Pay that were not undone since."""
    joined = (
        "lot_return r JOIN posting p ON p.id=r.id AND p.kind='top_up_back'"
        " LEFT JOIN lot_return u ON u.reference=r.reference AND u.undoes_id=r.id"
    )
    columns = "r.id,r.reference,r.amount_fen,r.posted_at"
    wanted = f"r.undoes_id=0 AND u.id IS NULL AND {where}"
    (rows,) = await ledger.read([sql.select(columns, joined, wanted)])
    return [
        Line(entry_id, Subject.REFUND, number, known.get(number, ""), fen, posted_at, -fen)
        for entry_id, number, fen, posted_at in rows
    ]


def _day(at: int) -> date | None:
    return day_of(at) if at else None
