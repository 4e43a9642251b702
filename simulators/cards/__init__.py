"""
Cards without silicon: a phone, DESFire EV1, a PBOC CPU card and Mifare Classic, as their data
sheets describe them, with what thieves make of them.

They share no code with the reader: what both get wrong in the same way would prove nothing. Each
takes commands by `apdu`; `vpcd` puts one into the field of a virtual reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Silicon(Protocol):
    """Whatever lies in the field. `atr` is what the reader shows for it."""

    atr: bytes

    def reset(self) -> None:
        """Lose power."""

    def apdu(self, command: bytes) -> bytes:
        """Answer one command with data and two status bytes."""


class Direct:
    """A card without a reader: `transmit`, and nothing between."""

    def __init__(self, card: Silicon) -> None:
        card.reset()
        self._card = card

    def transmit(self, apdu: bytes) -> bytes:
        """The card's own answer."""
        return self._card.apdu(apdu)


class Torn:
    """A card that is pulled out of the field after so many commands, before it answers the next.

    What it did with the command it did: only the answer never comes.
    """

    def __init__(self, card: Silicon, answers: int, *, is_done: bool = False) -> None:
        self.atr = card.atr
        self._card, self._answers, self._is_done = card, answers, is_done
        self._told = 0

    def reset(self) -> None:
        """Lose power; a card once pulled is put back by making another Torn."""
        self._card.reset()

    def apdu(self, command: bytes) -> bytes:
        """Answer while in the field."""
        if self._told >= self._answers:
            if self._told == self._answers and self._is_done:
                self._card.apdu(command)
            self._told += 1
            self._card.reset()
            return b""
        self._told += 1
        return self._card.apdu(command)


class Relayed:
    """A card far away: somebody carries each command there and each answer back."""

    def __init__(self, card: Silicon, delay: Callable[[], object]) -> None:
        self.atr = card.atr
        self._card, self._delay = card, delay

    def reset(self) -> None:
        """Lose power."""
        self._card.reset()

    def apdu(self, command: bytes) -> bytes:
        """Answer after the way there and back."""
        self._delay()
        return self._card.apdu(command)


class Replayed:
    """A recording: to the n-th command it gives the n-th answer, whatever is asked."""

    def __init__(self, atr: bytes, answers: list[bytes]) -> None:
        self.atr = atr
        self._answers, self._at = answers, 0

    def reset(self) -> None:
        """Begin anew."""
        self._at = 0

    def apdu(self, _command: bytes) -> bytes:
        """The next answer of the recording."""
        self._at += 1
        return self._answers[self._at - 1] if self._at <= len(self._answers) else b"\x6f\x00"


class Recorder:
    """Listens to a card: `answers` is what a thief takes home."""

    def __init__(self, card: Silicon) -> None:
        self.atr = card.atr
        self._card = card
        self.answers: list[bytes] = []

    def reset(self) -> None:
        """Lose power."""
        self._card.reset()

    def apdu(self, command: bytes) -> bytes:
        """The card's answer, kept."""
        self.answers.append(self._card.apdu(command))
        return self.answers[-1]
