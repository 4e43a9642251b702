"""Reconciliation: planted errors are found, each with its cause, and none is invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.reconciliation import (
    Booked,
    Books,
    Cause,
    Difference,
    Ordered,
    Proposal,
    Returned,
    Subject,
    reconcile,
    reconcile_funds,
)
from backend.domain.top_up import TopUpState
from backend.domain.wechat_bill import FundBill, FundLine, LineKind, TradeBill, TradeLine
from backend.domain.wechat_pay import RefundStatus

DAY = date(2026, 9, 1)
NEXT_DAY = DAY + timedelta(days=1)


@dataclass
class Day:
    """The books of one day, by number; at first they agree."""

    billed: dict[str, list[TradeLine]] = field(default_factory=dict)
    orders: dict[str, Ordered] = field(default_factory=dict)
    refunds: dict[str, Returned] = field(default_factory=dict)
    booked: dict[str, list[Booked]] = field(default_factory=dict)
    expected: dict[str, Cause] = field(default_factory=dict)

    def pay(self, number: int, fen: int) -> None:
        """An order, paid, in the bill and credited."""
        name, transaction = f"tu-{number}", f"4200-{number}"
        fee_fen = (fen * 60 + 5_000) // 10_000
        line = TradeLine(LineKind.PAYMENT, 0, transaction, name, fen, fen, fee_fen)
        self.billed[name] = [line]
        self.orders[name] = Ordered(name, fen, TopUpState.PAID, transaction, DAY)
        self.booked[name] = [Booked(Subject.PAYMENT, name, transaction, fen, DAY)]

    def give_back(self, number: int, fen: int) -> None:
        """A refund of it, in the bill and booked."""
        name, transaction = f"rf-{number}", f"4200-{number}"
        line = TradeLine(
            *(LineKind.REFUND, 0, transaction, f"tu-{number}", fen, fen, 0),
            refund_id=f"5030-{number}",
            out_refund_no=name,
            refund_status="PROCESSING",
        )
        self.billed[name] = [line]
        self.refunds[name] = Returned(name, transaction, fen, RefundStatus.SUCCESS, DAY)
        self.booked[name] = [Booked(Subject.REFUND, name, transaction, fen, DAY)]

    @property
    def bill(self) -> TradeBill:
        """What WeChat Pay says."""
        lines = [line for name in sorted(self.billed) for line in self.billed[name]]
        return TradeBill(DAY, "", tuple(lines))

    @property
    def books(self) -> Books:
        """What we say; the fee is the bill's."""
        lines = [line for name in sorted(self.booked) for line in self.booked[name]]
        return Books(
            tuple(self.orders.values()), tuple(self.refunds.values()), lines, self.bill.fee_fen
        )


def found(day: Day) -> dict[str, Cause]:
    differences = reconcile(day.bill, day.books)
    assert len({one.reference for one in differences}) == len(differences)
    return {one.reference: one.cause for one in differences}


Plant = Callable[[Day, str], Cause]


def bill_a_fen_more(day: Day, name: str) -> Cause:
    day.billed[name][0] = replace(
        day.billed[name][0], amount_fen=day.billed[name][0].amount_fen + 1
    )
    return Cause.AMOUNT


def ledger_a_fen_less(day: Day, name: str) -> Cause:
    line = day.booked[name][0]
    day.booked[name][0] = replace(line, amount_fen=line.amount_fen - 1)
    return Cause.AMOUNT


def ours_a_fen_more(day: Day, name: str) -> Cause:
    if name in day.orders:
        day.orders[name] = replace(day.orders[name], amount_fen=day.orders[name].amount_fen + 1)
    else:
        refund = day.refunds[name]
        day.refunds[name] = replace(refund, amount_fen=refund.amount_fen + 1)
    return Cause.AMOUNT


def not_in_the_bill(day: Day, name: str) -> Cause:
    del day.billed[name]
    return Cause.UNPROVEN


def not_ours(day: Day, name: str) -> Cause:
    day.orders.pop(name, None)
    day.refunds.pop(name, None)
    del day.booked[name]
    return Cause.UNKNOWN


def booked_twice(day: Day, name: str) -> Cause:
    day.booked[name].append(day.booked[name][0])
    return Cause.DUPLICATE


def not_booked(day: Day, name: str) -> Cause:
    del day.booked[name]
    return Cause.UNPOSTED


def booked_on_the_next_day(day: Day, name: str) -> Cause:
    day.booked[name][0] = replace(day.booked[name][0], booked_on=NEXT_DAY)
    return Cause.LATE_NOTICE


def under_another_transaction(day: Day, name: str) -> Cause:
    day.booked[name][0] = replace(day.booked[name][0], transaction_id="4200-other")
    return Cause.TRANSACTION


def no_notice(day: Day, name: str) -> Cause:
    day.orders[name] = replace(
        day.orders[name], state=TopUpState.PENDING, transaction_id="", paid_on=None
    )
    del day.booked[name]
    return Cause.MISSING_NOTICE


def not_marked(day: Day, name: str) -> Cause:
    day.orders[name] = replace(day.orders[name], state=TopUpState.PENDING)
    return Cause.UNMARKED


def paid_twice(day: Day, name: str) -> Cause:
    day.billed[name].append(replace(day.billed[name][0], transaction_id="4200-second"))
    return Cause.DUPLICATE_PAYMENT


def held(day: Day, name: str) -> Cause:
    day.orders[name] = replace(day.orders[name], state=TopUpState.HELD, paid_on=None)
    del day.booked[name]
    return Cause.HELD


def failed_in_the_bill(day: Day, name: str) -> Cause:
    day.billed[name][0] = replace(day.billed[name][0], refund_status="CHANGE")
    return Cause.REFUND_FAILED


def failed_for_us(day: Day, name: str) -> Cause:
    day.refunds[name] = replace(day.refunds[name], status=RefundStatus.ABNORMAL)
    return Cause.REFUND_FAILED


BOTH: tuple[Plant, ...] = (
    *(bill_a_fen_more, ledger_a_fen_less, ours_a_fen_more, not_in_the_bill, not_ours),
    *(booked_twice, not_booked, booked_on_the_next_day, under_another_transaction),
)
PAYMENTS: tuple[Plant, ...] = (*BOTH, no_notice, not_marked, paid_twice, held)
REFUNDS: tuple[Plant, ...] = (*BOTH, failed_in_the_bill, failed_for_us)


@st.composite
def days(draw: st.DrawFn, *, is_planted: bool) -> Day:
    """A day of up to forty payments with refunds among them, and errors planted in some."""
    day = Day()
    for number, fen in enumerate(draw(st.lists(st.integers(2, 100_000), max_size=40))):
        day.pay(number, fen)
        if draw(st.booleans()):
            day.give_back(number, draw(st.integers(2, fen)))
    if is_planted:
        for name in list(day.billed):
            kinds = PAYMENTS if name in day.orders else REFUNDS
            plant = draw(st.none() | st.sampled_from(kinds))
            if plant is not None:
                day.expected[name] = plant(day, name)
    return day


@given(days(is_planted=False))
def test_books_that_agree_differ_in_nothing(day: Day) -> None:
    assert reconcile(day.bill, day.books) == ()


@settings(max_examples=300)
@given(days(is_planted=True))
def test_every_planted_error_is_found_and_none_invented(day: Day) -> None:
    assert found(day) == day.expected


@pytest.mark.parametrize("plant", PAYMENTS)
def test_each_error_of_a_payment_has_its_cause(plant: Plant) -> None:
    day = Day()
    day.pay(1, 5_000)
    day.pay(2, 100)
    assert found(day) == {}
    cause = plant(day, "tu-1")
    assert found(day) == {"tu-1": cause}


@pytest.mark.parametrize("plant", REFUNDS)
def test_each_error_of_a_refund_has_its_cause(plant: Plant) -> None:
    day = Day()
    day.pay(1, 5_000)
    day.give_back(1, 100)
    assert found(day) == {}
    cause = plant(day, "rf-1")
    assert found(day) == {"rf-1": cause}


def only(day: Day) -> Difference:
    (difference,) = reconcile(day.bill, day.books)
    return difference


def test_only_a_credit_that_the_bill_proves_is_safe() -> None:
    for plant in PAYMENTS:
        day = Day()
        day.pay(1, 5_000)
        plant(day, "tu-1")
        difference = only(day)
        assert difference.is_safe == (plant is no_notice)
        assert (difference.proposal is Proposal.CREDIT) == (plant is no_notice)
    for plant in REFUNDS:
        day = Day()
        day.pay(1, 5_000)
        day.give_back(1, 100)
        plant(day, "rf-1")
        assert not only(day).is_safe


@pytest.mark.parametrize("fen", [4_999, 5_001])
def test_a_missing_credit_of_another_amount_is_not_safe(fen: int) -> None:
    day = Day()
    day.pay(1, 5_000)
    no_notice(day, "tu-1")
    day.orders["tu-1"] = replace(day.orders["tu-1"], amount_fen=fen)
    assert (only(day).cause, only(day).proposal) == (Cause.AMOUNT, Proposal.HOLD)
    assert not only(day).is_safe


def test_an_order_closed_by_us_and_paid_all_the_same_is_credited() -> None:
    day = Day()
    day.pay(1, 5_000)
    no_notice(day, "tu-1")
    day.orders["tu-1"] = replace(day.orders["tu-1"], state=TopUpState.CLOSED)
    assert only(day).cause is Cause.MISSING_NOTICE
    assert only(day).transaction_id == "4200-1"


def test_all_three_amounts_stand_in_a_difference() -> None:
    day = Day()
    day.pay(1, 5_000)
    bill_a_fen_more(day, "tu-1")
    ledger_a_fen_less(day, "tu-1")
    difference = only(day)
    assert (difference.bill_fen, difference.ours_fen, difference.ledger_fen) == (
        *(5_001, 5_000),
        4_999,
    )


def test_other_days_are_left_to_their_own_bills() -> None:
    day = Day()
    day.orders["tu-1"] = Ordered("tu-1", 100, TopUpState.PAID, "4200-1", DAY - timedelta(days=1))
    day.booked["tu-1"] = [Booked(Subject.PAYMENT, "tu-1", "4200-1", 100, DAY)]  # credited late
    day.orders["tu-2"] = Ordered("tu-2", 100, TopUpState.PENDING)  # never paid
    assert found(day) == {}


def test_a_credit_nobody_ordered_is_unproven() -> None:
    day = Day()
    day.booked["tu-1"] = [Booked(Subject.PAYMENT, "tu-1", "4200-1", 100, DAY)]
    assert found(day) == {"tu-1": Cause.UNPROVEN}


def test_days_that_differ_are_said() -> None:
    day = Day()
    day.pay(1, 100)
    day.orders["tu-1"] = replace(day.orders["tu-1"], paid_on=NEXT_DAY)
    assert (only(day).cause, only(day).proposal) == (Cause.DAY, Proposal.NOTHING)
    day.pay(1, 100)
    day.booked["tu-1"][0] = replace(day.booked["tu-1"][0], booked_on=DAY - timedelta(days=1))
    assert only(day).cause is Cause.DAY


def test_a_refund_that_failed_and_was_undone_is_no_difference() -> None:
    for plant in (failed_in_the_bill, failed_for_us):
        day = Day()
        day.pay(1, 5_000)
        day.give_back(1, 100)
        plant(day, "rf-1")
        del day.booked["rf-1"]  # lines that were undone are left out
        assert found(day) == {}


@given(days(is_planted=False), st.integers(-5, 5).filter(bool))
def test_a_fee_that_differs_is_one_difference(day: Day, more: int) -> None:
    books = replace(day.books, fee_fen=day.books.fee_fen + more)
    (difference,) = reconcile(day.bill, books)
    assert (difference.subject, difference.cause) == (Subject.FEE, Cause.FEE)
    assert difference.bill_fen is not None
    assert difference.ledger_fen == difference.bill_fen + more


# ------------------------------------------------------------------------------------ funds


def funds_of(bill: TradeBill, *, in_one_line: bool) -> list[FundLine]:
    """The account's movements of a trade bill; a payment's fee beside it or taken off."""
    lines = []
    for line in bill.lines:
        sign = 1 if line.kind is LineKind.PAYMENT else -1
        ids = (line.refund_id or line.transaction_id, line.transaction_id)
        parts = [sign * line.settled_fen, -line.fee_fen]
        moved = [sum(parts)] if in_one_line else parts
        lines += [FundLine(0, *ids, "交易", "交易", fen, 0) for fen in moved if fen]
    return lines


@given(days(is_planted=False), st.booleans())
def test_funds_that_agree_differ_in_nothing(day: Day, in_one_line: bool) -> None:  # noqa: FBT001
    funds = FundBill(DAY, "", tuple(funds_of(day.bill, in_one_line=in_one_line)))
    assert reconcile_funds(day.bill, funds) == ()


@given(days(is_planted=False).filter(lambda day: bool(day.billed)), st.data())
def test_each_movement_that_differs_is_found(day: Day, data: st.DataObject) -> None:
    lines = funds_of(day.bill, in_one_line=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    broken = lines[at]
    how = data.draw(st.sampled_from(["fen", "gone", "more"]))
    if how == "fen":
        lines[at] = replace(broken, amount_fen=broken.amount_fen + 1)
        expected = (broken.business_id, Cause.AMOUNT)
    elif how == "gone":
        del lines[at]
        expected = (broken.business_id, Cause.FUNDS_MISSING)
    else:
        lines.append(FundLine(0, "w-1", "w-1", "提现", "提现", -100, 0))
        expected = ("w-1", Cause.MOVEMENT)
    differences = reconcile_funds(day.bill, FundBill(DAY, "", tuple(lines)))
    assert [(one.reference, one.cause) for one in differences] == [expected]
    assert not differences[0].is_safe
