"""Top-ups: amounts, numbers, states, and what is told held against what was ordered."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import product

import pytest

from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.top_up import (
    NEXT,
    ORDER_RANDOM_BYTES,
    Mismatch,
    Paid,
    Refund,
    Repeated,
    TopUp,
    TopUpState,
    Unpaid,
    judge,
    judge_refund,
    move,
    order_number,
    pay,
    read_amount,
    refund_number,
)
from backend.domain.wechat_pay import PaymentTold, RefundStatus, RefundTold, TradeState
from backend.gateways.wechat_pay import NUMBER

ORDER = TopUp("tu-1", "wx1", "1900000109", "o-1", 5_000, 2_000, TopUpState.PENDING)
TOLD = PaymentTold(
    app_id="wx1",
    mchid="1900000109",
    out_trade_no="tu-1",
    trade_state=TradeState.SUCCESS,
    transaction_id="4200-1",
    trade_type="JSAPI",
    openid="o-1",
    total_fen=5_000,
    payer_total_fen=4_990,
    currency="CNY",
    success_at=1_000,
)
PAID = replace(ORDER, state=TopUpState.PAID, transaction_id="4200-1")
REFUND = Refund("rf-1", "tu-1", "4200-1", "1900000109", 100, 5_000)
REFUND_TOLD = RefundTold(
    "rf-1", "5030-1", "tu-1", "4200-1", RefundStatus.SUCCESS, 100, 5_000, "1900000109", 1_000
)


@pytest.mark.parametrize("value", [1, 2, 99_999, 100_000])
def test_whole_fen_within_bounds_are_taken(value: int) -> None:
    assert read_amount(value) == value


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, -100_000, 100_001, 2**31, 2**63, 2**64, 10**400),
        *(0.001, 1.0, 5_000.0, 1e309, -0.0, float("nan"), float("inf"), 1 + 0j),
        *("1", "１００", "5000", "", " 1", "1e3", "0x10", "½", b"1", None, True, False),
        *([1], (1,), {"fen": 1}, {1}, Ellipsis, int, range(1)),
    ],
    ids=str,
)
def test_anything_else_is_no_amount(value: object) -> None:
    with pytest.raises(InvalidInputError, match="amount_fen"):
        read_amount(value)


def test_a_school_narrows_the_range_and_never_widens_it() -> None:
    assert read_amount(5_000, 5_000) == 5_000
    with pytest.raises(InvalidInputError, match="1 to 5000"):
        read_amount(5_001, 5_000)
    with pytest.raises(InvalidInputError):
        read_amount(100_001, 10**9)


def test_numbers_are_random_and_fit() -> None:
    assert ORDER_RANDOM_BYTES * 8 >= 96
    raw = [hashlib.sha256(str(n).encode()).digest()[:ORDER_RANDOM_BYTES] for n in range(20_000)]
    numbers = [order_number(one) for one in raw] + [refund_number(one) for one in raw]
    assert len({number.upper() for number in numbers}) == 40_000  # not by case alone
    assert all(NUMBER.fullmatch(number) and len(number) == 26 for number in numbers)
    for bit in range(ORDER_RANDOM_BYTES * 8):  # every bit counts
        assert order_number((1 << bit).to_bytes(ORDER_RANDOM_BYTES)) != order_number(
            bytes(ORDER_RANDOM_BYTES)
        )
    with pytest.raises(ValueError, match="15 bytes"):
        order_number(b"short")


@pytest.mark.parametrize("source, target", list(product(TopUpState, TopUpState)))
def test_only_what_follows_follows(source: TopUpState, target: TopUpState) -> None:
    order = replace(ORDER, state=source)
    if target in NEXT[source]:
        assert move(order, target).state is target
    else:
        with pytest.raises(ConflictError, match="wrong_top_up_state"):
            move(order, target)


def test_money_that_came_is_credited_whatever_we_believed_and_once() -> None:
    verdict = judge(ORDER, TOLD)
    assert isinstance(verdict, Paid)
    for state in TopUpState:
        order = replace(ORDER, state=state)
        if state is TopUpState.PAID:
            with pytest.raises(ConflictError):
                pay(order, verdict)
        else:
            assert pay(order, verdict) == PAID


def test_what_was_ordered_and_paid_is_paid() -> None:
    assert judge(ORDER, TOLD) == Paid("4200-1", 5_000, 1_000)
    assert judge(replace(ORDER, state=TopUpState.CLOSED), TOLD) == Paid("4200-1", 5_000, 1_000)


@pytest.mark.parametrize(
    "field, value, name",
    [
        ("app_id", "wx2", "appid"),
        ("mchid", "1900000110", "mchid"),
        ("out_trade_no", "tu-2", "out_trade_no"),
        ("out_trade_no", "TU-1", "out_trade_no"),
        ("total_fen", 4_999, "amount"),
        ("total_fen", 5_001, "amount"),
        ("total_fen", None, "amount"),
        ("currency", "HKD", "currency"),
        ("currency", "", "currency"),
        ("trade_type", "NATIVE", "trade_type"),
        ("openid", "o-2", "openid"),
        ("transaction_id", "", "transaction_id"),
        ("trade_state", TradeState.REFUND, "trade_state"),
        ("success_at", None, "success_time"),
    ],
)
def test_one_field_that_differs_is_a_mismatch(field: str, value: object, name: str) -> None:
    told = replace(TOLD, **{field: value})  # type: ignore[arg-type]  # each of its own type
    assert judge(ORDER, told) == Mismatch((name,))
    if name not in {"success_time", "trade_state"}:
        assert judge(PAID, told) == Mismatch((name,))  # even after it was credited


def test_every_field_that_differs_is_named() -> None:
    told = replace(TOLD, total_fen=1, currency="USD", openid="o-2")
    assert judge(ORDER, told) == Mismatch(("amount", "currency", "openid"))


def test_anybody_may_pay_an_invited_order() -> None:
    order = replace(ORDER, openid="")
    assert isinstance(judge(order, replace(TOLD, openid="o-aunt")), Paid)


@pytest.mark.parametrize(
    "state, is_over",
    [
        (TradeState.NOTPAY, False),
        (TradeState.USERPAYING, False),
        (TradeState.ACCEPT, False),
        (TradeState.CLOSED, True),
        (TradeState.REVOKED, True),
        (TradeState.PAYERROR, True),
    ],
)
def test_what_is_not_paid_is_not_credited(state: TradeState, is_over: bool) -> None:  # noqa: FBT001
    told = PaymentTold("wx1", "1900000109", "tu-1", state)
    assert judge(ORDER, told) == Unpaid(is_over=is_over)
    assert judge(PAID, told) == Mismatch(("trade_state",))
    other = replace(told, mchid="1900000110")
    assert judge(ORDER, other) == Mismatch(("mchid",))


def test_the_same_again_is_a_repetition_and_another_payment_is_not() -> None:
    assert judge(PAID, TOLD) == Repeated("4200-1")
    assert judge(PAID, replace(TOLD, trade_state=TradeState.REFUND)) == Repeated("4200-1")
    assert judge(PAID, replace(TOLD, transaction_id="4200-2")) == Mismatch(("transaction_id",))


def test_a_refund_is_held_against_ours() -> None:
    assert judge_refund(REFUND, REFUND_TOLD) is None
    assert judge_refund(REFUND, replace(REFUND_TOLD, mchid="")) is None  # answers do not tell it
    for field, value, name in (
        ("out_refund_no", "rf-2", "out_refund_no"),
        ("out_trade_no", "tu-2", "out_trade_no"),
        ("transaction_id", "4200-2", "transaction_id"),
        ("mchid", "1900000110", "mchid"),
        ("refund_fen", 101, "refund"),
        ("total_fen", 5_001, "total"),
    ):
        told = replace(REFUND_TOLD, **{field: value})  # type: ignore[arg-type]  # the same
        assert judge_refund(REFUND, told) == Mismatch((name,))
