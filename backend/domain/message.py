"""Messages to phones: which there are, what stands in them, and when to try again.

What is noted in the outbox are facts, as text; the sentence is made when the message is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from campus_code.directory import CardState

ACCEPTANCES_MAX: Final = 50
"""Acceptances of one kind a card keeps; a phone that asks at every tap fills no table."""
TRIES_MAX: Final = 6
PAUSE_SECONDS: Final = 30
THING_LENGTH_MAX: Final = 20
"""Characters a keyword of the kind "thing" may have."""


class Template(StrEnum):
    """What a message is about."""

    PAYMENT = "payment"
    FREEZE = "freeze"


class Delivery(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


_FREEZE_WORDS: Final = {
    CardState.FROZEN: "校园卡消费已冻结",
    CardState.LOST: "校园卡已挂失",
}


def payment_facts(merchant: str, charged_fen: int, occurred_at: int) -> dict[str, str]:
    """What a message about a payment is made of."""
    return {
        "merchant": merchant,
        "charged_fen": str(charged_fen),
        "occurred_at": str(occurred_at),
    }


def freeze_facts(state: CardState, at: int) -> dict[str, str]:
    """What a message about a freeze is made of."""
    return {"state": state.name, "at": str(at)}


def compose(
    template: Template, facts: Mapping[str, str], utc_offset_seconds: int
) -> dict[str, str]:
    """Keyword → value, as the two templates of the manual name their keywords."""
    if template is Template.PAYMENT:
        return {
            "thing1": facts["merchant"][:THING_LENGTH_MAX] or "校园卡消费",
            "amount2": _yuan(int(facts["charged_fen"])),
            "time3": _local(int(facts["occurred_at"]), utc_offset_seconds),
        }
    return {
        "thing1": _FREEZE_WORDS[CardState[facts["state"]]],
        "time2": _local(int(facts["at"]), utc_offset_seconds),
    }


def next_try(tries: int, at: int) -> int | None:
    """When a message that failed `tries` times is tried again; None: it is given up."""
    if tries >= TRIES_MAX:
        return None
    pause_seconds: int = PAUSE_SECONDS << (tries - 1)
    return at + pause_seconds


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}元"


def _local(at: int, utc_offset_seconds: int) -> str:
    when = datetime.fromtimestamp(at + utc_offset_seconds, UTC)
    return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}"
