"""What becomes of one load or unload at a bank: states, what moves them, and what is to be done.

    NEW               written down, no byte has left           → SENT, FAILED
    SENT              a byte may have left                     → APPROVED, DECLINED, FAILED, UNDOING
    APPROVED          the bank has moved the money             → BOOKED, UNDOING
    BOOKED            the school's books have it too           the end
    DECLINED, FAILED  the bank has moved nothing               → APPROVED, by the bank's file alone
    UNDOING           nobody knows: asked about, or reversed   → APPROVED, UNDONE, MANUAL
    UNDONE            the bank says that nothing stands        → APPROVED, by the bank's file alone
    MANUAL            as often as the profile allows, in vain  → APPROVED, UNDONE, by the file

The journal writes a state before what follows from it is done: SENT before the first byte leaves, a
try before a reversal does. So whoever is killed at any moment finds what he may have done.

An answer that comes late is believed only while no reversal was sent: afterwards the bank may have
given the money back already, and what it says of the load proves nothing any more. The day's file
proves it, because reversals are stopped before it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bank_gateway.asking import Doubt, Result

OVERDUE_SECONDS: Final = 900
"""After how long an outcome that nobody knows is told to people."""


class State(StrEnum):
    """Where one ask for money stands."""

    NEW = "new"
    SENT = "sent"
    APPROVED = "approved"
    BOOKED = "booked"
    DECLINED = "declined"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    MANUAL = "manual"


_S = State
NEXT: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        _S.NEW: frozenset({_S.SENT, _S.FAILED}),
        _S.SENT: frozenset({_S.APPROVED, _S.DECLINED, _S.FAILED, _S.UNDOING}),
        _S.APPROVED: frozenset({_S.BOOKED, _S.UNDOING}),
        _S.BOOKED: frozenset(),
        _S.DECLINED: frozenset({_S.APPROVED}),
        _S.FAILED: frozenset({_S.APPROVED}),
        _S.UNDOING: frozenset({_S.APPROVED, _S.UNDONE, _S.MANUAL}),
        _S.UNDONE: frozenset({_S.APPROVED}),
        _S.MANUAL: frozenset({_S.APPROVED, _S.UNDONE}),
    }
)
OPEN: Final = frozenset({State.NEW, State.SENT, State.APPROVED, State.UNDOING})
"""States in which the gateway itself has something to do."""


class Act(StrEnum):
    """What is to be done next for an ask."""

    SEND = "send"
    BOOK = "book"
    QUERY = "query"
    REVERSE = "reverse"


class Incident(StrEnum):
    """What a person should see, though no state follows from it."""

    LATE_ANSWER = "late_answer"
    """An answer when none was waited for: a replay, or one that a reversal overtook."""
    BANK_HAS_NOT = "bank_has_not"
    """短款: booked here, and the bank's file does not have it."""
    BANK_DID_NOT_UNDO = "bank_did_not_undo"
    """The bank said it was undone, and its file has it."""
    BANK_HAS_MORE = "bank_has_more"
    """长款: declined or failed here, and the bank's file has it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An ask's state, why it is in doubt, and how many reversals have left."""

    state: State = State.NEW
    doubt: Doubt | None = None
    tries: int = 0
    is_queried: bool = False
    """Whether the bank was asked since, and did not say that it stands."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """How unknown outcomes are undone: how often at most, and whether the bank is asked first."""

    tries_max: int = 3
    asks_first: bool = False


class StateError(Exception):
    """A move that does not follow: a fault of ours, never of a bank."""


def send(standing: Standing) -> Standing:
    """Written down before the first byte leaves."""
    return _move(standing, State.SENT)


def answer(standing: Standing, result: Result, doubt: Doubt | None) -> tuple[Standing, bool]:
    """What an answer (or none in time) comes to, and whether it was waited for."""
    is_waited_for = standing.state is State.SENT
    is_late = standing.state is State.UNDOING and standing.tries == 0
    if is_late and result in {Result.APPROVED, Result.DECLINED}:
        target = State.APPROVED if result is Result.APPROVED else State.UNDONE
        return replace(_move(standing, target), doubt=None), True
    if not is_waited_for:
        return standing, False
    if result is Result.APPROVED:
        return _move(standing, State.APPROVED), True
    if result is Result.DECLINED:
        return _move(standing, State.DECLINED), True
    if result in {Result.NOT_SENT, Result.SIGN_IN_AGAIN}:
        return _move(standing, State.FAILED), True
    return replace(_move(standing, State.UNDOING), doubt=doubt or Doubt.NO_ANSWER), True


def restart(standing: Standing, undoing: Undoing) -> Standing:
    """What is found when the gateway starts: what may have been sent is in doubt.

    A last reversal whose answer nobody heard was one in vain.
    """
    if standing.state is State.NEW:
        return _move(standing, State.FAILED)
    if standing.state is State.SENT:
        return replace(_move(standing, State.UNDOING), doubt=Doubt.NO_ANSWER)
    is_in_vain = standing.state is State.UNDOING and standing.tries >= undoing.tries_max
    return _move(standing, State.MANUAL) if is_in_vain else standing


def book(standing: Standing) -> Standing:
    """The school's books have it; told again, it changes nothing."""
    return standing if standing.state is State.BOOKED else _move(standing, State.BOOKED)


def refuse(standing: Standing) -> Standing:
    """The books cannot take it (the card is gone): the bank gives it back."""
    return replace(_move(standing, State.UNDOING), doubt=Doubt.NOT_FINISHED, is_queried=True)


def begin_reversal(standing: Standing, undoing: Undoing) -> Standing:
    """One try more, written down before it leaves."""
    _require(standing, State.UNDOING)
    if standing.tries >= undoing.tries_max:
        raise StateError(f"{standing.tries} reversals have left: the rest is for people")
    return replace(standing, tries=standing.tries + 1)


def end_reversal(standing: Standing, result: Result, undoing: Undoing) -> Standing:
    """What came of a reversal. One that never left counts for nothing."""
    _require(standing, State.UNDOING)
    if result is Result.APPROVED:
        return _move(standing, State.UNDONE)
    if result in {Result.NOT_SENT, Result.SIGN_IN_AGAIN}:
        return replace(standing, tries=max(standing.tries - 1, 0))
    return _move(standing, State.MANUAL) if standing.tries >= undoing.tries_max else standing


def query(standing: Standing, result: Result) -> Standing:
    """What a bank says became of an ask whose outcome nobody knew; before any reversal.

    That it stands is as good as its approval. That it does not, may be because it is still on its
    way: so it is confirmed as undone too.
    """
    _require(standing, State.UNDOING)
    if standing.tries:
        raise StateError("a reversal has left: what a query says proves nothing any more")
    if result is Result.APPROVED:
        return replace(_move(standing, State.APPROVED), doubt=None)
    return replace(standing, is_queried=True) if result is Result.DECLINED else standing


def settle(standing: Standing, *, is_in_file: bool) -> tuple[Standing, Incident | None]:
    """What the bank's own file says of an ask of its day; reversals are stopped before.

    Raises StateError: it is still under way.
    """
    state = standing.state
    if state in {State.NEW, State.SENT}:
        raise StateError(f"{state}: nothing of the day may be under way")
    if state is State.BOOKED:
        return standing, None if is_in_file else Incident.BANK_HAS_NOT
    if is_in_file:
        if state is State.APPROVED:
            return standing, None
        why = (
            Incident.BANK_DID_NOT_UNDO
            if state is State.UNDONE
            else Incident.BANK_HAS_MORE
            if state in {State.DECLINED, State.FAILED}
            else None
        )
        return replace(_move(standing, State.APPROVED), doubt=None), why
    if state in {State.UNDOING, State.MANUAL}:
        return _move(standing, State.UNDONE), None
    # approved and not yet booked: the bank says yes and no, so a person decides
    return standing, Incident.BANK_HAS_NOT if state is State.APPROVED else None


def next_act(standing: Standing, undoing: Undoing) -> Act | None:
    """What is to be done now, None: nothing, or a person's work."""
    if standing.state is State.NEW:
        return Act.SEND
    if standing.state is State.APPROVED:
        return Act.BOOK
    if standing.state is not State.UNDOING:
        return None
    if undoing.asks_first and not standing.is_queried and standing.tries == 0:
        return Act.QUERY
    return Act.REVERSE


def is_overdue(standing: Standing, since: int, at: int) -> bool:
    """Whether an outcome has been unknown, or money unbooked, for too long without an end."""
    is_waiting = standing.state in {State.SENT, State.APPROVED, State.UNDOING, State.MANUAL}
    return is_waiting and at - since >= OVERDUE_SECONDS


def _move(standing: Standing, target: State) -> Standing:
    if target not in NEXT[standing.state]:
        raise StateError(f"{standing.state} does not become {target}")
    return replace(standing, state=target)


def _require(standing: Standing, state: State) -> None:
    if standing.state is not state:
        raise StateError(f"{standing.state}: only in {state}")
