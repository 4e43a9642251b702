"""
The door's state machine: pure, no lock, no clock of its own.

    step(state, event, at) → (state, effects)

    Scanned → Look ─┬─ Refused ────────────────→ Show (and Log, of a card that verified)
                    └─ Judged → Log ─ Logged ──→ OpenFor, Show … time passes → Shut

The laws, each of them a test: no code opens before its event is durable; an emergency opens first
and is written down after, whatever the disk says; nothing but a person at the door ends it, no
network and no code; whoever is inside gets out of a lockdown (that is `decide_door`'s); a revoked
door opens to no code and to every emergency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from campus_code import Admitted, DoorEventKind, Evidence, Refusal, Side
from qr_terminals.doors.judge import Seen

RETRY_SECONDS = 1.0
"""How soon a lock that did not obey in an emergency is told again."""
RELEASE_SECONDS = 5
"""How long a person's `release` keeps the door open."""

# ------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Scanned:
    """A reader saw a text on one side."""

    text: str
    side: Side


@dataclass(frozen=True, slots=True)
class Refused:
    """What was shown does not verify, or may not enter; then `seen` says who."""

    reason: Refusal
    evidence: Evidence
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """May pass, once it is written down."""

    seen: Seen
    verdict: Admitted


@dataclass(frozen=True, slots=True)
class Logged:
    """The event that was to be durable is."""


@dataclass(frozen=True, slots=True)
class LogFailed:
    """It is not."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """
    Somebody at the door wants `emergency`, `emergency_over`, `lockdown`, `lockdown_over`, `release`
    or `passback_reset`; `cause` is `command` or `contact`.
    """

    verb: str
    cause: str = "command"


@dataclass(frozen=True, slots=True)
class LockFailed:
    """The lock did not obey."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """The server says that this terminal is revoked, or is not any more."""

    is_revoked: bool


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing happened but time."""


DoorNews = (
    Scanned | Refused | Judged | Logged | LogFailed | Ordered | LockFailed | Revoked | TimePassed
)

# ------------------------------------------------------------------------------------ effects


@dataclass(frozen=True, slots=True)
class Look:
    """Verify and judge a text; answer Refused or Judged."""

    text: str
    side: Side


@dataclass(frozen=True, slots=True)
class Log:
    """Make an event durable; answer Logged or LogFailed."""

    kind: DoorEventKind
    cause: str = ""
    seen: Seen | None = None
    zone: int = 0
    is_passback: bool = False


@dataclass(frozen=True, slots=True)
class OpenFor:
    """Open, and shut again by itself where the lock can do that."""

    seconds: int


@dataclass(frozen=True, slots=True)
class HoldOpen:
    """Open until told otherwise."""


@dataclass(frozen=True, slots=True)
class Shut:
    """Shut."""


@dataclass(frozen=True, slots=True)
class Count:
    """Count a refusal for the heartbeat."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class DoorView:
    """What the door shows. `shown_as`: waiting, admitted, refused, emergency, lockdown, fault…"""

    shown_as: str
    scan: str = ""
    side: str = ""
    refusal: Refusal | None = None
    evidence: Evidence | None = None
    is_again: bool = False
    is_passback: bool = False
    note: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Show:
    """Show it."""

    view: DoorView


Effect = Look | Log | OpenFor | HoldOpen | Shut | Count | Show

# -------------------------------------------------------------------------------------- state


class DoorState(NamedTuple):
    """
    `pending` waits for its event to be durable: a person, or a release (None: nothing waits).
    `is_alarmed`: the contact is in alarm. `open_until` and `until` are seconds of
    the caller's clock; `is_held` says that the lock has obeyed the emergency.
    """

    is_emergency: bool = False
    is_held: bool = False
    is_alarmed: bool = False
    is_locked_down: bool = False
    is_revoked: bool = False
    pending: Judged | Ordered | None = None
    open_until: float | None = None
    scan: str = ""
    side: str = ""
    shown: DoorView = DoorView("waiting")
    until: float = 0.0
    retry_at: float = 0.0
    display_seconds: float = 3.0


Result = tuple[DoorState, tuple[Effect, ...]]


def step(state: DoorState, event: DoorNews, at: float) -> Result:
    """The next state and what is to be done at second `at` of a clock that never goes back."""
    match event:
        case Scanned():
            return _scanned(state, event, at)
        case Refused():
            return _refused(state, event, at)
        case Judged():
            return _judged(state, event)
        case Logged():
            return _logged(state, at)
        case Ordered():
            return _ordered(state, event, at)
        case LogFailed() | LockFailed():
            view = DoorView("fault", note=(event.zh, event.en))
            failed = _log_failed if isinstance(event, LogFailed) else _lock_failed
            return failed(state, view, at)
        case Revoked(is_revoked):
            changed = state._replace(is_revoked=is_revoked)
            return _idle(changed) if is_revoked != state.is_revoked else (state, ())
        case TimePassed():
            return _time_passed(state, at)


def _scanned(state: DoorState, event: Scanned, at: float) -> Result:
    if state.is_emergency or state.is_revoked:
        return state, (Show(_resting(state)),)
    if event.text == state.scan and event.side == state.side and at < state.until:
        return state, (Show(replace(state.shown, is_again=True)),)
    looking = state._replace(scan=event.text, side=event.side)
    return looking, (Look(event.text, event.side),)


def _judged(state: DoorState, event: Judged) -> Result:
    if state.is_emergency or state.is_revoked:
        return state, ()
    verdict = event.verdict
    log = Log(DoorEventKind.ADMITTED, "", event.seen, verdict.zone, verdict.is_passback)
    return state._replace(pending=event), (log,)


def _refused(state: DoorState, event: Refused, at: float) -> Result:
    view = DoorView("refused", state.scan, state.side, event.reason, event.evidence)
    shown, effects = _show(state, view, at)
    written: tuple[Effect, ...] = ()
    if event.seen is not None:
        zone = event.evidence.get("zone", 0)
        log = Log(DoorEventKind.REFUSED, event.reason.value, event.seen, int(zone))
        written = (log,)
    return shown, (*written, *effects, Count(event.reason))


def _logged(state: DoorState, at: float) -> Result:
    pending, state = state.pending, state._replace(pending=None)
    if state.is_emergency:
        return state, ()
    if isinstance(pending, Judged):
        seconds, is_passback = pending.verdict.unlock_seconds, pending.verdict.is_passback
        view = DoorView("admitted", state.scan, state.side, is_passback=is_passback)
    elif pending is not None:
        seconds, view = RELEASE_SECONDS, DoorView("released")
    else:
        return state, ()
    opened, effects = _show(state._replace(open_until=at + seconds), view, at)
    return opened, (OpenFor(seconds), *effects)


def _log_failed(state: DoorState, view: DoorView, at: float) -> Result:
    """What waited for it does not happen; the next tap tries again."""
    failed = state._replace(pending=None)
    if state.is_emergency:
        return failed, ()  # the door is open, and that is what is to be seen
    shown, effects = _show(failed, view, at)
    counted = (Count(Refusal.DOOR_LOG_FAULT),) if isinstance(state.pending, Judged) else ()
    return shown, (*effects, *counted)


def _lock_failed(state: DoorState, view: DoorView, at: float) -> Result:
    was_told = bool(state.retry_at)
    failed = state._replace(is_held=False, open_until=None, retry_at=at + RETRY_SECONDS)
    shown, effects = _show(failed, view, at)
    log = () if was_told and state.is_emergency else (Log(DoorEventKind.LOCK_FAULT, "lock"),)
    return shown, (*effects, *log)


def _ordered(state: DoorState, event: Ordered, at: float) -> Result:
    match event.verb:
        case "emergency":
            return _begin_emergency(state, event.cause)
        case "emergency_over":
            return _end_emergency(state, event.cause)
        case "lockdown" if not state.is_locked_down:
            changed = state._replace(is_locked_down=True)
            return _mode(changed, Log(DoorEventKind.LOCKDOWN_BEGAN, event.cause))
        case "lockdown_over" if state.is_locked_down:
            changed = state._replace(is_locked_down=False)
            return _mode(changed, Log(DoorEventKind.LOCKDOWN_ENDED, event.cause))
        case "release" if not state.is_emergency:
            return state._replace(pending=event), (Log(DoorEventKind.RELEASED, event.cause),)
        case "passback_reset":
            shown, effects = _show(state, DoorView("passback_reset"), at)
            return shown, (Log(DoorEventKind.PASSBACK_RESET, event.cause), *effects)
    return state, ()


def _begin_emergency(state: DoorState, cause: str) -> Result:
    state = state._replace(is_alarmed=state.is_alarmed or cause == "contact")
    if state.is_emergency:
        return state, ()
    # nothing that waited happens any more: the door is open to everybody
    begun = state._replace(
        is_emergency=True, is_held=True, pending=None, open_until=None, retry_at=0.0
    )
    resting, effects = _idle(begun)
    return resting, (HoldOpen(), *effects, Log(DoorEventKind.EMERGENCY_BEGAN, cause))


def _end_emergency(state: DoorState, cause: str) -> Result:
    """The contact only says that its alarm is over; a person ends the emergency."""
    if cause == "contact":
        return state._replace(is_alarmed=False), ()
    if not state.is_emergency or state.is_alarmed:
        return state, (Show(_resting(state)),)
    ended = state._replace(is_emergency=False, is_held=False, retry_at=0.0)
    resting, effects = _idle(ended)
    return resting, (Shut(), *effects, Log(DoorEventKind.EMERGENCY_ENDED, cause))


def _time_passed(state: DoorState, at: float) -> Result:
    effects: tuple[Effect, ...] = ()
    if state.is_emergency and not state.is_held and at >= state.retry_at:
        state = state._replace(is_held=True)
        effects = (HoldOpen(),)
    if state.open_until is not None and at >= state.open_until:
        state = state._replace(open_until=None)
        effects = (*effects, Shut())
    if state.shown != _resting(state) and at >= state.until:
        state, shown = _idle(state)
        effects = (*effects, *shown)
    return state, effects


def _mode(state: DoorState, log: Log) -> Result:
    resting, effects = _idle(state)
    return resting, (log, *effects)


def _show(state: DoorState, view: DoorView, at: float) -> Result:
    shown = state._replace(shown=view, until=at + state.display_seconds)
    return shown, (Show(view),)


def _idle(state: DoorState) -> Result:
    view = _resting(state)
    return state._replace(shown=view, scan="", side="", until=0.0), (Show(view),)


def _resting(state: DoorState) -> DoorView:
    """What is shown when nothing happens."""
    if state.is_emergency:
        return DoorView("alarm" if state.is_alarmed else "emergency")
    if state.is_revoked:
        return DoorView("revoked")
    return DoorView("lockdown" if state.is_locked_down else "waiting")
