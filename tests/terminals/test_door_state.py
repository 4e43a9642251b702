"""The door's state machine, by every short history of what can happen to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from campus_code import Admitted, CredentialKind, DoorEventKind, Refusal
from qr_terminals.doors import state as machine
from qr_terminals.doors.judge import Seen
from tests.terminals.campus import NOON, card

SEEN = Seen("9" * 34, "in", CredentialKind.CODE, card(1), 1, 1, NOON, None)
NEWS: tuple[machine.DoorNews, ...] = (
    machine.Scanned("9" * 34, "in"),
    machine.Refused(Refusal.PASSBACK, {"zone": 1}, SEEN),
    machine.Judged(SEEN, Admitted(1, 5)),
    machine.Logged(),
    machine.LogFailed("坏", "broken"),
    machine.Ordered("emergency"),
    machine.Ordered("emergency", "contact"),
    machine.Ordered("emergency_over"),
    machine.Ordered("emergency_over", "contact"),
    machine.Ordered("lockdown"),
    machine.Ordered("lockdown_over"),
    machine.Ordered("release"),
    machine.Ordered("passback_reset"),
    machine.LockFailed("坏", "broken"),
    machine.Revoked(True),
    machine.Revoked(False),
    machine.TimePassed(),
)
DEPTH = 4


@pytest.fixture(scope="module")
def steps() -> list[tuple[machine.DoorState, machine.DoorNews, machine.Result]]:
    """Every step of every history of so many events, ten seconds apart; each state once."""
    taken: list[tuple[machine.DoorState, machine.DoorNews, machine.Result]] = []
    known = {repr(machine.DoorState()): machine.DoorState()}  # evidence is a dict: by its text
    states = list(known.values())
    for turn in range(DEPTH):
        reached = {}
        for state, event in itertools.product(states, NEWS):
            result = machine.step(state, event, 10.0 * turn)
            taken.append((state, event, result))
            reached[repr(result[0])] = result[0]
        states = [state for text, state in reached.items() if text not in known]
        known |= reached
    return taken


def opening(effects: tuple[machine.Effect, ...]) -> Iterator[machine.Effect]:
    return (one for one in effects if isinstance(one, machine.OpenFor | machine.HoldOpen))


Steps = list[tuple[machine.DoorState, machine.DoorNews, machine.Result]]


def test_many_states_are_looked_at(steps: Steps) -> None:
    assert len(steps) > 4000


def test_nothing_opens_for_a_person_but_a_durable_event(steps: Steps) -> None:
    for state, event, (_, effects) in steps:
        for effect in opening(effects):
            if isinstance(effect, machine.OpenFor):
                assert isinstance(event, machine.Logged)
                assert state.pending is not None
            else:
                assert isinstance(event, machine.Ordered | machine.TimePassed)


def test_only_a_person_at_the_door_ends_an_emergency(steps: Steps) -> None:
    ended = [
        event for state, event, (after, _) in steps
        if state.is_emergency and not after.is_emergency
    ]  # fmt: skip
    assert ended
    assert set(ended) == {machine.Ordered("emergency_over")}


def test_no_emergency_ends_while_the_contact_is_in_alarm(steps: Steps) -> None:
    for state, _, (after, _) in steps:
        assert not (state.is_emergency and state.is_alarmed and not after.is_emergency)


def test_nothing_shuts_the_door_in_an_emergency(steps: Steps) -> None:
    for _, _, (after, effects) in steps:
        if after.is_emergency:
            assert machine.Shut() not in effects
            assert not any(isinstance(one, machine.OpenFor) for one in effects)


def test_an_emergency_is_opened_before_it_is_written_down(steps: Steps) -> None:
    begun = [
        effects for state, _, (after, effects) in steps
        if after.is_emergency and not state.is_emergency
    ]  # fmt: skip
    assert begun
    for effects in begun:
        kinds = [type(one) for one in effects]
        assert kinds.index(machine.HoldOpen) < kinds.index(machine.Log)


def test_a_revoked_door_looks_at_nothing(steps: Steps) -> None:
    for state, event, (_, effects) in steps:
        if state.is_revoked and isinstance(event, machine.Scanned):
            assert not any(isinstance(one, machine.Look) for one in effects)


def test_every_admission_and_every_known_refusal_is_to_be_written_down(steps: Steps) -> None:
    for state, event, (_, effects) in steps:
        logged = {one.kind for one in effects if isinstance(one, machine.Log)}
        if isinstance(event, machine.Judged) and not (state.is_emergency or state.is_revoked):
            assert logged == {DoorEventKind.ADMITTED}
        if isinstance(event, machine.Refused):
            assert logged == {DoorEventKind.REFUSED}
    unknown = machine.Refused(Refusal.UNREADABLE, {})
    _, effects = machine.step(machine.DoorState(), unknown, 0)
    assert not any(isinstance(one, machine.Log) for one in effects)
