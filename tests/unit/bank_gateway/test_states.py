"""Every order of what can happen between the gateway, a bank and the school's books.

The model keeps three sets of books: what the bank moved, what the school booked, what the gateway
believes. All orders of events are walked until nothing new can happen, far beyond eight of them;
after each, the bank's file ends the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bank_gateway import states
from bank_gateway.asking import Doubt, Result
from bank_gateway.states import (
    NEXT,
    OVERDUE_SECONDS,
    Act,
    Incident,
    Standing,
    State,
    StateError,
    Undoing,
    next_act,
)

EVENTS_MIN = 8
NEW = Standing()
POLICIES = [Undoing(tries_max=2), Undoing(tries_max=2, asks_first=True)]


@dataclass(frozen=True)
class World:
    """One ask between three parties. Messages under way are counted, and may be lost or late."""

    standing: Standing = NEW
    asks: int = 0
    """Asks on their way to the bank."""
    yes: int = 0
    """Approvals on their way back."""
    no: int = 0
    reversals: int = 0
    undone: int = 0
    """Answers to a reversal on their way back."""
    queries: int = 0
    found: int = 0
    missing: int = 0
    bank_moved: bool = False
    bank_reversed: bool = False
    booked: int = 0
    is_down: bool = False
    is_reversing: bool = False
    """Whether a reversal waits for its answer: one at a time."""

    @property
    def is_taken(self) -> bool:
        """Whether the bank keeps the money now."""
        return self.bank_moved and not self.bank_reversed


def steps(world: World, undoing: Undoing) -> Iterator[tuple[str, World]]:
    """Everything that can happen next, by name."""
    if not world.is_down:
        yield from gateway(world, undoing)
        yield "crash", replace(world, is_down=True)
    else:
        # what comes while nobody listens is lost with the connection
        lost = replace(world, yes=0, no=0, undone=0, found=0, missing=0, is_down=False)
        again = states.restart(world.standing, undoing)
        yield "restart", replace(lost, standing=again, is_reversing=False)
    yield from bank(world)


def gateway(world: World, undoing: Undoing) -> Iterator[tuple[str, World]]:
    """What the gateway does by itself, and what it hears."""
    standing = world.standing
    act = next_act(standing, undoing)
    if act is Act.SEND:
        sent = states.send(standing)
        yield "send", replace(world, standing=sent, asks=world.asks + 1)
        failed, _ = states.answer(sent, Result.NOT_SENT, None)
        yield "line is down", replace(world, standing=failed)
    if act is Act.BOOK:
        yield "book", replace(world, standing=states.book(standing), booked=1)
        yield "booked, and the answer is lost", replace(world, booked=1)
        if not world.booked:
            yield "books refuse", replace(world, standing=states.refuse(standing))
    if act is Act.QUERY and not (world.queries or world.found or world.missing):
        yield "query", replace(world, queries=world.queries + 1)
    if act is Act.REVERSE and not world.is_reversing:
        begun = states.begin_reversal(standing, undoing)
        left = world.reversals + 1
        yield "reverse", replace(world, standing=begun, reversals=left, is_reversing=True)
        ended = states.end_reversal(begun, Result.NOT_SENT, undoing)
        yield "reversal never left", replace(world, standing=ended)
    if standing.state is State.SENT:
        gone, _ = states.answer(standing, Result.UNKNOWN, Doubt.NO_ANSWER)
        yield "no answer in time", replace(world, standing=gone)
    if standing.state is State.UNDOING and world.is_reversing:
        vain = states.end_reversal(standing, Result.UNKNOWN, undoing)
        yield "no answer to the reversal", replace(world, standing=vain, is_reversing=False)
    yield from heard(world, undoing)


def heard(world: World, undoing: Undoing) -> Iterator[tuple[str, World]]:
    """An answer arrives, in time or late."""
    standing = world.standing
    if world.yes:
        after, _ = states.answer(standing, Result.APPROVED, None)
        yield "hears yes", replace(world, standing=after, yes=world.yes - 1)
    if world.no:
        after, _ = states.answer(standing, Result.DECLINED, None)
        yield "hears no", replace(world, standing=after, no=world.no - 1)
    if world.undone:
        was_waiting = standing.state is State.UNDOING
        after = states.end_reversal(standing, Result.APPROVED, undoing) if was_waiting else standing
        left = world.undone - 1
        yield "hears undone", replace(world, standing=after, undone=left, is_reversing=False)
    is_asking = standing.state is State.UNDOING and not standing.tries
    if world.found:
        after = states.query(standing, Result.APPROVED) if is_asking else standing
        yield "hears that it stands", replace(world, standing=after, found=world.found - 1)
    if world.missing:
        after = states.query(standing, Result.DECLINED) if is_asking else standing
        yield "hears that there is none", replace(world, standing=after, missing=world.missing - 1)


def bank(world: World) -> Iterator[tuple[str, World]]:
    """What reaches the bank, what it does, and what is lost on the way."""
    if world.asks:
        left = replace(world, asks=world.asks - 1)
        yield "ask is lost", left
        yield "bank moves it", replace(left, bank_moved=True, yes=world.yes + 1)
        yield "bank moves it, the answer is lost", replace(left, bank_moved=True)
        yield "bank declines", replace(left, no=world.no + 1)
    if world.reversals:
        left = replace(world, reversals=world.reversals - 1)
        yield "reversal is lost", left
        done = replace(left, bank_reversed=world.bank_reversed or world.bank_moved)
        yield "bank undoes it", replace(done, undone=world.undone + 1)
        yield "bank undoes it, the answer is lost", done
    if world.queries:
        left = replace(world, queries=world.queries - 1)
        if world.is_taken:
            yield "bank has it", replace(left, found=world.found + 1)
        else:
            yield "bank has it not", replace(left, missing=world.missing + 1)


def end_of_day(world: World, undoing: Undoing) -> tuple[World, Incident | None]:
    """Reversals stop, what is under way is gone, and the bank's file is read and acted on."""
    standing = states.restart(world.standing, undoing)
    if standing.state is State.UNDOING and world.standing.state is State.NEW:
        raise AssertionError("nothing was sent")
    settled, incident = states.settle(standing, is_in_file=world.is_taken)
    booked = world.booked
    if settled.state is State.APPROVED and incident is not Incident.BANK_HAS_NOT:
        settled, booked = states.book(settled), 1
    return replace(world, standing=settled, booked=booked), incident


@pytest.mark.parametrize("undoing", POLICIES, ids=["reverse", "query first"])
def test_in_every_order_of_events_nobody_loses_a_fen(undoing: Undoing) -> None:
    worlds, seen = {World()}, {World()}
    walked = depth = 0
    while worlds:
        depth += 1
        after: set[World] = set()
        for world in worlds:
            for name, then in steps(world, undoing):
                walked += 1
                require_sane(world, then, name)
                require_conserved(then, undoing)
                after.add(then)
        worlds = after - seen
        seen |= after
    assert depth > EVENTS_MIN
    assert walked > 1_000
    ends = {world.standing.state for world in seen}
    assert ends == set(State)


def require_sane(before: World, after: World, name: str) -> None:
    """What must hold after every single step."""
    if before.standing.state is State.BOOKED:
        assert after.standing.state is State.BOOKED, name
    if after.standing.tries and name != "hears undone":  # a yes after a reversal books nothing
        assert after.booked == before.booked, name
    assert after.standing.tries <= POLICIES[0].tries_max, name


def require_conserved(world: World, undoing: Undoing) -> None:
    """After the day's file the school has booked exactly what the bank took."""
    closed, incident = end_of_day(world, undoing)
    if incident is Incident.BANK_HAS_NOT:
        assert closed.booked > closed.is_taken or closed.standing.state is State.APPROVED
        return
    assert closed.booked == closed.is_taken, world
    assert closed.standing.state in {
        State.BOOKED, State.DECLINED, State.FAILED, State.UNDONE
    }, world  # fmt: skip


def test_what_is_booked_here_and_not_at_the_bank_is_told_and_kept() -> None:
    after, incident = states.settle(Standing(State.BOOKED), is_in_file=False)
    assert (after, incident) == (Standing(State.BOOKED), Incident.BANK_HAS_NOT)


@pytest.mark.parametrize(
    "state,incident",
    [
        (State.UNDONE, Incident.BANK_DID_NOT_UNDO),
        (State.DECLINED, Incident.BANK_HAS_MORE),
        (State.FAILED, Incident.BANK_HAS_MORE),
        (State.UNDOING, None),
        (State.MANUAL, None),
    ],
)
def test_what_the_bank_took_is_booked_whatever_was_believed(
    state: State, incident: Incident | None
) -> None:
    after, said = states.settle(Standing(state), is_in_file=True)
    assert (after.state, said) == (State.APPROVED, incident)


@pytest.mark.parametrize("state", [State.UNDOING, State.MANUAL])
def test_what_the_file_does_not_have_is_undone(state: State) -> None:
    assert states.settle(Standing(state), is_in_file=False)[0].state is State.UNDONE


@pytest.mark.parametrize("state", [State.NEW, State.SENT])
def test_a_day_with_something_under_way_is_not_closed(state: State) -> None:
    with pytest.raises(StateError):
        states.settle(Standing(state), is_in_file=True)


def test_a_late_yes_is_believed_until_a_reversal_has_left() -> None:
    waiting = Standing(State.UNDOING, Doubt.NO_ANSWER)
    after, is_used = states.answer(waiting, Result.APPROVED, None)
    assert (after.state, is_used) == (State.APPROVED, True)
    begun = states.begin_reversal(waiting, Undoing())
    assert states.answer(begun, Result.APPROVED, None) == (begun, False)
    for state in (State.UNDONE, State.BOOKED, State.DECLINED, State.FAILED, State.MANUAL):
        standing = Standing(state)
        assert states.answer(standing, Result.APPROVED, None) == (standing, False)


def test_a_reversal_that_never_left_consumes_no_try() -> None:
    undoing = Undoing(tries_max=2)
    standing = Standing(State.UNDOING, Doubt.NO_ANSWER)
    for _ in range(10):
        begun = states.begin_reversal(standing, undoing)
        standing = states.end_reversal(begun, Result.NOT_SENT, undoing)
    assert standing == Standing(State.UNDOING, Doubt.NO_ANSWER)
    for state in (State.UNDOING, State.MANUAL):
        begun = states.begin_reversal(standing, undoing)
        standing = states.end_reversal(begun, Result.UNKNOWN, undoing)
        assert standing.state is state


def test_what_may_have_been_sent_before_a_crash_is_in_doubt_at_once() -> None:
    # the day's file would find it too, and its holder would wait for it until tomorrow
    after = states.restart(Standing(State.SENT), Undoing())
    assert after == Standing(State.UNDOING, Doubt.NO_ANSWER)
    assert states.restart(NEW, Undoing()).state is State.FAILED
    assert states.restart(Standing(State.APPROVED), Undoing()).state is State.APPROVED


def test_no_reversal_leaves_beyond_what_the_profile_allows() -> None:
    undoing = Undoing(tries_max=1)
    begun = states.begin_reversal(Standing(State.UNDOING), undoing)
    with pytest.raises(StateError, match="for people"):
        states.begin_reversal(begun, undoing)
    assert states.restart(begun, undoing).state is State.MANUAL


def test_a_query_after_a_reversal_is_not_asked() -> None:
    begun = states.begin_reversal(Standing(State.UNDOING), Undoing())
    with pytest.raises(StateError, match="proves nothing"):
        states.query(begun, Result.APPROVED)
    assert next_act(begun, Undoing(asks_first=True)) is Act.REVERSE


def test_moves_that_do_not_follow_are_faults() -> None:
    for state, targets in NEXT.items():
        for move, target in (
            (states.send, State.SENT),
            (states.refuse, State.UNDOING),
            (states.book, State.BOOKED),
        ):
            if target in targets or (move is states.book and state is State.BOOKED):
                continue
            if move is states.refuse and state is State.SENT:
                continue
            with pytest.raises(StateError):
                move(Standing(state))


def test_nothing_stays_unknown_without_being_told() -> None:
    for state in (State.SENT, State.UNDOING, State.MANUAL, State.APPROVED):
        assert not states.is_overdue(Standing(state), 1_000, 1_000 + OVERDUE_SECONDS - 1)
        assert states.is_overdue(Standing(state), 1_000, 1_000 + OVERDUE_SECONDS)
    for state in (State.NEW, State.BOOKED, State.DECLINED, State.FAILED, State.UNDONE):
        assert not states.is_overdue(Standing(state), 0, 10_000)
