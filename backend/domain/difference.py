"""How a difference is settled: which ways there are for which cause, and what a way books.

Two people settle one: the first asks for a way, the other accepts or refuses. A hold books exactly
what the bill has and the ledger lacks (or the other way round) into suspense, as an item of its
own, so that bill and ledger agree to the fen; whose it is may turn out later.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from backend.domain.accounts import SchoolAccount
from backend.domain.errors import ConflictError
from backend.domain.payment import Posting
from backend.domain.reconciliation import Cause, Subject


class DifferenceState(StrEnum):
    """Where a difference stands."""

    OPEN = "open"
    ASKED = "asked"
    """One person asked for a way to settle it."""
    HELD = "held"
    """Its amount is in suspense."""
    SETTLED = "settled"


class Way(StrEnum):
    """How it may be settled."""

    HOLD = "hold"
    """Put what the ledger lacks into suspense, itemised."""
    GIVE_BACK = "give_back"
    """Put it into suspense, and let WeChat Pay give it back to whoever paid."""
    CREDIT = "credit"
    """Credit the order as the bill proves it; or, once in suspense, the purse of its owner."""
    BOOK = "book"
    """Book a movement of the merchant account against a school account or an item."""
    QUERY = "query"
    """Ask WeChat Pay about this very number, and go by its answer."""


_HOLD: Final = frozenset({Way.HOLD})
_QUERY: Final = frozenset({Way.QUERY})
_ANY: Final = frozenset({Way.HOLD, Way.GIVE_BACK})
_CREDIT: Final = frozenset({Way.CREDIT})
WAYS: Final[Mapping[tuple[Subject, Cause], frozenset[Way]]] = MappingProxyType(
    {
        (Subject.PAYMENT, Cause.UNKNOWN): _ANY,
        (Subject.PAYMENT, Cause.DUPLICATE_PAYMENT): _ANY,
        (Subject.PAYMENT, Cause.TRANSACTION): _ANY,
        (Subject.PAYMENT, Cause.HELD): _ANY | _CREDIT,
        (Subject.PAYMENT, Cause.AMOUNT): _HOLD,
        (Subject.PAYMENT, Cause.UNPOSTED): _HOLD,
        (Subject.PAYMENT, Cause.MISSING_NOTICE): _ANY | _CREDIT,
        (Subject.PAYMENT, Cause.UNMARKED): _QUERY,
        (Subject.PAYMENT, Cause.UNPROVEN): _QUERY,
        (Subject.REFUND, Cause.UNKNOWN): _HOLD,
        (Subject.REFUND, Cause.DUPLICATE_PAYMENT): _HOLD,
        (Subject.REFUND, Cause.TRANSACTION): _HOLD,
        (Subject.REFUND, Cause.AMOUNT): _HOLD,
        (Subject.REFUND, Cause.UNPOSTED): _HOLD,
        (Subject.REFUND, Cause.UNMARKED): _QUERY,
        (Subject.REFUND, Cause.UNPROVEN): _QUERY,
        (Subject.REFUND, Cause.REFUND_FAILED): _QUERY,
        (Subject.FUNDS, Cause.MOVEMENT): frozenset({Way.BOOK}),
        (Subject.FUNDS, Cause.FUNDS_MISSING): _HOLD,
        (Subject.FUNDS, Cause.AMOUNT): _HOLD,
    }
)
"""What may be asked for while it is open. What is not here no clerk can settle: it contradicts what
the database itself refuses, and says that something is broken."""
_WHOLE: Final = frozenset({Way.CREDIT, Way.GIVE_BACK})
HELD_WAYS: Final[Mapping[tuple[Subject, Cause], frozenset[Way]]] = MappingProxyType(
    {
        (Subject.PAYMENT, Cause.UNKNOWN): _WHOLE,
        (Subject.PAYMENT, Cause.HELD): _WHOLE,
        (Subject.PAYMENT, Cause.MISSING_NOTICE): _WHOLE,
        (Subject.PAYMENT, Cause.DUPLICATE_PAYMENT): frozenset({Way.GIVE_BACK}),
        (Subject.PAYMENT, Cause.TRANSACTION): frozenset({Way.GIVE_BACK}),
        (Subject.PAYMENT, Cause.AMOUNT): frozenset({Way.GIVE_BACK}),
    }
)
"""What may be asked for once a payment is in suspense; other items stay named until a movement of
the merchant account settles them."""
BOOKED_AGAINST: Final = (SchoolAccount.BANK_IN_TRANSIT, SchoolAccount.WECHAT_FEES)
"""What a movement of the merchant account may be: to or from the bank, or a cost."""
BY_BILL: Final = "bill"
HELD: Final = "top_up_held"
CAME_BACK: Final = "payment.returned"
"""Why something is in suspense that WeChat Pay could not give back."""


def ways_of(subject: Subject, cause: Cause, state: DifferenceState) -> frozenset[Way]:
    """What may be asked for now."""
    if state is DifferenceState.HELD:
        return HELD_WAYS.get((subject, cause), frozenset())
    return WAYS.get((subject, cause), frozenset()) if state is DifferenceState.OPEN else frozenset()


def require_way(subject: Subject, cause: Cause, state: DifferenceState, way: Way) -> None:
    """Refuse what does not settle such a difference. Raises ConflictError saying why."""
    if state in {DifferenceState.ASKED, DifferenceState.SETTLED}:
        raise ConflictError(
            "difference_" + state.value,
            zh="该差异已有人申请处理。" if state is DifferenceState.ASKED else "该差异已处理完毕。",
            en="Somebody asked for a way to settle it already."
            if state is DifferenceState.ASKED
            else "It is settled.",
        )
    known = ways_of(subject, cause, state)
    if not known and state is DifferenceState.HELD:
        raise ConflictError(
            "stays_in_suspense",
            zh="差额已挂账；待商户账户出现对应变动时，以该变动核销。",
            en="It is in suspense; a movement of the merchant account will settle it.",
        )
    if not known:
        raise ConflictError(
            "cannot_be_settled",
            zh="数据库本不允许出现此差异，请联系维护人员核查账本，不能在此处理。",
            en="The database itself does not allow this: have the books looked into, it cannot be"
            " settled here.",
        )
    if way not in known:
        named = ", ".join(sorted(known))
        raise ConflictError(
            "wrong_way",
            zh=f"此差异不能这样处理，可选：{named}。",
            en=f"It cannot be settled like that; there are: {named}.",
            ways=sorted(known),
        )


def signed_fen(subject: Subject, fen: int | None) -> int:
    """What an amount of a bill or a ledger means for the merchant account: a refund takes."""
    return -(fen or 0) if subject is Subject.REFUND else (fen or 0)


def move(source: SchoolAccount, target: SchoolAccount, fen: int) -> Posting:
    """One posting of `fen`; the other way round when it is negative. ValueError for none at all."""
    if fen == 0:
        raise ValueError("fen: there is nothing to move")
    if fen < 0:
        return Posting(int(target), int(source), -fen)
    return Posting(int(source), int(target), fen)


def adopted_key(difference_id: int) -> str:
    """The request key of an order that stands for a payment nobody had ordered here."""
    return f"difference-{difference_id}"
