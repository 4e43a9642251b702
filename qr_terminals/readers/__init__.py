"""
Readers: hardware that tells the terminal what was presented.

A reader runs on its own thread and puts `Scan`s into the terminal's inbox. It only ever reports
text; no byte of it is a command. Serial scanners, scanners that pose as keyboards, and cameras all
hand bytes to the same `framing`. A card in an NFC field is one more `Scan`, with the proof of what
it says: a chip's text from any other reader is no credential.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from campus_code import Evidence, Refusal
from qr_terminals.cards.identify import Proof


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing presented: its text, which kind of reader saw it, and what a card proved."""

    text: str
    source: str = "code"
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A card lay in the field and told nothing that counts."""

    reason: Refusal
    evidence: Evidence


Sink = Callable[[Scan | Unread], None]

NAME_CHARACTERS_MAX = 64  # what the server takes as one text of a heartbeat


def reader_name(kind: str, path: str) -> str:
    """How heartbeat and status call a reader: its kind and the end of its path."""
    room = NAME_CHARACTERS_MAX - len(kind) - 1
    return f"{kind}:{path.rpartition('/')[2][-room:]}"


class Reader(Protocol):
    """
    What every reader can do. `start` returns at once; `stop` returns when the thread ended. `name`
    is made by `reader_name`.
    """

    name: str

    def start(self, sink: Sink) -> None:
        """Begin to put scans into the sink, from the reader's own thread."""

    def stop(self) -> None:
        """Let go of the hardware."""

    @property
    def is_connected(self) -> bool:
        """Whether the hardware is there now; the heartbeat reports it."""
