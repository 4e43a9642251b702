"""
The other terminals of one local network: telling them what was used here, hearing what they used.

UDP multicast over one hop, sealed with a key that terminals alone can derive
(`campus_code.gossip`). It needs no server. What is lost is said again: every few seconds a terminal
tells where it stands and some of its offline sums, turn by turn; one that has just come hears them
at once.
"""

from __future__ import annotations

import itertools
import secrets
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from campus_code import (
    CredentialKind,
    DocumentError,
    DocumentFault,
    RefusedError,
    TerminalRecord,
)
from campus_code.days import day_number, local_date
from campus_code.gossip import (
    PAYMENTS_MAX,
    RUN_BYTES,
    SPENT_FEN_MAX,
    Fact,
    Gossip,
    OfflineSum,
    Piece,
    Sender,
    Use,
    Want,
    open_gossip,
    seal_gossip,
)
from qr_terminals.chain import NO_KEY, is_emergency, key_of
from qr_terminals.clock import TrustedClock
from qr_terminals.denylist_pieces import Assembly
from qr_terminals.heard import Heard
from qr_terminals.holdings import Holdings
from qr_terminals.judge import Presented
from qr_terminals.memory import OfflineSpent

MULTICAST_ADDRESS: Final = "239.255.67.67"
MULTICAST_PORT: Final = 46_767
DATAGRAM_BYTES_MAX: Final = 2048
ROUND_SECONDS: Final = 5.0
ROUND_DATAGRAMS_MAX: Final = 8
SUMS_A_DATAGRAM: Final = 58
JITTER_SECONDS: Final = 0.3  # so that not everybody answers one question
WANT_SECONDS: Final = 3.0
REOPEN_SECONDS: Final = 10.0
FLOOD_A_SECOND: Final = 50.0  # of one address, in the long run
FLOOD_AT_ONCE: Final = 200.0
ADDRESSES_MAX: Final = 256
RECEIVE_SECONDS: Final = 0.1
FAULT_CHARACTERS_MAX: Final = 64
_random = secrets.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Place:
    """Where terminals meet: multicast address and port, and this machine's address on that LAN."""

    address: str = MULTICAST_ADDRESS
    port: int = MULTICAST_PORT
    interface: str = ""


@dataclass(frozen=True, slots=True)
class NeighbourParts:
    """What it needs. `pushed` is told the version of a denylist a neighbour brought."""

    terminal_id: int
    holdings: Holdings
    clock: TrustedClock
    boot: Callable[[], float]
    pushed: Callable[[int], None]
    place: Place = Place()


class FloodGate:
    """How much of each address is looked at; a flood from one does not drown the others."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def lets_in(self, address: str, at: float) -> bool:
        """Whether to look at one more datagram of an address at boot second `at`."""
        left, since = self._left.pop(address, (FLOOD_AT_ONCE, at))
        left = min(left + (at - since) * FLOOD_A_SECOND, FLOOD_AT_ONCE)
        is_let_in = left >= 1
        self._left[address] = (left - 1 if is_let_in else left), at
        while len(self._left) > ADDRESSES_MAX:
            self._left.popitem(last=False)
        return is_let_in


class Neighbours:
    """Says things from the thread that calls; listens on a thread of its own."""

    def __init__(self, parts: NeighbourParts) -> None:
        self._parts = parts
        self._holdings, self._clock = parts.holdings, parts.clock
        self.heard = Heard(parts.terminal_id)
        self.synced_through = 0
        self.fault = ""
        self.dropped = 0
        self.has_double = False
        self._run = secrets.token_bytes(RUN_BYTES)
        self._counters = itertools.count()
        self._gate = FloodGate()
        self._assembly = Assembly()
        self._socket: socket.socket | None = None
        self._turn = 0
        self._has_joined = True
        self._round_at = self._want_at = self._reopen_at = 0.0
        self._wanted: tuple[int, float] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="neighbours", daemon=True)

    # --------------------------------------------------------------------------------- life

    def start(self) -> None:
        """Meet the others; a network that is not there yet is tried again."""
        self._open()
        self._thread.start()

    def stop(self) -> None:
        """Leave."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2 * RECEIVE_SECONDS)
        if self._socket is not None:
            self._socket.close()

    def near(self) -> list[int]:
        """The numbers of the terminals heard lately."""
        return self.heard.near(self._clock.rough())

    def status(self) -> dict[str, object]:
        """For the status line."""
        return {
            "near": len(self.near()),
            "dropped": self.dropped,
            "double": self.has_double,
            "fault": self.fault,
        }

    def readiness(self) -> dict[str, object]:
        """The same in the plain values that a heartbeat may hold."""
        return {
            "neighbours": len(self.near()),
            "neighbours_double": self.has_double,
            "neighbours_fault": self.fault[:FAULT_CHARACTERS_MAX],
        }

    # ------------------------------------------------------------------------------- saying

    def say_tried(self, presented: Presented) -> None:
        """A code was accepted and is about to pay: whoever sees it now lets go of it."""
        if presented.kind is CredentialKind.CODE:  # a day is too long for a try that fails
            self._say((Use(presented.card_number, presented.issue, presented.step),))

    def say_paid(self, record: TerminalRecord, spent: OfflineSpent | None) -> None:
        """A record is durable; `spent` is the card's offline sum after it, if there is one."""
        facts: list[Fact] = []
        if key_of(record) is not NO_KEY:
            is_for_emergency = is_emergency(record)
            facts.append(Use(record.card_number, record.issue, record.step, True, is_for_emergency))
        if spent is not None:
            facts.append(_sum(record.card_number, spent))
        if facts:
            self._say(tuple(facts))

    def tick(self, offline: Mapping[str, OfflineSpent]) -> None:
        """Say what is due; `offline` is what each card spent here without the server."""
        at = self._parts.boot()
        if self._socket is None and at >= self._reopen_at:
            self._open()
        self._answer(at)
        self._ask(at)
        if at >= self._round_at:
            self._round_at = at + ROUND_SECONDS * (1 + _random() / 10)
            self._say_round(offline)

    def _say_round(self, offline: Mapping[str, OfflineSpent]) -> None:
        cards = list(offline)
        self._turn = self._turn if self._turn < len(cards) else 0
        told = cards[self._turn : self._turn + ROUND_DATAGRAMS_MAX * SUMS_A_DATAGRAM]
        self._turn += len(told)
        joined, self._has_joined = self._has_joined, False
        self._say((), has_joined=joined)
        for at in range(0, len(told), SUMS_A_DATAGRAM):
            some = told[at : at + SUMS_A_DATAGRAM]
            self._say(tuple(_sum(card, offline[card]) for card in some))

    def _answer(self, at: float) -> None:
        if self._wanted is None or at < self._wanted[1]:
            return
        held, _ = self._wanted
        self._wanted = None
        for piece in self._holdings.denylists.pieces_after(held):
            self._say((piece,))

    def _ask(self, at: float) -> None:
        held = self._holdings.now.denylist.version
        if at >= self._want_at and self.heard.newest_denylist() > held:
            self._want_at = at + WANT_SECONDS * (1 + _random())
            self._say((Want(held),))

    def _say(self, facts: tuple[Fact, ...], *, has_joined: bool = False) -> None:
        held, at = self._holdings.now, self._clock.now()
        if self._socket is None or held.keyring is None or at is None:
            return
        gossip = Gossip(at, self.synced_through, held.denylist.version, has_joined, facts)
        try:
            key = held.keyring.current(at)
        except RefusedError:
            self.fault = "no terminal key is valid now"
            return
        sender = Sender(self._parts.terminal_id, self._run, next(self._counters))
        place = self._parts.place
        try:
            self._socket.sendto(seal_gossip(gossip, key, sender), (place.address, place.port))
            self.fault = ""
        except OSError as error:
            self.fault = f"cannot be sent: {error}"

    # ------------------------------------------------------------------------------ hearing

    def _open(self) -> None:
        self._reopen_at = self._parts.boot() + REOPEN_SECONDS
        try:
            self._socket = open_socket(self._parts.place)
            self.fault = ""
        except OSError as error:
            self.fault = f"cannot be opened: {error}"

    def _listen(self) -> None:
        while not self._stopping.is_set():
            meeting = self._socket
            if meeting is None:
                self._stopping.wait(RECEIVE_SECONDS)
                continue
            try:
                raw, (address, _) = meeting.recvfrom(DATAGRAM_BYTES_MAX)
            except TimeoutError:
                continue
            except OSError as error:
                self.fault = f"cannot be heard: {error}"
                self._stopping.wait(RECEIVE_SECONDS)
                continue
            self.take(raw, str(address))

    def take(self, raw: bytes, address: str) -> None:
        """Look at one datagram; what is wrong with it is counted and changes nothing."""
        held, at = self._holdings.now, self._clock.now()
        if held.keyring is None or held.rules is None or at is None:
            return
        if not self._gate.lets_in(address, self._parts.boot()):
            self.dropped += 1
            return
        try:
            sender, gossip = open_gossip(raw, held.keyring, at)
        except DocumentError:
            self.dropped += 1
            return
        if sender.terminal_id == self._parts.terminal_id:
            # not our own voice: a copy of this terminal's disk is running somewhere near
            self.has_double = self.has_double or sender.run != self._run
            return
        today = day_number(local_date(at, held.rules.utc_offset_seconds))
        if not self.heard.take(sender, gossip, at, today):
            return
        if gossip.has_joined:
            self._turn = 0
            self._round_at = min(self._round_at, self._parts.boot() + JITTER_SECONDS * _random())
        for fact in gossip.facts:
            if isinstance(fact, Want):
                due_at = self._parts.boot() + JITTER_SECONDS * _random()
                self._wanted = self._wanted or (fact.denylist_version, due_at)
            elif isinstance(fact, Piece):
                self._take_piece(fact)

    def _take_piece(self, piece: Piece) -> None:
        self._wanted = None  # another answers already
        held = self._holdings.now.denylist.version
        if piece.version <= held or piece.base not in (0, held):
            return
        raw = self._assembly.add(piece)
        if raw is None:
            return
        try:
            self._holdings.take(raw)
        except DocumentError as error:
            if error.why is not DocumentFault.STALE_VERSION:
                self._holdings.faults["neighbour"] = str(error)
            return
        self._holdings.faults.pop("neighbour", None)  # whoever lied is not believed; this one was
        self._clock.raise_signed_mark(self._holdings.now.issued_at)
        self._parts.pushed(self._holdings.now.denylist.version)


def open_socket(place: Place) -> socket.socket:
    """A socket that hears and speaks at a place, one hop far; OSError when there is no such LAN."""
    meeting = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        own = socket.inet_aton(place.interface or "0.0.0.0")  # noqa: S104 - lets the kernel choose
        meeting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        meeting.bind((place.address, place.port))
        group = socket.inet_aton(place.address) + own
        meeting.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        if place.interface:
            meeting.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
        meeting.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        meeting.settimeout(RECEIVE_SECONDS)
    except OSError:
        meeting.close()
        raise
    return meeting


def _sum(card: str, spent: OfflineSpent) -> OfflineSum:
    payments = min(spent.payments, PAYMENTS_MAX)
    return OfflineSum(card, spent.as_of, payments, min(spent.spent_fen, SPENT_FEN_MAX))
