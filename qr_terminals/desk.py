"""
What a cashier does besides asking for an amount: dishes, voids, training, the shift.

It turns an order into an event for the state machine. Whether a person may give it is decided
here; what then happens to money is not.
"""

from __future__ import annotations

from collections.abc import Callable

from campus_code import ShapeError, sum_of
from qr_terminals import events
from qr_terminals.authority import Authority
from qr_terminals.control import Order
from qr_terminals.errors import ShiftError
from qr_terminals.events import View
from qr_terminals.holdings import Holdings
from qr_terminals.journal import Journal
from qr_terminals.shifts import ShiftBook
from qr_terminals.till import Till


class Desk:
    """The cashier's side of one terminal. `clock` gives Unix seconds, as good as they can be."""

    def __init__(
        self,
        till: Till,
        journal: Journal,
        holdings: Holdings,
        authority: Authority | None,
        clock: Callable[[], int],
    ) -> None:
        self._till = till
        self._holdings = holdings
        self._authority = authority
        self._clock = clock
        self.shifts = ShiftBook(journal, till.memory.takings)

    @property
    def wants_authority(self) -> bool:
        """Whether voids and training ask for a PIN."""
        return self._authority is not None and self._authority.is_wanted

    def read(self, order: Order, group_id: str) -> events.Event:
        """What this order means now; JournalError when what it needs was not kept."""
        match order.verb:
            case "dishes":
                return self._dishes(order, group_id)
            case "void":
                return self._refusal(order) or events.VoidAsked(self._till.voidable(order.sequence))
            case "training":
                return self._refusal(order) or events.TrainingSet(order.is_on)
            case "shift_open":
                return self._open(order)
            case "shift_close":
                return self._close(order)
        return events.Noticed(View("unreadable_line"))

    def _dishes(self, order: Order, group_id: str) -> events.Event:
        last = max(self._till.memory.takings.recent, default=0)
        if order.sequence not in (None, last):
            # the list was begun before that payment: its dishes are paid for already
            return events.Noticed(View("busy"))
        rules = self._holdings.now.rules
        menu = rules.groups[group_id].menu if rules and group_id in rules.groups else ()
        try:
            asked_fen = sum_of(order.dishes, menu)
        except ShapeError as error:
            note = (f"菜单里没有这些：{error}", f"Not on the menu: {error}")
            return events.Noticed(View("unknown_dish", note=note))
        return events.Typed(asked_fen or None, order.dishes)

    def _refusal(self, order: Order) -> events.Event | None:
        if self._authority is None:
            return None
        view = self._authority.refuse(order.pin, self._clock())
        return None if view is None else events.Noticed(view)

    def _open(self, order: Order) -> events.Event:
        try:
            self.shifts.open(order.cashier, self._clock())
        except ShiftError as error:
            return events.Noticed(View("shift_refused", note=(error.zh, error.en)))
        return events.Noticed(View("shift_opened"))

    def _close(self, order: Order) -> events.Event:
        try:
            self.shifts.close(order.amount_fen, self._clock())
        except ShiftError as error:
            return events.Noticed(View("shift_refused", note=(error.zh, error.en)))
        return events.Noticed(View("shift_closed"))
