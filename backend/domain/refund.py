"""Money back to where it came from: how much may go, when WeChat Pay is asked, what follows.

The states, and what leads on:

    ASKED       one person asked                       → BOOKED, REJECTED
    BOOKED      approved, and out of the purse         → PROCESSING, REFUSED, or as PROCESSING
    PROCESSING  WeChat Pay took it on                  → DONE, CLOSED, ABNORMAL
    ABNORMAL    the payer's account would not take it  → PROCESSING, DONE, CLOSED
    DONE        it arrived                             → nothing
    CLOSED      WeChat Pay gave up: back in the purse  → nothing
    REFUSED     it never took it on: back in the purse → nothing
    REJECTED    nobody approved it                     → nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.lot import Lot, Origin, Remaining, remaining, unlotted_fen, yuan
from backend.domain.top_up import Mismatch
from backend.domain.wechat_pay import RefundStatus

PARTS_MAX: Final = 50
"""How often WeChat Pay gives a part of one order back."""
GAP_SECONDS: Final = 60
"""How long it wants between two parts of one order."""
REASON_LENGTH_MAX: Final = 80
FIRST_WAIT_SECONDS: Final = 15
LONGEST_WAIT_SECONDS: Final = 3_600
ABNORMAL_WAIT_SECONDS: Final = 86_400
"""How often an abnormal one is asked about: a person settles it on WeChat Pay's own site."""


class RefundState(StrEnum):
    """Where a refund stands."""

    ASKED = "asked"
    REJECTED = "rejected"
    BOOKED = "booked"
    PROCESSING = "processing"
    DONE = "done"
    CLOSED = "closed"
    ABNORMAL = "abnormal"
    REFUSED = "refused"


_S = RefundState
NEXT: Final[Mapping[RefundState, frozenset[RefundState]]] = MappingProxyType(
    {
        _S.ASKED: frozenset({_S.BOOKED, _S.REJECTED}),
        _S.BOOKED: frozenset({_S.PROCESSING, _S.DONE, _S.CLOSED, _S.ABNORMAL, _S.REFUSED}),
        _S.PROCESSING: frozenset({_S.DONE, _S.CLOSED, _S.ABNORMAL}),
        _S.ABNORMAL: frozenset({_S.PROCESSING, _S.DONE, _S.CLOSED}),
        _S.DONE: frozenset(),
        _S.CLOSED: frozenset(),
        _S.REFUSED: frozenset(),
        _S.REJECTED: frozenset(),
    }
)
UNDONE: Final = frozenset({RefundState.CLOSED, RefundState.REFUSED})
"""The money is in the purse again."""
NEVER_SENT: Final = frozenset({RefundState.ASKED, RefundState.REJECTED, RefundState.REFUSED})
"""WeChat Pay does not count these as parts of their order."""
TOLD: Final[Mapping[RefundStatus, RefundState]] = MappingProxyType(
    {
        RefundStatus.PROCESSING: RefundState.PROCESSING,
        RefundStatus.SUCCESS: RefundState.DONE,
        RefundStatus.CLOSED: RefundState.CLOSED,
        RefundStatus.ABNORMAL: RefundState.ABNORMAL,
    }
)


@dataclass(frozen=True, slots=True)
class Purse:
    """A cash purse under lock (fen): `owed_fen` is what its holder ate offline and has not paid."""

    balance_fen: int
    floor_fen: int
    owed_fen: int
    lots: tuple[Lot, ...]

    @property
    def free_fen(self) -> int:
        """What may leave it: never below the floor, and what is owed stays."""
        return max(self.balance_fen - max(self.floor_fen, 0) - self.owed_fen, 0)

    def left(self) -> tuple[Remaining, ...]:
        """What is left of each lot, oldest first."""
        return remaining(self.balance_fen, self.lots)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a lot that leaves the purse; lot 0: money from before there were lots."""

    lot_id: int
    amount_fen: int


class NotRefundable(ConflictError):
    """Money that does not go back by this way; `word` says why."""


def judge_refund_of(purse: Purse, lot_id: int, amount_fen: int, parts: int, now: int) -> None:
    """Whether so much of a lot may go back to WeChat Pay now; `parts` went before.

    Raises:
        NotFoundError: the purse has no such lot.
        NotRefundable: it came as cash, its date has passed, too many parts, or not so much left.

    """
    found = [one for one in purse.left() if one.lot.id == lot_id]
    if not found:
        raise NotFoundError("unknown_lot", zh="没有这笔充值。", en="There is no such lot.")
    lot = found[0].lot
    if lot.origin is not Origin.WECHAT:
        raise NotRefundable(
            "came_as_cash",
            zh="这笔钱以现金存入，只能在柜台取现。",
            en="This came as cash, and goes back over the counter only.",
        )
    if now > lot.refundable_until:
        raise NotRefundable(
            "past_its_date",
            zh="充值已超过 365 天，微信支付不再受理退款，请到柜台取现。",
            en="WeChat Pay gives nothing back after 365 days; it can be fetched at the counter.",
            until=lot.refundable_until,
        )
    if parts >= PARTS_MAX:
        raise NotRefundable(
            "too_many_parts",
            zh=f"同一笔充值最多退款 {PARTS_MAX} 次。",
            en=f"WeChat Pay gives one order back in {PARTS_MAX} parts at most.",
        )
    left_fen = min(found[0].left_fen, purse.free_fen)
    if amount_fen > left_fen:
        raise NotRefundable(
            "more_than_left",
            zh=f"这笔充值现在最多可退 {yuan(left_fen)} 元。",
            en="This is more than the lot still holds.",
            left_fen=left_fen,
        )


def parts_to_wechat(purse: Purse, parts: Mapping[int, int], now: int) -> tuple[Part, ...]:
    """All that can go back to WeChat Pay now, newest lot first; `parts` went before, by lot.

    Newest first, so that what is owed keeps back the money that is refundable for the shortest.
    """
    free_fen, found = purse.free_fen, []
    for one in reversed(purse.left()):
        is_open = one.lot.origin is Origin.WECHAT and now <= one.lot.refundable_until
        amount_fen = min(one.left_fen, free_fen)
        if is_open and amount_fen > 0 and parts.get(one.lot.id, 0) < PARTS_MAX:
            found.append(Part(one.lot.id, amount_fen))
            free_fen -= amount_fen
    return tuple(found)


def parts_in_cash(purse: Purse, amount_fen: int, now: int) -> tuple[Part, ...]:
    """What a payment over the counter takes, oldest first.

    Money that can still go back to WeChat Pay is never paid out in cash: whoever paid it gets it.

    Raises:
        NotRefundable: more than what only the counter can give back.

    """
    left_fen = min(amount_fen, purse.free_fen)
    sources = [Part(0, unlotted_fen(purse.balance_fen, purse.lots))]
    sources += [
        Part(one.lot.id, one.left_fen)
        for one in purse.left()
        if one.lot.origin is Origin.CASH or now > one.lot.refundable_until
    ]
    taken = []
    for source in sources:
        part = min(source.amount_fen, left_fen)
        left_fen -= part
        if part:
            taken.append(Part(source.lot_id, part))
    found_fen = sum(part.amount_fen for part in taken)
    if found_fen < amount_fen:
        raise NotRefundable(
            "more_than_cash",
            zh=f"现在最多可取现 {yuan(found_fen)} 元。",
            en="The counter cannot pay out as much.",
            cash_fen=found_fen,
        )
    return tuple(taken)


def cash_fen(purse: Purse, now: int) -> int:
    """What only the counter can give back."""
    older = [
        one.left_fen
        for one in purse.left()
        if one.lot.origin is Origin.CASH or now > one.lot.refundable_until
    ]
    unlotted = unlotted_fen(purse.balance_fen, purse.lots)
    return min(sum(older) + unlotted, purse.free_fen)


def send_at(now: int, others: Iterable[int]) -> int:
    """When WeChat Pay is asked: a minute after each other part of the order was or will be."""
    return max([now, *(at + GAP_SECONDS for at in others)])


def wait_seconds(tries: int) -> int:
    """How long until it is asked again, after so many tries."""
    return int(min(FIRST_WAIT_SECONDS << min(tries, 10), LONGEST_WAIT_SECONDS))


def follow(state: RefundState, status: RefundStatus) -> RefundState | Mismatch | None:
    """What a refund becomes by what is told of it; None: nothing new, or older news.

    A Mismatch contradicts what stands (it arrived although the money is in the purse again).
    """
    target = TOLD[status]
    if target in NEXT[state]:
        return target
    is_old = target in {state, RefundState.PROCESSING} or (
        state is RefundState.DONE and target is RefundState.ABNORMAL
    )
    is_same = state in UNDONE and target in {RefundState.CLOSED, RefundState.ABNORMAL}
    if state not in {RefundState.ASKED, RefundState.REJECTED} and (is_old or is_same):
        return None
    return Mismatch(("status",))


def require_next(state: RefundState, target: RefundState) -> None:
    """Raise ConflictError when a refund in this state does not become that."""
    if target not in NEXT[state]:
        raise wrong_state(state, target)


def wrong_state(state: RefundState, target: RefundState) -> ConflictError:
    """The answer when a refund does not become that, or not by this way."""
    return ConflictError(
        "wrong_refund_state",
        zh="退款的状态不允许该操作。",
        en=f"A refund that is {state} does not become {target}.",
        state=state.value,
        target=target.value,
    )


def total_fen(parts: Sequence[Part]) -> int:
    """The sum of parts."""
    return sum(part.amount_fen for part in parts)
