"""A top-up from order to credit: what it may become, and whether what WeChat Pay tells is ours.

The states, and what leads on:

    STARTED   our row stands, nobody was asked yet   → PENDING, PAID, CLOSING, HELD
    PENDING   WeChat Pay gave a prepay id            → PAID, CLOSING, HELD
    CLOSING   we asked it to close, answer unknown   → CLOSED, PAID, HELD
    CLOSED    nobody can pay any more                → PAID, HELD
    HELD      told otherwise than ordered: a person  → PAID, CLOSED
    PAID      credited, once and for ever            → nothing

A payment that is proven is money, so PAID follows from every state but itself.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.wechat_pay import PaymentTold, RefundTold, TradeState

TOP_UP_FEN_MIN: Final = 1
TOP_UP_FEN_MAX: Final = 100_000
CURRENCY: Final = "CNY"
TRADE_TYPE: Final = "JSAPI"
ORDER_RANDOM_BYTES: Final = 15
"""120 bits: nobody guesses one, and a million a day for ever do not meet."""
ORDER_PREFIX: Final = "tu"
REFUND_PREFIX: Final = "rf"
ORDER_SECONDS: Final = 1800
"""How long an order may be paid."""
ASK_SECONDS: Final = (20, 40, 60, 120, 240)
"""After how long WeChat Pay is asked about an order it told nothing of; the last one is repeated.

Each is so much less than five minutes that a worker with its hands full still keeps them.
"""
AMOUNTS_FEN: Final = (5_000, 10_000, 20_000, 30_000, 50_000, 100_000)
"""What a phone proposes, as far as the school allows it."""
ENDED: Final = frozenset({"closed", "held", "paid"})
"""States in which WeChat Pay is not asked by ourselves."""


class TopUpState(StrEnum):
    """Where an order stands."""

    STARTED = "started"
    PENDING = "pending"
    CLOSING = "closing"
    CLOSED = "closed"
    HELD = "held"
    PAID = "paid"


_S = TopUpState
NEXT: Final[Mapping[TopUpState, frozenset[TopUpState]]] = MappingProxyType(
    {
        _S.STARTED: frozenset({_S.PENDING, _S.PAID, _S.CLOSING, _S.HELD}),
        _S.PENDING: frozenset({_S.PAID, _S.CLOSING, _S.HELD}),
        _S.CLOSING: frozenset({_S.CLOSED, _S.PAID, _S.HELD}),
        _S.CLOSED: frozenset({_S.PAID, _S.HELD}),
        _S.HELD: frozenset({_S.PAID, _S.CLOSED}),
        _S.PAID: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class TopUp:
    """One order of ours. `openid` is empty when whoever is invited pays."""

    out_trade_no: str
    app_id: str
    mchid: str
    openid: str
    amount_fen: int
    expires_at: int
    state: TopUpState = TopUpState.STARTED
    transaction_id: str = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of ours, of a top-up that was paid."""

    out_refund_no: str
    out_trade_no: str
    transaction_id: str
    mchid: str
    refund_fen: int
    total_fen: int


@dataclass(frozen=True, slots=True)
class Paid:
    """What was told is our order, paid as ordered: credit it under this transaction id."""

    transaction_id: str
    amount_fen: int
    success_at: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """It was credited under this very transaction id before."""

    transaction_id: str


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Nobody has paid. `is_over`: nobody can any more."""

    is_over: bool


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What was told is not what was ordered; `fields` names each that differs, in a fixed order."""

    fields: tuple[str, ...]


Verdict = Paid | Repeated | Unpaid | Mismatch


def read_amount(value: object, school_max_fen: int = TOP_UP_FEN_MAX) -> int:
    """The amount of a new top-up. Raises InvalidInputError: no int, or not 1 … the school's most.

    A school's own setting narrows the range and never widens it.
    """
    highest_fen = min(school_max_fen, TOP_UP_FEN_MAX)
    if type(value) is not int:  # True is an int to isinstance
        raise InvalidInputError("amount_fen", "a whole number of fen is wanted")
    if not TOP_UP_FEN_MIN <= value <= highest_fen:
        raise InvalidInputError(
            "amount_fen",
            f"{TOP_UP_FEN_MIN} to {highest_fen} fen are allowed",
            zh=f"充值金额应在 0.01 元到 {highest_fen // 100}.{highest_fen % 100:02d} 元之间",
        )
    return value


def proposed(school_max_fen: int) -> tuple[int, ...]:
    """The amounts a phone proposes; the school's most where all of them are more."""
    return tuple(fen for fen in AMOUNTS_FEN if fen <= school_max_fen) or (school_max_fen,)


def next_ask(tries: int, at: int, expires_at: int) -> int:
    """When to ask about an order again after so many tries; when it expires at the latest."""
    due_at = at + ASK_SECONDS[min(tries, len(ASK_SECONDS) - 1)]
    return min(due_at, expires_at) if at < expires_at else due_at


def order_number(raw: bytes) -> str:
    """An order number of 120 random bits: 26 characters that do not differ by case alone."""
    return _number(ORDER_PREFIX, raw)


def refund_number(raw: bytes) -> str:
    """A refund number, made the same way."""
    return _number(REFUND_PREFIX, raw)


def move(top_up: TopUp, target: TopUpState) -> TopUp:
    """The top-up in its next state. Raises ConflictError when that does not follow."""
    if target not in NEXT[top_up.state]:
        raise ConflictError(
            "wrong_top_up_state",
            zh="充值订单的状态不允许该操作。",
            en=f"A top-up that is {top_up.state} does not become {target}.",
            state=top_up.state.value,
            target=target.value,
        )
    return replace(top_up, state=target)


def pay(top_up: TopUp, paid: Paid) -> TopUp:
    """The top-up as paid. Raises ConflictError when it was before."""
    return replace(move(top_up, TopUpState.PAID), transaction_id=paid.transaction_id)


def judge(top_up: TopUp, told: PaymentTold) -> Verdict:
    """Hold what a notice or a query tells against our own order, field by field.

    Only SUCCESS is paid. REFUND was paid and given back, by somebody else when we have not
    credited it, so a person decides; a repetition of a credited one is only that.
    """
    differing = _identity(top_up, told)
    if differing:
        return Mismatch(differing)
    if told.trade_state in {TradeState.NOTPAY, TradeState.USERPAYING, TradeState.ACCEPT}:
        return _not_paid(top_up, is_over=False)
    if told.trade_state in {TradeState.CLOSED, TradeState.REVOKED, TradeState.PAYERROR}:
        return _not_paid(top_up, is_over=True)
    differing = _money(top_up, told)
    if differing:
        return Mismatch(differing)
    if top_up.state is TopUpState.PAID:
        return Repeated(top_up.transaction_id)
    if told.trade_state is not TradeState.SUCCESS:
        return Mismatch(("trade_state",))
    if told.success_at is None:
        return Mismatch(("success_time",))
    return Paid(told.transaction_id, top_up.amount_fen, told.success_at)


def judge_refund(refund: Refund, told: RefundTold) -> Mismatch | None:
    """What differs between our refund and what is told of it, or None."""
    pairs = (
        ("out_refund_no", refund.out_refund_no, told.out_refund_no),
        ("out_trade_no", refund.out_trade_no, told.out_trade_no),
        ("transaction_id", refund.transaction_id, told.transaction_id),
        ("mchid", refund.mchid, told.mchid or refund.mchid),
        ("refund", refund.refund_fen, told.refund_fen),
        ("total", refund.total_fen, told.total_fen),
    )
    differing = tuple(name for name, ours, theirs in pairs if ours != theirs)
    return Mismatch(differing) if differing else None


def _identity(top_up: TopUp, told: PaymentTold) -> tuple[str, ...]:
    pairs = (
        ("appid", top_up.app_id, told.app_id),
        ("mchid", top_up.mchid, told.mchid),
        ("out_trade_no", top_up.out_trade_no, told.out_trade_no),
    )
    return tuple(name for name, ours, theirs in pairs if ours != theirs)


def _money(top_up: TopUp, told: PaymentTold) -> tuple[str, ...]:
    wrong = {
        "amount": told.total_fen != top_up.amount_fen,
        "currency": told.currency != CURRENCY,
        "trade_type": told.trade_type != TRADE_TYPE,
        "openid": bool(top_up.openid) and told.openid != top_up.openid,
        "transaction_id": not told.transaction_id
        or (bool(top_up.transaction_id) and told.transaction_id != top_up.transaction_id),
    }
    return tuple(name for name, is_wrong in wrong.items() if is_wrong)


def _not_paid(top_up: TopUp, *, is_over: bool) -> Verdict:
    """An order that we credited cannot be unpaid."""
    return Mismatch(("trade_state",)) if top_up.state is TopUpState.PAID else Unpaid(is_over)


def _number(prefix: str, raw: bytes) -> str:
    if len(raw) != ORDER_RANDOM_BYTES:
        raise ValueError(f"raw: exactly {ORDER_RANDOM_BYTES} bytes are wanted")
    return prefix + base64.b32encode(raw).decode().lower()
