"""
What this terminal has heard from its neighbours: steps in use, and what cards spent offline.

All of it can only refuse. Facts are kept so that saying them twice, late or out of order changes
nothing: of a step the highest counts, of a sum the one with the newest record. Everything has a
bound; what is over a bound is forgotten oldest first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from campus_code import STEP_SECONDS
from campus_code.gossip import Gossip, OfflineSum, Sender, Use

NEIGHBOURS_MAX: Final = 32
NEIGHBOUR_SILENT_SECONDS: Final = 30  # longer than that it is not there
NEIGHBOUR_FORGOTTEN_SECONDS: Final = 3600  # then another may take its place
USES_MAX: Final = 20_000
SUMS_MAX: Final = 2000  # of one neighbour: nobody crowds out what another said
STEP_SECONDS_MAX: Final = 150  # a code further off than that is refused by everybody anyway
SENT_SECONDS_MAX: Final = 60  # between two clocks
COUNTERS_KEPT: Final = 64
UNUSED: Final = (-1, 0, False)


@dataclass(slots=True)
class Neighbour:
    """One terminal heard. `counters`: which of the newest 64 numbers were heard, as bits."""

    run: bytes
    newest: int = -1
    counters: int = 0
    sent_at: int = 0
    heard_at: int = 0
    synced_through: int = 0
    denylist_version: int = 0
    sums: OrderedDict[str, tuple[int, int, OfflineSum]] = field(default_factory=OrderedDict)

    def is_new(self, sender: Sender, sent_at: int) -> bool:
        """Whether this was not heard before; it counts as heard from now on."""
        if sender.run != self.run:
            if sent_at < self.sent_at:
                return False  # said before its restart
            self.run, self.newest, self.counters = sender.run, -1, 0
        ahead = sender.counter - self.newest
        if ahead > 0:
            self.counters = (self.counters << min(ahead, COUNTERS_KEPT) | 1) & _ALL
            self.newest = sender.counter
            return True
        bit = 1 << -ahead
        if -ahead >= COUNTERS_KEPT or self.counters & bit:
            return False
        self.counters |= bit
        return True


_ALL: Final = 2**COUNTERS_KEPT - 1


class Heard:
    """Safe to call from every thread; told by the one that listens, asked by the one that pays."""

    def __init__(self, terminal_id: int) -> None:
        self._own_id = terminal_id
        self._lock = threading.Lock()
        self._neighbours: dict[int, Neighbour] = {}
        self._uses: OrderedDict[tuple[str, int], tuple[int, int, bool]] = OrderedDict()
        self._days: OrderedDict[str, int] = OrderedDict()

    # ------------------------------------------------------------------------------ telling

    def take(self, sender: Sender, gossip: Gossip, at: int, today: int) -> bool:
        """
        Take over what was said; whether it was new. `today` is the local day as YYYYMMDD.

        What this terminal itself said is nothing new, nor is what was said at another time.
        """
        if sender.terminal_id == self._own_id or abs(gossip.sent_at - at) > SENT_SECONDS_MAX:
            return False
        with self._lock:
            neighbour = self._neighbour(sender, at)
            if neighbour is None or not neighbour.is_new(sender, gossip.sent_at):
                return False
            neighbour.heard_at = at
            neighbour.sent_at = max(neighbour.sent_at, gossip.sent_at)
            neighbour.denylist_version = max(neighbour.denylist_version, gossip.denylist_version)
            self._through(neighbour, gossip.synced_through)
            for fact in gossip.facts:
                if isinstance(fact, Use):
                    self._use(fact, sender.terminal_id, at, today)
                elif isinstance(fact, OfflineSum):
                    self._sum(neighbour, fact, gossip.synced_through)
            return True

    # ------------------------------------------------------------------------------- asking

    def is_in_use(self, card: str, issue: int, step: int) -> bool:
        """Whether a neighbour has tried or taken this step of a card, or a later one."""
        with self._lock:
            return self._uses.get((card, issue), UNUSED)[0] >= step

    def goes_first(self, card: str, issue: int, step: int) -> bool:
        """Of a step tried here: whether a neighbour took it, or tries it under a lower number."""
        with self._lock:
            used, terminal_id, has_paid = self._uses.get((card, issue), UNUSED)
        return used > step or (used == step and (has_paid or terminal_id < self._own_id))

    def was_emergency_used(self, card: str, day: int) -> bool:
        """Whether a neighbour has taken an emergency code of this day (YYYYMMDD), or a later."""
        with self._lock:
            return self._days.get(card, 0) >= day

    def spent(self, card: str) -> tuple[int, int]:
        """Payments and fen this card spent at neighbours that have not uploaded them yet."""
        with self._lock:
            sums = [one.sums[card][2] for one in self._neighbours.values() if card in one.sums]
        return sum(one.payments for one in sums), sum(one.spent_fen for one in sums)

    def near(self, at: int) -> list[int]:
        """The numbers of the neighbours heard lately."""
        with self._lock:
            return sorted(
                number
                for number, one in self._neighbours.items()
                if at - one.heard_at <= NEIGHBOUR_SILENT_SECONDS
            )

    def newest_denylist(self) -> int:
        """The newest denylist version any neighbour says it holds."""
        with self._lock:
            return max((one.denylist_version for one in self._neighbours.values()), default=0)

    # ------------------------------------------------------------------------------- inside

    def _neighbour(self, sender: Sender, at: int) -> Neighbour | None:
        known = self._neighbours.get(sender.terminal_id)
        if known is not None:
            return known
        if len(self._neighbours) >= NEIGHBOURS_MAX:
            number, silent = min(self._neighbours.items(), key=lambda item: item[1].heard_at)
            if at - silent.heard_at < NEIGHBOUR_FORGOTTEN_SECONDS:
                return None  # those who are here stay
            del self._neighbours[number]
        self._neighbours[sender.terminal_id] = Neighbour(sender.run)
        return self._neighbours[sender.terminal_id]

    @staticmethod
    def _through(neighbour: Neighbour, synced_through: int) -> None:
        if synced_through <= neighbour.synced_through:
            return
        neighbour.synced_through = synced_through
        for card, (as_of, _, _) in list(neighbour.sums.items()):
            if as_of <= synced_through:  # all of it is uploaded, so the server knows
                del neighbour.sums[card]

    @staticmethod
    def _sum(neighbour: Neighbour, fact: OfflineSum, synced_through: int) -> None:
        if fact.as_of <= neighbour.synced_through:
            return
        known = neighbour.sums.get(fact.card_number)
        if known is not None and known[:2] >= (fact.as_of, synced_through):
            return
        neighbour.sums[fact.card_number] = fact.as_of, synced_through, fact
        neighbour.sums.move_to_end(fact.card_number)
        while len(neighbour.sums) > SUMS_MAX:
            neighbour.sums.popitem(last=False)

    def _use(self, use: Use, terminal_id: int, at: int, today: int) -> None:
        if use.is_for_emergency:
            # claims of emergency codes do not count: a day is too long for a try that failed
            if use.has_paid and use.step == today:
                self._days[use.card_number] = max(self._days.get(use.card_number, 0), use.step)
                while len(self._days) > USES_MAX:
                    self._days.popitem(last=False)
            return
        if abs(use.step * STEP_SECONDS - at) > STEP_SECONDS_MAX:
            return  # nobody takes such a code; and a liar may not block a card for a year
        key = use.card_number, use.issue
        known = self._uses.get(key, UNUSED)
        fresh = use.step, terminal_id, use.has_paid
        if _rank(fresh) > _rank(known):
            self._uses[key] = fresh
            self._uses.move_to_end(key)
            while len(self._uses) > USES_MAX:
                self._uses.popitem(last=False)


def _rank(use: tuple[int, int, bool]) -> tuple[int, bool, int]:
    """Later steps first, then what has paid, then the lowest terminal."""
    step, terminal_id, has_paid = use
    return step, has_paid, -terminal_id
