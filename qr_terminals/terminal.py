"""
The terminal: takes what readers, cashier, asker and sync report, one thing at a time, and does what
the state machine says. Everything about money happens on this one thread.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from campus_code import Refusal, RefusedError
from qr_terminals import events
from qr_terminals.answers import Answer
from qr_terminals.asking import Asker, Circuit, is_revoked
from qr_terminals.cards.identify import Proof, Wanted
from qr_terminals.condition import Links, condition_of
from qr_terminals.control import Line, Order, read_line
from qr_terminals.desk import Desk
from qr_terminals.drill import DrillOrder
from qr_terminals.errors import JournalBrokenError, JournalError, JournalFullError, ServerError
from qr_terminals.judge import ready
from qr_terminals.parts import Inbox, Item, TerminalParts, Told
from qr_terminals.readers import Reader, Scan, Unread
from qr_terminals.readiness import Condition, measure
from qr_terminals.state import Mode, TillState, is_under_way, step
from qr_terminals.sync import Health, Pushed, Synced, SyncFailed, SyncLoop
from qr_terminals.till import Till, TillParts
from qr_terminals.vitals import Vitals, health_of, status_of

TICK_SECONDS = 0.05
TRAINING = "training"


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
                parts.neighbours,
                parts.psam,
            )
        )
        self.desk = Desk(
            self._till, parts.journal, parts.holdings, parts.authority, parts.clock.rough
        )
        self._deadline_at = 0.0
        self._readers: list[Reader] = []
        self._sync: SyncLoop | None = None
        self._is_quitting = False
        self._is_clock_beyond = False
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
        if self._parts.neighbours is not None:
            self._parts.neighbours.start()
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
        self._check_lease()

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
        if self._parts.neighbours is not None:
            self._parts.neighbours.stop()
        self._asker.stop()

    def quit(self) -> None:
        """End `run` soon; for a signal handler."""
        self._is_quitting = True

    def health(self) -> Health:
        """How this terminal is, for the heartbeat; called from the sync thread."""
        return health_of(self._vitals())

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

    def wanted(self) -> Wanted | None:
        """What to ask of a card in the field now; called from the reader's thread."""
        state = self.state
        if state.mode not in (Mode.WAITING, Mode.SHOWING):
            return None
        return self._till.wanted(self._parts.terminal_id, state.amount_fen)

    # ---------------------------------------------------------------------------- events

    def take(self, item: Item) -> None:
        """Take one thing out of the inbox."""
        match item:
            case Scan(text, _, proof):
                self._scanned(text, proof)
            case Unread(reason, evidence):
                self._till.note_unread(reason)
                self.handle(events.Unread(reason, evidence))
            case Line(text):
                self._order(read_line(text))
            case Order():
                self._order(item)
            case Told(sequence, told):
                self._told(sequence, told)
            case Synced(at, through, taken, drill):
                self._drilled(drill)
                self._synced(at, through)
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
        if self._parts.neighbours is not None:
            self._parts.neighbours.tick(self._till.memory.offline)
        self._check_lease()
        self._watch_clock()
        self.handle(events.TimePassed())
        try:
            self._parts.screen.pass_time()
        except JournalError as error:
            self._journal_failed(error)

    def handle(self, event: events.Event) -> None:
        """Run the state machine on an event and on everything that follows from it at once."""
        waiting = [event]
        for one in waiting:  # which grows by what follows
            self.state, effects = step(self.state, one, self._boot())
            for effect in effects:
                follows = self._do(effect)
                if follows is not None:
                    waiting.append(follows)

    def _scanned(self, text: str, proof: Proof | None) -> None:
        known = ready(self._parts.holdings.now)
        if known is None:
            self._parts.screen.show(events.View("not_ready", scan=text))
            return
        if known.rules.display_seconds != self.state.display_seconds:
            self.state = self.state._replace(display_seconds=known.rules.display_seconds)
        self.handle(events.Scanned(text, proof))

    def _order(self, order: Order) -> None:
        match order.verb:
            case "code":
                self._scanned(order.code, None)
            case "status":
                self._parts.screen.tell("status", status_of(self._vitals()))
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
        except JournalFullError as error:  # it was not kept, and whoever asked for it is told
            event = events.Noticed(events.View("journal_full", note=(error.zh, error.en)))
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

    def _drilled(self, order: DrillOrder | None) -> None:
        """The office cuts this terminal off, or ends that; what waited goes up at once then."""
        was_on = self._till.drill.is_on(self._boot())
        self._till.drill = self._till.drill.heard(order, self._boot())
        is_on = self._till.drill.is_on(self._boot())
        if is_on != was_on:
            self._parts.screen.tell("drill", {"is_on": is_on})
        if was_on and not is_on:
            self._sync_soon()

    def _synced(self, at: int, through: int | None) -> None:
        try:
            if not self._till.drill.is_on(self._boot()):
                self._till.synced(at, through)
        except JournalError as error:
            self._journal_failed(error)
        self._lock(is_locked=False)

    def _sync_failed(self, error: Exception, *, is_lock: bool) -> None:
        if is_lock:
            self._lock(is_locked=True)
        if isinstance(error, JournalError | JournalBrokenError):
            self._journal_failed(error)
        self._parts.screen.tell("sync_failed", {"why": str(error)})

    def _check_lease(self) -> None:
        try:
            if not self.state.is_locked and self._till.is_lease_over():
                self.handle(events.Locked("lease_over"))
        except JournalError as error:
            self._journal_failed(error)

    def _journal_failed(self, error: JournalError | JournalBrokenError) -> None:
        """A full disk stops nothing but selling, and each tap looks for itself if there is room."""
        if not isinstance(error, JournalFullError):
            self.handle(events.JournalFailed(error.zh, error.en))

    def _watch_clock(self) -> None:
        seconds, is_beyond = self._parts.clock.crowd()
        if is_beyond and not self._is_clock_beyond:
            self._parts.screen.tell("clock_beyond", {"crowd_seconds": seconds})
        self._is_clock_beyond = is_beyond

    def _lock(self, *, is_locked: bool) -> None:
        if is_locked == self.state.is_locked and self.state.lock_view == "revoked":
            return
        # locked first, written after: a full disk must not keep a revoked terminal open
        self.handle(events.Locked() if is_locked else events.Unlocked())
        try:
            self._parts.journal.set_mark("revoked", int(is_locked))
        except JournalError as error:
            self._journal_failed(error)

    # --------------------------------------------------------------------------- effects

    def _do(self, effect: events.Effect) -> events.Event | None:
        try:
            return self._deeds[type(effect)](effect)
        except RefusedError as error:
            return events.Refused(error.refusal, error.evidence)
        except JournalFullError as error:
            if isinstance(effect, events.Close):  # what is not undone now is undone at a restart
                return events.JournalFailed(error.zh, error.en)
            evidence = {"free_megabytes": error.free_megabytes}
            return events.Refused(Refusal.JOURNAL_FAULT, evidence)
        except JournalError as error:
            return events.JournalFailed(error.zh, error.en)

    def _show(self, effect: events.Show) -> None:
        self._parts.screen.show(effect.view)

    def _count(self, effect: events.Count) -> None:
        with contextlib.suppress(JournalFullError):  # only a number for the office
            self._till.count(effect.reason)

    def _look(self, effect: events.Look) -> events.Event:
        return events.Accepted(*self._till.look(effect))

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

    def _vitals(self) -> Vitals:
        return Vitals(self._parts, self._till, self.state, self._readers, measure(self.condition()))
