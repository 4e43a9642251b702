"""
The terminal's state machine: pure, no device, no clock of its own.

    step(state, event, at) → (state, effects)

    WAITING ─Scanned→ LOOKING ─Accepted→ BEGINNING ─Begun→ ASKING ─Answered→ COMMITTING
                         │        │                           └─Unanswered→ DECIDING ─┤
                         │        └─(not asking)→ DECIDING ──────────────────Decided──┤
                         └─Refused→ SHOWING ←──────────Closed── CLOSING ←──(declined)─┤
                                       ↑                                              │
                                       └────────────────Committed─────────────────────┘

The laws, each of them a test: an approval is shown only for a record that was committed; every
attempt that was begun ends in a commit or a close; nothing leads out of FAULT; while one tap is
under way no other is begun; what is scanned never types an amount; in training nothing is begun,
committed, closed, voided or counted, and every view says that it is training.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from campus_code import Approved, Declined, Dish, Refusal, TerminalRecord
from qr_terminals import events
from qr_terminals.answers import Answer
from qr_terminals.cards.identify import Proof
from qr_terminals.judge import Presented


class Mode(enum.StrEnum):
    """Where a tap is."""

    WAITING = "waiting"
    LOOKING = "looking"
    BEGINNING = "beginning"
    ASKING = "asking"
    DECIDING = "deciding"
    COMMITTING = "committing"
    CLOSING = "closing"
    VOIDING = "voiding"
    SHOWING = "showing"
    REVOKED = "revoked"
    FAULT = "fault"


WAITING_VIEW = events.View("waiting")


class TillState(NamedTuple):
    """
    `amount_fen`: asked of the next card, `dishes` what it is the sum of. `scan` is the text under
    way or shown, `proof` what a card proved with it; `presented` and `sequence` belong to the tap
    under way. `shown` stays until `until`.
    """

    mode: Mode = Mode.WAITING
    amount_fen: int | None = None
    dishes: tuple[Dish, ...] = ()
    keeps_amount: bool = False
    display_seconds: float = 3.0
    scan: str = ""
    presented: Presented | None = None
    sequence: int | None = None
    refused: events.Refused | None = None
    shown: events.View = WAITING_VIEW
    until: float = 0.0
    is_locked: bool = False
    is_training: bool = False
    proof: Proof | None = None
    lock_view: str = "revoked"


Result = tuple[TillState, tuple[events.Effect, ...]]
_FREE = frozenset((Mode.WAITING, Mode.SHOWING))
_LOCK_REFUSALS = {
    "revoked": Refusal.TERMINAL_REVOKED,
    "lease_over": Refusal.OFFLINE_TOO_LONG,
}
_LOCKABLE = _FREE | {Mode.REVOKED}
_ANSWERS = (events.Answered, events.Unanswered)
_LOCKS = (events.Locked, events.Unlocked)  # a tuple: a union would be made anew for each event


def step(state: TillState, event: events.Event, at: float) -> Result:
    """
    The next state and what is to be done at second `at` of a clock that never goes back; an event
    that does not fit changes nothing.
    """
    after, effects = _step(state, event, at)
    if after.is_training:
        effects = tuple(_in_training(effect) for effect in effects)
    return after, effects


def _in_training(effect: events.Effect) -> events.Effect:
    if isinstance(effect, events.Show):
        return events.Show(replace(effect.view, is_training=True))
    if isinstance(effect, events.Look):
        return replace(effect, is_training=True)
    return effect


def _step(state: TillState, event: events.Event, at: float) -> Result:
    if state.mode is Mode.FAULT:
        return state, ()
    if isinstance(event, events.JournalFailed):
        view = events.View("fault", scan=state.scan, note=(event.zh, event.en))
        return state._replace(mode=Mode.FAULT, shown=view), (events.Show(view),)
    if isinstance(event, _LOCKS):
        return _lock(state, event)
    if state.mode in _FREE:
        return _free(state, event, at)
    if isinstance(event, events.Scanned) and state.mode is not Mode.REVOKED:
        # one tap at a time; the same phone still in front of the scanner says nothing new
        is_same = event.text == state.scan
        return state, () if is_same else (events.Show(events.View("busy", event.text)),)
    under_way = _UNDER_WAY.get(state.mode)
    return under_way(state, event, at) if under_way is not None else (state, ())


def is_under_way(state: TillState) -> bool:
    """Whether a tap or a void is under way, so that the cashier has to wait."""
    return state.mode in _UNDER_WAY


def _free(state: TillState, event: events.Event, at: float) -> Result:
    match event:
        case events.Unread() if not _is_jerk(state, event, at):
            refused = events.Refused(event.reason, event.evidence)
            return _refuse(state._replace(scan="", proof=None), refused, at)
        case events.Scanned(text, proof):
            is_repeat = state.mode is Mode.SHOWING and text == state.scan and at < state.until
            if is_repeat:
                return state, (events.Show(replace(state.shown, is_again=True)),)
            return _look(state._replace(proof=proof), text, None)
        case events.PinTyped(pin) if _wants_pin(state):
            return _look(state, state.scan, pin)
        case events.Typed(amount_fen, dishes) if (
            state.mode is Mode.WAITING or amount_fen != state.amount_fen
        ):
            return _wait(state._replace(amount_fen=amount_fen, dishes=dishes))
        case events.VoidAsked(record):
            return _void(state, record)
        case events.TimePassed() if state.mode is Mode.SHOWING and at >= state.until:
            return _wait(state)
    return _desk(state, event, at)


def _desk(state: TillState, event: events.Event, at: float) -> Result:
    match event:
        case events.TrainingSet(is_on) if is_on != state.is_training:
            waiting, shows = _wait(_done(state)._replace(is_training=is_on))
            return waiting, (events.KeepTraining(is_on), *shows)
        case events.Noticed(view):
            told = replace(view, amount_fen=state.amount_fen, dishes=state.dishes)
            return _show(state._replace(scan="", refused=None), told, at)
    return state, ()


def _is_jerk(state: TillState, event: events.Unread, at: float) -> bool:
    """A card moved about after it paid does not hide that it did; a wrong one after it is shown."""
    has_paid = state.shown.record is not None and at < state.until
    return has_paid and event.reason is Refusal.CARD_REMOVED


def _wants_pin(state: TillState) -> bool:
    reason = state.refused.reason if state.refused else None
    return state.mode is Mode.SHOWING and reason in (Refusal.PIN_REQUIRED, Refusal.WRONG_PIN)


def _void(state: TillState, record: TerminalRecord | None) -> Result:
    if record is None or state.is_training:
        view = events.View("nothing_to_void")
        return state._replace(mode=Mode.WAITING, shown=view), (events.Show(view),)
    return state._replace(mode=Mode.VOIDING, scan=""), (events.Void(record),)


def _looking(state: TillState, event: events.Event, at: float) -> Result:
    match event:
        case events.Refused():
            return _refuse(state, event, at)
        case events.Accepted(presented, True) if not state.is_training:
            return state._replace(mode=Mode.BEGINNING, presented=presented), (
                events.Begin(presented),
            )
        case events.Accepted(presented):
            return state._replace(mode=Mode.DECIDING, presented=presented), (
                events.DecideAlone(presented),
            )
    return state, ()


def _beginning(state: TillState, event: events.Event, at: float) -> Result:
    if isinstance(event, events.Begun) and state.presented is not None:
        asking = state._replace(mode=Mode.ASKING, sequence=event.sequence)
        return asking, (events.Ask(state.presented, event.sequence),)
    if isinstance(event, events.Refused):
        return _refuse(state, event, at)
    return state, ()


def _asking(state: TillState, event: events.Event, _at: float) -> Result:
    if not isinstance(event, _ANSWERS) or event.sequence != state.sequence:
        return state, ()  # the late answer to an earlier attempt, which is settled already
    if state.presented is None:
        return state, ()
    if isinstance(event, events.Unanswered) and state.is_locked:
        return _close(state, events.Refused(_LOCK_REFUSALS[state.lock_view]))
    if isinstance(event, events.Unanswered):
        return state._replace(mode=Mode.DECIDING), (events.DecideAlone(state.presented),)
    answer = event.answer
    if answer.is_approved:
        return _commit(state, answer)
    reason = answer.refusal or Refusal.REVERSED  # a word newer than this program
    return _close(state, events.Refused(reason, answer.evidence or {}))


def _deciding(state: TillState, event: events.Event, at: float) -> Result:
    match event:
        case events.Decided(Approved() as verdict) if state.is_training:
            return _train(state, verdict, at)
        case events.Decided(Approved() as verdict):
            return _commit(state, verdict)
        case events.Decided(Declined() as verdict):
            refused = events.Refused(verdict.reason, verdict.evidence)
            return _close_or_refuse(state, refused, at)
        case events.Refused():
            return _close_or_refuse(state, event, at)
    return state, ()


def _committing(state: TillState, event: events.Event, at: float) -> Result:
    match event:
        case events.Committed(record):
            view = events.View("approved", scan=state.scan, record=record)
            return _show(_done(state), view, at)
        case events.Refused():
            return _close_or_refuse(state, event, at)
    return state, ()


def _train(state: TillState, verdict: Approved, at: float) -> Result:
    """What would have been paid; nothing is written."""
    view = events.View("trained", scan=state.scan, amount_fen=verdict.charged_fen)
    return _show(_done(state), view, at)


def _done(state: TillState) -> TillState:
    """After a payment the next card is asked for nothing, unless everybody is asked the same."""
    kept = state.amount_fen if state.keeps_amount else None
    return state._replace(amount_fen=kept, dishes=(), refused=None)


def _closing(state: TillState, event: events.Event, at: float) -> Result:
    if isinstance(event, events.Closed) and state.refused is not None:
        return _refuse(state, state.refused, at)
    return state, ()


def _voiding(state: TillState, event: events.Event, at: float) -> Result:
    if isinstance(event, events.Committed):
        return _show(state, events.View("voided", record=event.record), at)
    if isinstance(event, events.Refused):
        return _refuse(state, event, at)
    return state, ()


_UNDER_WAY: Mapping[Mode, Callable[[TillState, events.Event, float], Result]] = {
    Mode.LOOKING: _looking,
    Mode.BEGINNING: _beginning,
    Mode.ASKING: _asking,
    Mode.DECIDING: _deciding,
    Mode.COMMITTING: _committing,
    Mode.CLOSING: _closing,
    Mode.VOIDING: _voiding,
}


def _look(state: TillState, text: str, pin: str | None) -> Result:
    looking = state._replace(
        mode=Mode.LOOKING, scan=text, presented=None, sequence=None, refused=None
    )
    return looking, (events.Look(text, state.amount_fen, pin, state.proof),)


def _commit(state: TillState, amounts: Approved | Answer) -> Result:
    if state.presented is None:
        return state, ()
    effect = events.Commit(state.presented, amounts, state.sequence)
    return state._replace(mode=Mode.COMMITTING), (effect,)


def _close(state: TillState, refused: events.Refused) -> Result:
    if state.presented is None or state.sequence is None:
        return state, ()
    effect = events.Close(state.presented, state.sequence)
    return state._replace(mode=Mode.CLOSING, refused=refused), (effect,)


def _close_or_refuse(state: TillState, refused: events.Refused, at: float) -> Result:
    """An attempt that was begun is reversed first; then the refusal is shown."""
    if state.sequence is None:
        return _refuse(state, refused, at)
    return _close(state, refused)


def _refuse(state: TillState, refused: events.Refused, at: float) -> Result:
    view = events.View(
        "refused",
        scan=state.scan,
        refusal=refused,
        amount_fen=state.amount_fen,
        dishes=state.dishes,
    )
    shown, effects = _show(state._replace(refused=refused), view, at)
    if state.is_training:
        return shown, effects  # a refusal nobody met is not in the heartbeat
    return shown, (*effects, events.Count(refused.reason))


def _show(state: TillState, view: events.View, at: float) -> Result:
    mode = Mode.REVOKED if state.is_locked else Mode.SHOWING
    until = at + state.display_seconds
    shown = state._replace(mode=mode, presented=None, sequence=None, shown=view, until=until)
    return shown, (events.Show(view),)


def _wait(state: TillState) -> Result:
    view = events.View("waiting", amount_fen=state.amount_fen, dishes=state.dishes)
    waiting = state._replace(mode=Mode.WAITING, scan="", proof=None, refused=None, shown=view)
    return waiting, (events.Show(view),)


def _lock(state: TillState, event: events.Locked | events.Unlocked) -> Result:
    is_locked = isinstance(event, events.Locked)
    lock_view = event.view if isinstance(event, events.Locked) else "revoked"
    if (is_locked, lock_view) == (state.is_locked, state.lock_view):
        return state, ()
    state = state._replace(is_locked=is_locked, lock_view=lock_view)
    if is_locked and state.mode in _LOCKABLE:
        view = events.View(lock_view)
        return state._replace(mode=Mode.REVOKED, shown=view), (events.Show(view),)
    if not is_locked and state.mode is Mode.REVOKED:
        return _wait(state)
    return state, ()  # the tap under way ends first
