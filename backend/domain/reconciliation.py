"""Three books held against each other: WeChat Pay's bill, our orders and refunds, our ledger.

Each number (an order's, a refund's) is looked at once and gives at most one difference, the
gravest; all three amounts stand in it. What is proposed is only that: `is_safe` marks the one
proposal that may be carried out without a person, because the bill itself proves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from backend.domain.top_up import TopUpState
from backend.domain.wechat_bill import FundBill, LineKind, TradeBill, TradeLine
from backend.domain.wechat_pay import RefundStatus

FEE_REFERENCE: Final = "fee"
FAILED_IN_BILL: Final = frozenset({"FAIL", "CHANGE"})
"""A bill's words for a refund that did not reach its payer."""


class Subject(StrEnum):
    """What a difference is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    FEE = "fee"
    FUNDS = "funds"


class Cause(StrEnum):
    """Why the books differ."""

    UNKNOWN = "unknown"
    """In the bill, and no order or refund of ours has that number."""
    DUPLICATE_PAYMENT = "duplicate_payment"
    """One order, paid by more than one transaction."""
    DUPLICATE = "duplicate"
    """Booked more than once."""
    TRANSACTION = "transaction"
    """Another transaction than the one we believe in."""
    AMOUNT = "amount"
    HELD = "held"
    """In the bill; we were told otherwise before, and a person is looking at it."""
    MISSING_NOTICE = "missing_notice"
    """In the bill and ordered; no notice came, nothing was credited."""
    UNPOSTED = "unposted"
    """We hold it for done, and the ledger has no line."""
    UNMARKED = "unmarked"
    """The ledger has its line, and the order is not marked as paid."""
    UNPROVEN = "unproven"
    """We hold it for done, and the bill does not have it."""
    REFUND_FAILED = "refund_failed"
    """The bill says that the payer did not get it."""
    LATE_NOTICE = "late_notice"
    """All is right, but credited on a later day than it was paid."""
    DAY = "day"
    """All is right, but our books say another day than the bill."""
    FEE = "fee"
    FUNDS_MISSING = "funds_missing"
    """In the trade bill; the account did not move."""
    MOVEMENT = "movement"
    """The account moved for another reason: a withdrawal, a fee, an adjustment."""


class Proposal(StrEnum):
    """What could be done about it."""

    NOTHING = "nothing"
    CREDIT = "credit"
    """Credit the order under the bill's transaction id."""
    HOLD = "hold"
    """Put the amount into suspense, itemised, until a person knows."""
    GIVE_BACK = "give_back"
    """Refund the payment that was one too many."""
    REVERSE = "reverse"
    """Undo what was booked too often."""
    CORRECT = "correct"
    """Book the difference."""
    QUERY = "query"
    """Ask WeChat Pay about this very number, then decide."""
    RETURN = "return"
    """Give the amount back to the purse it came from."""
    BOOK = "book"
    """Book the movement or the fee."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order as we hold it. `paid_on`: the Beijing day of WeChat Pay's own success time."""

    out_trade_no: str
    amount_fen: int
    state: TopUpState
    transaction_id: str = ""
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """A refund as we hold it. `accepted_on`: the Beijing day on which WeChat Pay took it."""

    out_refund_no: str
    transaction_id: str
    amount_fen: int
    status: RefundStatus
    accepted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A credit (PAYMENT) or its return (REFUND) in the ledger; the amount is never negative.

    `booked_on` is a Beijing calendar day, as bills cut theirs.
    """

    subject: Subject
    number: str
    transaction_id: str
    amount_fen: int
    booked_on: date


@dataclass(frozen=True, slots=True)
class Books:
    """Ours: every order and refund that the bill names or that we hold for done on that day,
    and every ledger line of these or of that day that was not undone since. `fee_fen` is what was
    booked of the day's fee.
    """

    orders: Sequence[Ordered] = ()
    refunds: Sequence[Returned] = ()
    lines: Sequence[Booked] = ()
    fee_fen: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One number on which the books differ; an amount is None where a book lacks it."""

    subject: Subject
    cause: Cause
    reference: str
    proposal: Proposal
    bill_fen: int | None = None
    ours_fen: int | None = None
    ledger_fen: int | None = None
    transaction_id: str = ""

    @property
    def is_safe(self) -> bool:
        """Whether it may be carried out at once: a credit that the bill proves, and nothing else.

        It goes through the same door as a notice, which credits a transaction once for ever.
        """
        return self.proposal is Proposal.CREDIT and self.cause is Cause.MISSING_NOTICE


@dataclass(slots=True)
class _Three:
    """What the three books have of one number; we hold it for done since `done_on`."""

    billed: list[TradeLine] = field(default_factory=list)
    lines: list[Booked] = field(default_factory=list)
    ours_fen: int | None = None
    transaction_id: str = ""
    done_on: date | None = None
    is_done: bool = False
    is_held: bool = False
    is_failed: bool = False


def reconcile(bill: TradeBill, books: Books) -> tuple[Difference, ...]:
    """Every number on which bill, orders and ledger differ, and the day's fee if it does."""
    found = [
        *_each(Subject.PAYMENT, _payments(bill, books), bill.day_on),
        *_each(Subject.REFUND, _refunds(bill, books), bill.day_on),
    ]
    if bill.fee_fen != books.fee_fen:
        found.append(
            Difference(
                Subject.FEE,
                Cause.FEE,
                FEE_REFERENCE,
                Proposal.BOOK,
                bill_fen=bill.fee_fen,
                ledger_fen=books.fee_fen,
            )
        )
    return tuple(found)


def reconcile_funds(trade: TradeBill, funds: FundBill) -> tuple[Difference, ...]:
    """The trade bill against the account's movements of the same day, number by number.

    A payment brings its settled amount less its fee, in one line or in two; a refund takes its
    own less the fee that comes back.
    """
    expected = {line.refund_id or line.transaction_id: _net_fen(line) for line in trade.lines}
    moved: defaultdict[str, int] = defaultdict(int)
    refunds = {line.refund_id for line in trade.lines if line.refund_id}
    for movement in funds.lines:
        # a refund's movement names its payment too, so refunds are looked for first
        ids = sorted((movement.business_id, movement.flow_id), key=lambda one: one not in refunds)
        moved[next((one for one in ids if one in expected), movement.flow_id)] += (
            movement.amount_fen
        )
    found = []
    for reference in sorted(expected.keys() | moved.keys()):
        cause = _fund_cause(expected.get(reference), moved.get(reference))
        if cause is not None:
            found.append(
                Difference(
                    Subject.FUNDS,
                    cause,
                    reference,
                    Proposal.BOOK if cause is Cause.MOVEMENT else Proposal.HOLD,
                    bill_fen=expected.get(reference),
                    ours_fen=moved.get(reference),
                )
            )
    return tuple(found)


def _net_fen(line: TradeLine) -> int:
    return (line.settled_fen if line.kind is LineKind.PAYMENT else -line.settled_fen) - line.fee_fen


def _fund_cause(expected_fen: int | None, moved_fen: int | None) -> Cause | None:
    if expected_fen == moved_fen or (moved_fen is None and expected_fen == 0):
        return None
    if expected_fen is None:
        return Cause.MOVEMENT
    return Cause.FUNDS_MISSING if moved_fen is None else Cause.AMOUNT


def _payments(bill: TradeBill, books: Books) -> dict[str, _Three]:
    three: defaultdict[str, _Three] = defaultdict(_Three)
    for order in books.orders:
        one = three[order.out_trade_no]
        one.ours_fen = order.amount_fen
        one.transaction_id = order.transaction_id
        one.done_on = order.paid_on
        one.is_done = order.state is TopUpState.PAID
        one.is_held = order.state is TopUpState.HELD
    for line in bill.lines:
        if line.kind is LineKind.PAYMENT:
            three[line.out_trade_no].billed.append(line)
    _add_lines(three, Subject.PAYMENT, books.lines)
    return three


def _refunds(bill: TradeBill, books: Books) -> dict[str, _Three]:
    three: defaultdict[str, _Three] = defaultdict(_Three)
    for refund in books.refunds:
        one = three[refund.out_refund_no]
        one.ours_fen = refund.amount_fen
        one.transaction_id = refund.transaction_id
        one.done_on = refund.accepted_on
        one.is_done = refund.status in {RefundStatus.PROCESSING, RefundStatus.SUCCESS}
        one.is_failed = not one.is_done
    for line in bill.lines:
        if line.kind is LineKind.REFUND:
            three[line.out_refund_no].billed.append(line)
    _add_lines(three, Subject.REFUND, books.lines)
    return three


def _add_lines(three: defaultdict[str, _Three], subject: Subject, lines: Iterable[Booked]) -> None:
    for line in lines:
        if line.subject is subject:
            three[line.number].lines.append(line)


def _each(subject: Subject, three: dict[str, _Three], day_on: date) -> list[Difference]:
    found = []
    for reference in sorted(three):
        one = three[reference]
        causes = _without_bill(one, day_on) if not one.billed else _with_bill(subject, one, day_on)
        if causes is not None:
            cause, proposal = causes
            found.append(
                Difference(
                    subject,
                    cause,
                    reference,
                    proposal,
                    bill_fen=sum(line.amount_fen for line in one.billed) if one.billed else None,
                    ours_fen=one.ours_fen,
                    ledger_fen=_booked_fen(one) if one.lines else None,
                    transaction_id=one.billed[0].transaction_id
                    if one.billed
                    else one.transaction_id,
                )
            )
    return found


def _booked_fen(one: _Three) -> int:
    return sum(line.amount_fen for line in one.lines)


def _without_bill(one: _Three, day_on: date) -> tuple[Cause, Proposal] | None:
    """What we hold for done on that day must be in its bill; other days have their own."""
    days = {one.done_on} if one.done_on is not None else {line.booked_on for line in one.lines}
    if day_on not in days or not (one.is_done or one.lines):
        return None
    return Cause.UNPROVEN, Proposal.QUERY


def _with_bill(subject: Subject, one: _Three, day_on: date) -> tuple[Cause, Proposal] | None:
    billed = one.billed[0]
    if one.ours_fen is None:
        return Cause.UNKNOWN, Proposal.HOLD
    if len(one.billed) > 1:
        return Cause.DUPLICATE_PAYMENT, Proposal.GIVE_BACK
    believed = {one.transaction_id, *(line.transaction_id for line in one.lines)} - {""}
    if believed - {billed.transaction_id}:
        return Cause.TRANSACTION, Proposal.HOLD
    if one.ours_fen != billed.amount_fen:
        return Cause.AMOUNT, Proposal.HOLD
    return _booked(one, billed, day_on) if one.lines else _unbooked(subject, one)


def _booked(one: _Three, billed: TradeLine, day_on: date) -> tuple[Cause, Proposal] | None:
    if len(one.lines) > 1:
        return Cause.DUPLICATE, Proposal.REVERSE
    if one.lines[0].amount_fen != billed.amount_fen:
        return Cause.AMOUNT, Proposal.CORRECT
    if one.is_failed:
        return Cause.REFUND_FAILED, Proposal.QUERY
    if billed.refund_status in FAILED_IN_BILL:
        return Cause.REFUND_FAILED, Proposal.RETURN
    if not one.is_done:
        return Cause.UNMARKED, Proposal.QUERY
    return _days(one, day_on)


def _unbooked(subject: Subject, one: _Three) -> tuple[Cause, Proposal] | None:
    if one.is_failed or one.billed[0].refund_status in FAILED_IN_BILL:
        return None  # nothing reached the payer, nothing left the purse
    if one.is_done or subject is Subject.REFUND:
        return Cause.UNPOSTED, Proposal.CORRECT
    if one.is_held:
        return Cause.HELD, Proposal.HOLD
    return Cause.MISSING_NOTICE, Proposal.CREDIT


def _days(one: _Three, day_on: date) -> tuple[Cause, Proposal] | None:
    booked_on = one.lines[0].booked_on
    if one.done_on not in {None, day_on}:
        return Cause.DAY, Proposal.NOTHING
    if booked_on > day_on:
        return Cause.LATE_NOTICE, Proposal.NOTHING
    return (Cause.DAY, Proposal.NOTHING) if booked_on < day_on else None
