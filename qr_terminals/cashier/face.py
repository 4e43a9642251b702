"""The page as one face of a terminal: what is shown goes into the feed, and so do the books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from campus_code import RulesBundle
from qr_terminals.cashier.facts import (
    book_facts,
    period_names,
    readiness_facts,
    setup_facts,
    view_facts,
)
from qr_terminals.config import Identity
from qr_terminals.events import View
from qr_terminals.holdings import Holdings
from qr_terminals.page import Feed
from qr_terminals.readiness import measure
from qr_terminals.screen import scan_hash
from qr_terminals.terminal import Terminal

HEALTH_SECONDS: Final = 2.0
_BOOKED: Final = frozenset(
    ("approved", "voided", "shift_opened", "shift_closed", "shift_refused", "waiting")
)
"""Views after which the books may be others: a meal period begins while nothing happens."""


class CashierFace:
    """
    Publishes `view`, `setup`, `books` and `health`. `clock` is seconds that only go on.

    It is made before its terminal, and shows its books once it `follows` it.
    """

    def __init__(
        self, feed: Feed, identity: Identity, holdings: Holdings, clock: Callable[[], float]
    ) -> None:
        self._feed = feed
        self._identity = identity
        self._holdings = holdings
        self._clock = clock
        self._terminal: Terminal | None = None
        self._health_at = 0.0
        self._rules_told: RulesBundle | None = None
        self._is_set_up = False
        self._has_shown = False

    def follow(self, terminal: Terminal) -> None:
        """Show this terminal's books from now on."""
        self._terminal = terminal

    def show(self, view: View) -> None:
        """The view first, for somebody waits for it; then what it changed."""
        self._has_shown = True
        self._feed.publish("view", view_facts(view, scan_hash(view.scan) if view.scan else ""))
        if view.shown_as in _BOOKED:
            self._publish_books()

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """A tap that is being asked about is shown as such; anything else may change the health."""
        if event == "asking":
            self._feed.publish("asking", facts)
            return
        if event == "ready" and self._terminal is not None and not self._has_shown:
            self.show(View("waiting", amount_fen=self._terminal.state.amount_fen))
        self._health_at = 0.0

    def pass_time(self) -> None:
        """A reader is unplugged, a sync grows old."""
        if self._clock() >= self._health_at:
            self._publish_health()

    def _publish_books(self) -> None:
        terminal = self._terminal
        if terminal is None:
            return
        self._feed.publish(
            "books",
            book_facts(terminal.till.memory.takings, terminal.till.period(), terminal.desk.shifts),
        )

    def _publish_health(self) -> None:
        terminal = self._terminal
        if terminal is None:
            return
        self._health_at = self._clock() + HEALTH_SECONDS
        rules = self._rules()
        condition = terminal.condition()
        self._feed.publish(
            "health",
            {
                **readiness_facts(measure(condition)),
                "sync_seconds": condition.sync_seconds,
                "was_synced": condition.was_synced,
                "pending": condition.depth,
                "asks": terminal.till.asks_server(),
                "period": period_names(rules, terminal.till.period()[1]),
                "wants_authority": terminal.desk.wants_authority,
                "training": terminal.state.is_training,
            },
        )

    def _rules(self) -> RulesBundle | None:
        """The rules now; when they are others than before, so are names and menu."""
        rules = self._holdings.now.rules
        if rules is not self._rules_told or not self._is_set_up:
            self._rules_told, self._is_set_up = rules, True
            self._feed.publish("setup", setup_facts(self._identity, rules))
            self._publish_books()
        return rules
