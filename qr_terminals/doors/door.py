"""
The door: takes what readers, contact, keypad and sync report, one thing at a time, and does what
the state machine says. The lock moves on this one thread alone.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from campus_code import (
    Admitted,
    DoorEvent,
    DoorEventKind,
    DoorKnown,
    Refusal,
    RefusedError,
    Side,
    WrongCodeGate,
    business_day,
)
from qr_terminals.clock import TrustedClock
from qr_terminals.control import Line
from qr_terminals.doors import state as machine
from qr_terminals.doors.judge import door_ready, judge, look_at_door, remember_door
from qr_terminals.doors.locks import Lock, LockError
from qr_terminals.doors.log import REFUSALS_WAITING_MAX, DoorLog
from qr_terminals.doors.screen import DoorScreen
from qr_terminals.errors import JournalError
from qr_terminals.holdings import Holdings
from qr_terminals.journal import Journal
from qr_terminals.readers import Reader
from qr_terminals.sync import Health, Pushed, Synced, SyncFailed, SyncLoop

TICK_SECONDS = 0.05
_ORDERS = {
    "emergency on": "emergency",
    "emergency off": "emergency_over",
    "lockdown on": "lockdown",
    "lockdown off": "lockdown_over",
    "open": "release",
    "reset": "passback_reset",
}


@dataclass(frozen=True, slots=True)
class SideScan:
    """One thing presented on one side of the door."""

    text: str
    side: Side


@dataclass(frozen=True, slots=True)
class Alarm:
    """The fire contact changed."""

    is_alarm: bool


DoorItem = SideScan | Alarm | Line | Synced | SyncFailed | Pushed
DoorInbox = queue.SimpleQueue[DoorItem]


@dataclass(frozen=True, slots=True)
class DoorParts:
    """Everything a door is made of. `journal` holds no payment: its marks and counts alone."""

    terminal_id: int
    log: DoorLog
    journal: Journal
    holdings: Holdings
    clock: TrustedClock
    lock: Lock
    screen: DoorScreen


class DoorProgram:
    """One door. Build it, `start` it, then `run` until it is told to quit."""

    def __init__(self, parts: DoorParts, inbox: DoorInbox) -> None:
        self._parts = parts
        self._inbox = inbox
        self._boot = parts.clock.boot_now
        self._memory = remember_door(parts.log)
        self._gate = WrongCodeGate()
        self._last_sync_at = parts.journal.mark("last_sync_at")
        self._readers: list[Reader] = []
        self._sync: SyncLoop | None = None
        self._is_quitting = False
        self._deeds: Mapping[
            type[machine.Effect], Callable[[Any], machine.DoorNews | None]
        ] = {
            machine.Look: self._look,
            machine.Log: self._log,
            machine.OpenFor: lambda effect: parts.lock.open_for(effect.seconds),
            machine.HoldOpen: lambda _: parts.lock.hold_open(),
            machine.Shut: lambda _: parts.lock.shut(),
            machine.Count: self._count,
            machine.Show: lambda effect: parts.screen.show(effect.view),
        }  # fmt: skip
        parts.clock.raise_mark(self._last_sync_at)
        parts.clock.raise_signed_mark(parts.holdings.now.issued_at)
        self.state = machine.DoorState(
            is_emergency=bool(parts.log.mark("emergency")),
            is_locked_down=bool(parts.log.mark("lockdown")),
            is_revoked=bool(parts.journal.mark("revoked")),
        )

    # ------------------------------------------------------------------------------ life

    def start(self, readers: list[Reader], sync: SyncLoop) -> None:
        """Put the lock as it should stand, then take scans. The readers tell the inbox already."""
        self._readers, self._sync = readers, sync
        self.recover()
        sync.start()
        self._parts.screen.tell("ready", {"sequence": self._parts.log.tip[0]})

    def recover(self) -> None:
        """An emergency goes on through a restart; else whatever a dead program left open shuts."""
        is_open = self.state.is_emergency
        try:
            self._do(machine.HoldOpen() if is_open else machine.Shut())
            self.state = self.state._replace(is_held=is_open)
        except LockError as error:
            self.handle(machine.LockFailed(error.zh, error.en))
        self.handle(machine.TimePassed())

    def run(self) -> None:
        """Take events until told to quit; then it shuts, unless there is an emergency."""
        while not self._is_quitting:
            with contextlib.suppress(queue.Empty):  # then time passed, that is all
                self.take(self._inbox.get(timeout=TICK_SECONDS))
            self.handle(machine.TimePassed())
        for reader in self._readers:
            reader.stop()
        if self._sync is not None:
            self._sync.stop()
        self.rest()

    def rest(self) -> None:
        """Leave nothing open behind that this program has opened for somebody."""
        if self.state.open_until is None:
            return
        try:
            self._parts.lock.shut()
        except LockError as error:
            self._parts.screen.show(machine.DoorView("fault", note=(error.zh, error.en)))

    def quit(self) -> None:
        """End `run` soon; for a signal handler."""
        self._is_quitting = True

    def health(self) -> Health:
        """How this door is, for the heartbeat; called from the sync thread."""
        held = self._parts.holdings.now
        return Health(
            is_paused=self.state.is_revoked or door_ready(held) is None,
            readiness={
                "reader": all(reader.is_connected for reader in self._readers),
                "lock": self._parts.lock.is_connected,
                "rules": held.rules is not None,
                "keyring": held.keyring is not None,
                "clock": self._parts.clock.now() is not None,
                "emergency": self.state.is_emergency,
                "lockdown": self.state.is_locked_down,
                "events_waiting": self._parts.log.depth(),
                "log_set_aside": self._parts.log.was_set_aside,
                "faults": sorted(self._parts.holdings.faults),
            },
        )

    # ---------------------------------------------------------------------------- events

    def take(self, item: DoorItem) -> None:
        """Take one thing out of the inbox."""
        match item:
            case SideScan(text, side):
                self._scanned(text, side)
            case Alarm(is_alarm):
                verb = "emergency" if is_alarm else "emergency_over"
                self.handle(machine.Ordered(verb, "contact"))
            case Line(text):
                self._order(text)
            case Synced(at, _, taken):
                self._last_sync_at = at
                self._revoked(is_revoked=False)
                self._parts.screen.tell("synced", {"taken": taken})
            case SyncFailed(error, is_revoked):
                if is_revoked:
                    self._revoked(is_revoked=True)
                self._parts.screen.tell("sync_failed", {"why": str(error)})
            case Pushed(version):
                self._parts.screen.tell("pushed", {"denylist": version})

    def handle(self, event: machine.DoorNews) -> None:
        """Run the state machine on an event and on everything that follows from it at once."""
        waiting = [event]
        for one in waiting:  # which grows by what follows
            self.state, effects = machine.step(self.state, one, self._boot())
            for effect in effects:
                try:
                    follows = self._do(effect)
                except RefusedError as error:
                    follows = machine.Refused(error.refusal, error.evidence)
                except JournalError as error:
                    follows = machine.LogFailed(error.zh, error.en)
                except LockError as error:
                    follows = machine.LockFailed(error.zh, error.en)
                if follows is not None:
                    waiting.append(follows)

    def _scanned(self, text: str, side: Side) -> None:
        known = door_ready(self._parts.holdings.now)
        if known is None and not self.state.is_emergency:
            self._parts.screen.show(machine.DoorView("not_ready", scan=text, side=side))
            return
        if known is not None:
            seconds = float(known.rules.display_seconds)
            self.state = self.state._replace(display_seconds=seconds)
        self.handle(machine.Scanned(text, side))

    def _order(self, text: str) -> None:
        if text in _ORDERS:
            self.handle(machine.Ordered(_ORDERS[text]))
        elif text == "status":
            self._parts.screen.tell("status", self._status())
        elif text == "quit":
            self._is_quitting = True
        else:
            self._parts.screen.show(machine.DoorView("unreadable_line"))

    def _revoked(self, *, is_revoked: bool) -> None:
        if is_revoked == self.state.is_revoked:
            return
        self.handle(machine.Revoked(is_revoked))
        try:
            self._parts.journal.set_mark("revoked", int(is_revoked))
        except JournalError as error:
            self.handle(machine.LogFailed(error.zh, error.en))

    # --------------------------------------------------------------------------- effects

    def _do(self, effect: machine.Effect) -> machine.DoorNews | None:
        return self._deeds[type(effect)](effect)

    def _look(self, effect: machine.Look) -> machine.DoorNews:
        known = door_ready(self._parts.holdings.now)
        at = self._parts.clock.now()
        if known is None or at is None:
            raise RefusedError(Refusal.CLOCK_UNTRUSTED if known else Refusal.NOT_A_DOOR)
        self._gate.check(at)
        try:
            seen = look_at_door(effect.text, effect.side, at, known)
        except RefusedError as error:
            if error.refusal is Refusal.WRONG_CODE:
                self._gate = self._gate.after_wrong(at)
            raise
        door = DoorKnown(
            self._sync_age_seconds(),
            self.state.is_locked_down,
            self._memory.passages.get(seen.card_number),
        )
        verdict = judge(seen, known, self._memory, self._parts.terminal_id, door)
        if isinstance(verdict, Admitted):
            return machine.Judged(seen, verdict)
        return machine.Refused(verdict.reason, verdict.evidence, seen)

    def _log(self, effect: machine.Log) -> machine.DoorNews:
        parts, seen, held = self._parts, effect.seen, self._parts.holdings.now
        is_refusal = effect.kind is DoorEventKind.REFUSED
        if is_refusal and parts.log.depth() >= REFUSALS_WAITING_MAX:
            return machine.Logged()  # it is counted, that is all
        event = DoorEvent(
            sequence=parts.log.next_sequence,
            kind=effect.kind,
            at=parts.clock.rough() if seen is None else seen.at,
            word=effect.cause,
            zone=effect.zone,
            side="" if seen is None else seen.side,
            credential="" if seen is None else seen.text,
            card_number="" if seen is None else seen.card_number,
            issue=0 if seen is None else seen.issue,
            step=0 if seen is None else seen.step,
            is_passback=effect.is_passback,
            sync_age_seconds=self._sync_age_seconds(),
            doors_version=held.doors.version,
            denylist_version=held.denylist.version,
            directory_version=held.directory.version,
        )
        parts.log.append(event)
        parts.clock.raise_mark(event.at)
        if effect.kind is DoorEventKind.ADMITTED and seen is not None:
            self._memory.learn(seen)
        elif effect.kind is DoorEventKind.PASSBACK_RESET:
            self._memory.passages.clear()
        return machine.Logged()

    def _count(self, effect: machine.Count) -> None:
        rules = self._parts.holdings.now.rules
        if rules is not None:
            on = business_day(self._parts.clock.rough(), rules)
            self._parts.journal.count_refusal(on, effect.reason.value)

    def _sync_age_seconds(self) -> int:
        return max(self._parts.clock.rough() - self._last_sync_at, 0)

    def _status(self) -> dict[str, object]:
        parts, state = self._parts, self.state
        rules = parts.holdings.now.doors.rules
        door = None if rules is None else rules.doors.get(parts.terminal_id)
        return {
            "zone": 0 if door is None else door.zone,
            "fails": "" if door is None else door.fails,
            "emergency": state.is_emergency,
            "lockdown": state.is_locked_down,
            "revoked": state.is_revoked,
            "sequence": parts.log.tip[0],
            "events_waiting": parts.log.depth(),
            "versions": parts.holdings.now.versions,
            "sync_age_seconds": self._sync_age_seconds(),
            "clock": parts.clock.now() is not None,
            "lock": parts.lock.is_connected,
            "reader": all(reader.is_connected for reader in self._readers),
            "faults": dict(parts.holdings.faults),
        }
