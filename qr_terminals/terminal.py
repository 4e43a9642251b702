"""
The terminal: takes what readers, cashier, asker and sync report, one thing at a time, and does what
the state machine says. Everything about money happens on this one thread.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from campus_code import RefusedError
from qr_terminals import events
from qr_terminals.asking import Asker, Circuit, is_revoked
from qr_terminals.authority import Authority
from qr_terminals.client import Answer, Client
from qr_terminals.clock import TrustedClock
from qr_terminals.condition import Links, condition_of
from qr_terminals.control import Line, Order, read_line
from qr_terminals.desk import Desk
from qr_terminals.errors import JournalBrokenError, JournalError, ServerError
from qr_terminals.faces import Face
from qr_terminals.holdings import Holdings
from qr_terminals.journal import Journal
from qr_terminals.judge import ready
from qr_terminals.readers import Reader, Scan
from qr_terminals.readiness import Condition, measure
from qr_terminals.state import Mode, TillState, is_under_way, step
from qr_terminals.sync import Health, Pushed, Synced, SyncFailed, SyncLoop
from qr_terminals.till import Till, TillParts

TICK_SECONDS = 0.05
TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an online request."""

    sequence: int
    told: Answer | ServerError


Item = Scan | Line | Order | Told | Synced | SyncFailed | Pushed
Inbox = queue.SimpleQueue[Item]


@dataclass(frozen=True, slots=True)
class TerminalParts:
    """Everything a terminal is made of. `amount_fen` is asked of everybody, 0 for none."""

    group_id: str
    journal: Journal
    holdings: Holdings
    clock: TrustedClock
    client: Client
    screen: Face
    amount_fen: int = 0
    authority: Authority | None = None


class Terminal:
    """One terminal. Build it, `start` it, then `run` until it is told to quit."""

    def __init__(self, parts: TerminalParts, inbox: Inbox) -> None:
        self._parts = parts
        self._inbox = inbox
        self._boot = parts.clock.boot_now
        self._asker = Asker(parts.client, lambda number, told: inbox.put(Told(number, told)))
        self._till = Till(
            TillParts(
                parts.group_id,
                parts.journal,
                parts.holdings,
                parts.clock,
                self._asker,
                self._boot,
            )
        )
        self.desk = Desk(
            self._till, parts.journal, parts.holdings, parts.authority, parts.clock.rough
        )
        self._deadline_at = 0.0
        self._readers: list[Reader] = []
        self._sync: SyncLoop | None = None
        self._is_quitting = False
        self._deeds: Mapping[type[events.Effect], Callable[[Any], events.Event | None]] = {
            events.Look: self._look,
            events.Begin: self._begin,
            events.Ask: self._ask,
            events.DecideAlone: self._decide_alone,
            events.Commit: self._commit,
            events.Close: self._close,
            events.Void: self._void,
            events.KeepTraining: self._keep_training,
            events.Show: self._show,
            events.Count: self._count,
        }
        self.state = TillState(
            amount_fen=parts.amount_fen or None, keeps_amount=parts.amount_fen > 0
        )

    # ------------------------------------------------------------------------------ life

    def start(self, readers: list[Reader], sync: SyncLoop) -> None:
        """Close what a crash left open, show what it may have hidden, then take scans."""
        self._readers, self._sync = readers, sync
        self.recover()
        self._asker.start()
        for reader in readers:
            reader.start(self._inbox.put)
        sync.start()
        self._parts.screen.tell("ready", {"sequence": self._parts.journal.sequence})

    def recover(self) -> None:
        """What a start owes to the last end of this program."""
        journal = self._parts.journal
        if journal.broken is not None:
            self.handle(events.JournalFailed(journal.broken.zh, journal.broken.en))
            return
        try:
            closed = self._till.close_left_open()
        except JournalError as error:
            self.handle(events.JournalFailed(error.zh, error.en))
            return
        if closed is not None:
            self._parts.screen.tell("closed", {"sequence": closed.sequence})
        is_training = bool(journal.mark(TRAINING))
        if is_training:  # nobody who practised when the program ended pays by surprise
            self.handle(events.TrainingSet(is_training))
        last = self._till.last_young()
        if last is not None:
            view = events.View("approved", scan=last.credential, record=last, is_after_restart=True)
            self._parts.screen.show(replace(view, is_training=is_training))
        if journal.mark("revoked"):
            self.handle(events.Locked())

    def run(self) -> None:
        """Take events until told to quit; a tap under way is ended first."""
        while not self._is_quitting or self.state.mode is Mode.ASKING:
            with contextlib.suppress(queue.Empty):  # then time passed, that is all
                self.take(self._inbox.get(timeout=TICK_SECONDS))
            self.tick()
        for reader in self._readers:
            reader.stop()
        if self._sync is not None:
            self._sync.stop()
        self._asker.stop()

    def quit(self) -> None:
        """End `run` soon; for a signal handler."""
        self._is_quitting = True

    def health(self) -> Health:
        """How this terminal is, for the heartbeat; called from the sync thread."""
        held, clock = self._parts.holdings.now, self._parts.clock
        is_paused = self._till.gate.paused_until(clock.rough()) is not None
        readiness = measure(self.condition())
        return Health(
            is_paused=is_paused or self.state.mode in (Mode.FAULT, Mode.REVOKED),
            readiness={
                "reader": all(reader.is_connected for reader in self._readers),
                "rules": held.rules is not None,
                "keyring": held.keyring is not None,
                "clock": clock.now() is not None,
                "writes": self.state.mode is not Mode.FAULT,
                "faults": sorted(self._parts.holdings.faults),
                "training": self.state.is_training,
                "score": readiness.score,
                "worst": readiness.worst,
            },
        )

    @property
    def till(self) -> Till:
        """Its money side, for faces that show the books."""
        return self._till

    def condition(self) -> Condition:
        """What its readiness is measured from; for every thread."""
        parts = self._parts
        return condition_of(
            parts.journal,
            parts.holdings,
            parts.clock,
            Links(
                len(self._readers),
                sum(reader.is_connected for reader in self._readers),
                can_write=self.state.mode is not Mode.FAULT,
            ),
        )

    # ---------------------------------------------------------------------------- events

    def take(self, item: Item) -> None:
        """Take one thing out of the inbox."""
        match item:
            case Scan(text):
                self._scanned(text)
            case Line(text):
                self._order(read_line(text))
            case Order():
                self._order(item)
            case Told(sequence, told):
                self._told(sequence, told)
            case Synced(at, through, taken):
                self._till.synced(at, through)
                self._lock(is_locked=False)
                self._parts.screen.tell("synced", {"taken": taken, "through": through})
            case SyncFailed(error, is_lock):
                self._sync_failed(error, is_lock=is_lock)
            case Pushed(version):
                self._parts.screen.tell("pushed", {"denylist": version})

    def tick(self) -> None:
        """Let time pass: an online request over its deadline is over."""
        sequence = self.state.sequence
        is_asking = self.state.mode is Mode.ASKING and sequence is not None
        if is_asking and sequence is not None and self._boot() >= self._deadline_at:
            self._unanswered(sequence)
        self.handle(events.TimePassed())
        try:
            self._parts.screen.pass_time()
        except JournalError as error:
            self.handle(events.JournalFailed(error.zh, error.en))

    def handle(self, event: events.Event) -> None:
        """Run the state machine on an event and on everything that follows from it at once."""
        waiting = [event]
        for one in waiting:  # which grows by what follows
            self.state, effects = step(self.state, one, self._boot())
            for effect in effects:
                follows = self._do(effect)
                if follows is not None:
                    waiting.append(follows)

    def _scanned(self, text: str) -> None:
        known = ready(self._parts.holdings.now)
        if known is None:
            self._parts.screen.show(events.View("not_ready", scan=text))
            return
        if known.rules.display_seconds != self.state.display_seconds:
            self.state = self.state._replace(display_seconds=known.rules.display_seconds)
        self.handle(events.Scanned(text))

    def _order(self, order: Order) -> None:
        match order.verb:
            case "status":
                self._parts.screen.tell("status", self._status())
            case "quit":
                self._is_quitting = True
            case "":
                self._parts.screen.show(events.View("unreadable_line"))
            case _ if is_under_way(self.state):
                self._parts.screen.show(events.View("busy"))
            case "amount":
                self.handle(events.Typed(order.amount_fen))
            case "pin":
                self.handle(events.PinTyped(order.pin))
            case _:
                self._desk_order(order)

    def _desk_order(self, order: Order) -> None:
        try:
            event: events.Event = self.desk.read(order, self._parts.group_id)
        except JournalError as error:
            event = events.JournalFailed(error.zh, error.en)
        self.handle(event)

    def _told(self, sequence: int, told: Answer | ServerError) -> None:
        if is_revoked(told):
            self._lock(is_locked=True)
        is_expected = self.state.mode is Mode.ASKING and self.state.sequence == sequence
        if isinstance(told, ServerError):
            if is_expected:
                self._unanswered(sequence)
            return
        self._till.circuit = Circuit()
        if is_expected:
            self.handle(events.Answered(sequence, told))

    def _unanswered(self, sequence: int) -> None:
        self._till.circuit = self._till.circuit.after_failure(self._boot())
        self.handle(events.Unanswered(sequence))

    def _sync_failed(self, error: Exception, *, is_lock: bool) -> None:
        if is_lock:
            self._lock(is_locked=True)
        if isinstance(error, JournalError | JournalBrokenError):
            self.handle(events.JournalFailed(error.zh, error.en))
        self._parts.screen.tell("sync_failed", {"why": str(error)})

    def _lock(self, *, is_locked: bool) -> None:
        if is_locked == self.state.is_locked:
            return
        # locked first, written after: a full disk must not keep a revoked terminal open
        self.handle(events.Locked() if is_locked else events.Unlocked())
        try:
            self._parts.journal.set_mark("revoked", int(is_locked))
        except JournalError as error:
            self.handle(events.JournalFailed(error.zh, error.en))

    # --------------------------------------------------------------------------- effects

    def _do(self, effect: events.Effect) -> events.Event | None:
        try:
            return self._deeds[type(effect)](effect)
        except RefusedError as error:
            return events.Refused(error.refusal, error.evidence)
        except JournalError as error:
            return events.JournalFailed(error.zh, error.en)

    def _show(self, effect: events.Show) -> None:
        self._parts.screen.show(effect.view)

    def _count(self, effect: events.Count) -> None:
        self._till.count(effect.reason)

    def _look(self, effect: events.Look) -> events.Event:
        return events.Accepted(*self._till.look(effect.text, effect.asked_fen, effect.pin))

    def _begin(self, effect: events.Begin) -> events.Event:
        return events.Begun(self._till.begin(effect.presented))

    def _ask(self, effect: events.Ask) -> None:
        self._parts.screen.tell("asking", {"sequence": effect.sequence})
        self._deadline_at = self._till.ask(effect.presented, effect.sequence)

    def _decide_alone(self, effect: events.DecideAlone) -> events.Event:
        return events.Decided(self._till.decide_alone(effect.presented))

    def _commit(self, effect: events.Commit) -> events.Event:
        record = self._till.commit(effect.presented, effect.amounts, effect.sequence)
        return events.Committed(record)

    def _close(self, effect: events.Close) -> events.Event:
        self._till.close(effect.presented, effect.sequence)
        self._sync_soon()
        return events.Closed()

    def _void(self, effect: events.Void) -> events.Event:
        voided = self._till.void(effect.record)
        self._sync_soon()
        return events.Committed(voided)

    def _keep_training(self, effect: events.KeepTraining) -> None:
        self._parts.journal.set_mark(TRAINING, int(effect.is_on))

    def _sync_soon(self) -> None:
        """Money is to go back: not only at the next regular contact."""
        if self._sync is not None:
            self._sync.wake()

    def _status(self) -> dict[str, object]:
        parts, till = self._parts, self._till
        return {
            "mode": self.state.mode.value,
            "sequence": parts.journal.sequence,
            "journal_depth": parts.journal.depth(),
            "confirmed_through": parts.journal.confirmed_through(),
            "versions": parts.holdings.now.versions,
            "sync_age_seconds": till.sync_age_seconds(),
            "asks_server": till.circuit.may_ask(self._boot()),
            "clock": parts.clock.now() is not None,
            "reader": all(reader.is_connected for reader in self._readers),
            "faults": dict(parts.holdings.faults),
            "troubles": [
                {"sequence": one.sequence, "outcome": one.outcome, "reason": one.reason}
                for one in parts.journal.troubles()
            ],
        }
