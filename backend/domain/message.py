"""Messages to people: which there are, who may be told, by which way, and when to try again.

What is noted in the outbox are facts, as text; the sentences are made when the message is sent
(`domain.message_text`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from backend.domain.guardian import Sees
from campus_code.directory import CardState

ACCEPTANCES_MAX: Final = 50
"""Acceptances of one kind an account keeps; a phone that asks at every tap fills no table."""
ASKED_AT_ONCE_MAX: Final = 3
"""Templates WeChat shows in one dialogue."""
STOCK_WANTED: Final = 5
"""With so many acceptances of a kind left nobody is asked for more."""
ASKED_AGAIN_SECONDS: Final = 86_400
"""For how long after a no nobody is asked for the same again."""
TRIES_MAX: Final = 8
PAUSE_SECONDS: Final = 30
OVER_FEN: Final = 50_000
"""A business day that cost more is told of: 500 yuan."""


class Template(StrEnum):
    """What a message is about."""

    PAYMENT = "payment"
    FREEZE = "freeze"
    TOP_UP = "top_up"
    LOW = "low"
    OVER = "over"
    REFUND = "refund"
    BENEFIT = "benefit"
    DISPUTE = "dispute"
    LOT = "lot"


CONFIRM: Final = "confirm"
"""What stands in place of a template for the code that proves an address; WeChat never sends it."""


class Channel(StrEnum):
    """A way to a person, in the order they are tried."""

    WECHAT = "wechat"
    SMS = "sms"
    MAIL = "mail"


class Language(StrEnum):
    """What a letter is written in."""

    ZH = "zh"
    EN = "en"


class Delivery(StrEnum):
    """What became of a message. DROPPED is a dead letter: a person may have it tried again."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


SEEN_WITH: Final[Mapping[Template, Sees]] = {
    Template.PAYMENT: Sees.ALL,
    Template.FREEZE: Sees.STATE,
    Template.TOP_UP: Sees.BALANCE,
    Template.LOW: Sees.BALANCE,
    Template.OVER: Sees.BALANCE,
    Template.REFUND: Sees.ALL,
    Template.BENEFIT: Sees.BALANCE,
    Template.DISPUTE: Sees.ALL,
    Template.LOT: Sees.BALANCE,
}
"""How much of a holder a guardian must see to be told."""


class RefundStep(StrEnum):
    """What happened to money on its way back, in the order it may."""

    STARTED = "started"
    ARRIVED = "arrived"
    FAILED = "failed"
    RETURNED = "returned"
    """A payment's money came back into the purse."""
    REVERSED = "reversed"
    """A payment was undone: it never stood."""
    IN_CASH = "in_cash"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to tell about a holder, once to each person under `topic`.

    `happened_at` (Unix seconds) is when it came to stand: who agreed later is not told.
    `payer_id` is a guardian who is told however little he sees, 0 for none. `is_private`: nobody
    but the holder is told, however much a guardian sees.
    """

    template: Template
    topic: str
    holder_id: int
    happened_at: int
    words: Mapping[str, str] = field(default_factory=dict)
    payer_id: int = 0
    is_private: bool = False


class Tried(StrEnum):
    """What a carrier answered to one try."""

    SENT = "sent"
    AWAY = "away"
    """Nothing is known against the message: all of this channel wait."""
    LATER = "later"
    """This one waits."""
    REFUSED = "refused"
    """Its owner does not want it, or there is no such address: by another way, if there is one."""
    FAULT = "fault"
    """It would be refused again whoever it is for."""


def payment_facts(
    merchant: str, charged_fen: int, occurred_at: int, *, is_courtesy: bool = False
) -> dict[str, str]:
    """What a message about a payment is made of; of a meal on the school nothing was charged."""
    return {
        "merchant": merchant,
        "charged_fen": str(charged_fen),
        "occurred_at": str(occurred_at),
        **({"courtesy": "1"} if is_courtesy else {}),
    }


def freeze_facts(state: CardState, at: int) -> dict[str, str]:
    """What a message about a freeze is made of."""
    return {"state": state.name, "at": str(at)}


ENDING: Final = "ENDING"
"""What stands for a state where a card is about to end."""


def ending_facts(ends_at: int) -> dict[str, str]:
    """What a message about a card's coming end is made of; `at` is the end."""
    return {"state": ENDING, "at": str(ends_at)}


def money_facts(amount_fen: int, at: int, **words: str) -> dict[str, str]:
    """What a message about an amount is made of."""
    return {"amount_fen": str(amount_fen), "at": str(at), **words}


@dataclass(frozen=True, slots=True)
class Stock:
    """What an account agreed to, of one template; times in Unix seconds, 0: never.

    `agreed_at` is when there was something to send with again after there was nothing.
    A long-term template is agreed to once and holds until WeChat says otherwise.
    """

    messages_left: int = 0
    is_long_term: bool = False
    agreed_at: int = 0
    refused_at: int = 0

    @property
    def may_be_sent(self) -> bool:
        """Whether there is an acceptance to send with."""
        return self.messages_left > 0 or (self.is_long_term and self.agreed_at > self.refused_at)


def channel_for(stock: Stock, addresses: Mapping[Channel, int], happened_at: int) -> Channel | None:
    """The first way that stands open for what happened then; None: nobody agreed to be told.

    `addresses` are the confirmed ones and when (Unix seconds) each was agreed to.
    """
    if stock.may_be_sent and stock.agreed_at <= happened_at:
        return Channel.WECHAT
    open_ones = (one for one in (Channel.SMS, Channel.MAIL) if one in addresses)
    return next((one for one in open_ones if addresses[one] <= happened_at), None)


def asked_now(
    stocks: Mapping[Template, Stock], long_term: frozenset[Template], at: int
) -> tuple[Template, ...]:
    """Which templates a tap may ask for at this moment, the scarcest first, at most three.

    WeChat mixes no long-term template with others in a dialogue: those not agreed to come first.
    """
    lasting, single = [], []
    for template, stock in stocks.items():
        if stock.refused_at and at < stock.refused_at + ASKED_AGAIN_SECONDS:
            continue
        if template in long_term:
            if not stock.may_be_sent:
                lasting.append(template)
        elif stock.messages_left < STOCK_WANTED:
            single.append(template)
    single.sort(key=lambda template: stocks[template].messages_left)
    return tuple((lasting or single)[:ASKED_AT_ONCE_MAX])


def next_try(tries: int, at: int, chance: int = 0) -> int | None:
    """When a message that failed `tries` times is tried again; None: it is given up.

    `chance` (0…255) lengthens the pause by up to a half, so that what failed together does not
    come back together.
    """
    if tries >= TRIES_MAX:
        return None
    pause_seconds: int = PAUSE_SECONDS << (tries - 1)
    return at + pause_seconds + pause_seconds * chance // 512
