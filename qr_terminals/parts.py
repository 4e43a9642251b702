"""What a terminal is made of, and what can come into its inbox."""

from __future__ import annotations

import queue
from dataclasses import dataclass

from qr_terminals.answers import Answer
from qr_terminals.authority import Authority
from qr_terminals.cards.safe import Safe
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.control import Line, Order
from qr_terminals.errors import ServerError
from qr_terminals.faces import Face
from qr_terminals.holdings import Holdings
from qr_terminals.journal import Journal
from qr_terminals.neighbours import Neighbours
from qr_terminals.readers import Scan, Unread
from qr_terminals.sync import Pushed, Synced, SyncFailed


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an online request."""

    sequence: int
    told: Answer | ServerError


Item = Scan | Unread | Line | Order | Told | Synced | SyncFailed | Pushed
Inbox = queue.SimpleQueue[Item]


@dataclass(frozen=True, slots=True)
class TerminalParts:
    """Everything a terminal is made of. `amount_fen` is asked of everybody, 0 for none.

    `psam`: what proves chips in place of the shared keys in the keyring.
    """

    group_id: str
    journal: Journal
    holdings: Holdings
    clock: TrustedClock
    client: Client
    screen: Face
    amount_fen: int = 0
    neighbours: Neighbours | None = None
    authority: Authority | None = None
    terminal_id: int = 0
    psam: Safe | None = None
