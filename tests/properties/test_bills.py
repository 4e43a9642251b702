"""Any day at WeChat Pay makes bills that agree with our books, and a fen more is found."""

from __future__ import annotations

import gzip
import itertools
import os
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.reconciliation import (
    Booked,
    Books,
    Cause,
    Ordered,
    Returned,
    Subject,
    reconcile,
    reconcile_funds,
)
from backend.domain.top_up import TopUpState
from backend.domain.wechat_bill import ExpectedBill, TradeBill, read_fund_bill, read_trade_bill
from backend.domain.wechat_pay import RefundStatus
from simulators.wechat_pay.bills import Bills
from simulators.wechat_pay.clock import SteeredClock
from simulators.wechat_pay.faults import mended
from simulators.wechat_pay.keys import Merchant
from simulators.wechat_pay.orders import Orders
from simulators.wechat_pay.reading import Body
from tests.rig.wechat_pay import APP_ID, DAY, MCHID, MORNING, SERIAL, START, V3_KEY, keys

EXPECTED = ExpectedBill(DAY, MCHID, frozenset({APP_ID}))
WRITTEN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@dataclass
class School:
    """A merchant and his own books of the day."""

    clock: SteeredClock = field(default_factory=lambda: SteeredClock(lambda: START))
    orders: list[Ordered] = field(default_factory=list)
    refunds: list[Returned] = field(default_factory=list)
    lines: list[Booked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.merchant = Merchant(MCHID, (APP_ID,), SERIAL, V3_KEY, keys()[1].public_key())
        self.theirs = Orders(self.clock, os.urandom)
        self.bills = Bills(self.theirs, self.clock, os.urandom)
        self.numbers = itertools.count(1)

    def top_up(self, fen: int, description: str) -> Ordered:
        """Somebody orders and pays; we credit."""
        number = f"tu-order-{next(self.numbers)}"
        body = {
            "appid": APP_ID,
            "mchid": MCHID,
            "description": description,
            "out_trade_no": number,
            "attach": description,
            "notify_url": "https://card.example.edu/n",
            "amount": {"total": fen},
            "payer": {"openid": "o-1"},
        }
        self.theirs.prepay(self.merchant, Body(body))
        held = self.theirs.find(self.merchant, number)
        self.theirs.pay(held, "o-1")
        ours = Ordered(number, fen, TopUpState.PAID, held.transaction_id, DAY)
        self.orders.append(ours)
        self.lines.append(Booked(Subject.PAYMENT, number, ours.transaction_id, fen, DAY))
        return ours

    def give_back(self, order: Ordered, fen: int) -> None:
        """We ask a part back and book it."""
        number = f"rf-refund-{next(self.numbers)}"
        body = {
            "transaction_id": order.transaction_id,
            "out_refund_no": number,
            "amount": {"refund": fen, "total": order.amount_fen, "currency": "CNY"},
        }
        self.theirs.refund(self.merchant, Body(body))
        status = RefundStatus.PROCESSING
        self.refunds.append(Returned(number, order.transaction_id, fen, status, DAY))
        self.lines.append(Booked(Subject.REFUND, number, order.transaction_id, fen, DAY))

    def bill(self, kind: str, fault: str = "") -> bytes:
        """The bill of the day, fetched the morning after."""
        self.clock.put_forward(MORNING)
        query = {"bill_date": DAY.isoformat(), "tar_type": "GZIP"}
        token, _ = self.bills.order(self.merchant, kind, query, mended(fault))
        return gzip.decompress(self.bills.fetch(self.merchant, token))

    def books(self, bill: TradeBill) -> Books:
        """What we hold; the fee is the bill's."""
        return Books(self.orders, self.refunds, self.lines, bill.fee_fen)


@st.composite
def schools(draw: st.DrawFn) -> School:
    """A day of one to twelve top-ups, parts of some given back."""
    school = School()
    made = [
        school.top_up(fen, draw(WRITTEN))
        for fen in draw(st.lists(st.integers(1, 100_000), min_size=1, max_size=12))
    ]
    for order in made:
        if draw(st.booleans()):
            school.clock.put_forward(school.clock() + 60)
            school.give_back(order, draw(st.integers(1, order.amount_fen)))
    return school


@settings(max_examples=60)
@given(schools())
def test_a_day_is_read_and_agrees(school: School) -> None:
    trade = read_trade_bill(school.bill("tradebill"), EXPECTED)
    funds = read_fund_bill(school.bill("fundflowbill"), EXPECTED)
    assert reconcile(trade, school.books(trade)) == ()
    assert reconcile_funds(trade, funds) == ()
    assert sum(line.amount_fen for line in funds.lines) == school.theirs.balance_fen(
        school.merchant
    )


@settings(max_examples=60)
@given(schools())
def test_one_fen_in_a_whole_day_is_found(school: School) -> None:
    trade = read_trade_bill(school.bill("tradebill", "one_fen"), EXPECTED)
    funds = read_fund_bill(school.bill("fundflowbill"), EXPECTED)
    found = reconcile(trade, school.books(trade))
    assert [one.cause for one in found] == [Cause.AMOUNT]
    assert found[0].reference == school.orders[0].out_trade_no
    (moved,) = reconcile_funds(trade, funds)
    assert (moved.cause, moved.reference) == (Cause.AMOUNT, school.orders[0].transaction_id)
