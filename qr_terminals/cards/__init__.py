"""
What lies in a reader's field, and how it proves who it is: one file for each kind.

Every file takes only something with `transmit(apdu)`: a card in a real reader, one behind a
virtual one, or a test's own. What a card says is data: it ends in a proof or in RefusedError, never
in a command. Nothing of money is read from a card.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from campus_code import Refusal, RefusedError

DONE: Final = b"\x90\x00"
STATUS_BYTES: Final = 2
CHIP_ANSWER_SECONDS_MAX: Final = 0.15
"""A chip in the field answers within some tens of milliseconds; a relayed one is farther away."""
PHONE_ANSWER_SECONDS_MAX: Final = 1.0
"""A phone's answer comes from a program on it, which may have to wake up."""


class Card(Protocol):
    """Whatever answers commands; nothing but this is asked of a reader."""

    def transmit(self, apdu: bytes) -> bytes:
        """The answer with its two status bytes; shorter when the card was taken away."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A card whose answers must come in time. `clock` is monotonic seconds."""

    card: Card
    clock: Callable[[], float]

    def ask(self, apdu: bytes, seconds_max: float) -> tuple[bytes, bytes]:
        """
        Data and status of one answer.

        RefusedError: CARD_REMOVED for less than a status, WRONG_CHIP (`which` = late) for an
        answer that took longer: somebody may be carrying it to a card far away.
        """
        began = self.clock()
        raw = self.card.transmit(apdu)
        if len(raw) < STATUS_BYTES:
            raise RefusedError(Refusal.CARD_REMOVED)
        if self.clock() - began > seconds_max:
            raise RefusedError(Refusal.WRONG_CHIP, which="late")
        return raw[:-STATUS_BYTES], raw[-STATUS_BYTES:]


def wrong_chip(which: str) -> RefusedError:
    """The refusal of a card that did not prove what it said; `which` step it was."""
    return RefusedError(Refusal.WRONG_CHIP, which=which)


def uid_of(timed: Timed) -> bytes | None:
    """The uid the reader itself saw (PC/SC part 3, GET DATA), None where it tells none."""
    uid, status = timed.ask(b"\xff\xca\x00\x00\x00", CHIP_ANSWER_SECONDS_MAX)
    return uid if status == DONE else None
