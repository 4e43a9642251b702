"""Terminals of one LAN: real sockets on loopback multicast, the server cut off."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from campus_code import Declined, EpochKey, Refusal
from campus_code.gossip import Gossip, OfflineSum, Piece, Sender, Use, seal_gossip
from qr_terminals import events, heard
from qr_terminals.config import read_config
from qr_terminals.errors import ConfigError
from qr_terminals.heard import Heard
from qr_terminals.neighbours import (
    FLOOD_AT_ONCE,
    FloodGate,
    NeighbourParts,
    Neighbours,
    Place,
    open_socket,
)
from qr_terminals.program import run_parser
from tests.terminals.bench import Rig, wait_for
from tests.terminals.campus import FIXED_FEN, Campus, card
from tests.terminals.standin import Standin

Build = Callable[[int], Rig]
TODAY = 20260101


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def place() -> Place:
    return Place("239.255.67.67", free_port(), "127.0.0.1")


@pytest.fixture
def build(campus: Campus, tmp_path: Path, place: Place) -> Iterator[Build]:
    """Terminals that have synced once and are cut off from the server, by their numbers."""
    made: list[tuple[Rig, Standin]] = []

    def one(number: int) -> Rig:
        server = Standin(campus)
        rig = Rig(server.url, tmp_path / str(number), campus.at, meeting=(number, place))
        made.append((rig, server))
        rig.sync()
        server.is_down = True
        rig.terminal.tick()
        rig.lines()
        return rig

    yield one
    for rig, server in made:
        rig.close()
        server.close()


def test_one_code_at_two_terminals_200_ms_apart_pays_once(build: Build, campus: Campus) -> None:
    first, second = build(17), build(18)
    code = campus.code(1)
    assert first.scan(code)["result"] == "approved"
    time.sleep(0.2)
    assert second.scan(code)["reason"] == "already_used"
    assert second.scan(campus.code(2))["result"] == "approved"  # and nobody else waits for it


def test_a_code_that_is_only_tried_here_is_refused_there(build: Build, campus: Campus) -> None:
    first, second = build(17), build(18)
    code = campus.code(1)
    presented, _ = second.terminal._till.look(events.Look(code, None, None))
    assert presented.card_number == card(1)
    assert first.neighbours is not None
    ears = first.neighbours.heard
    wait_for(lambda: ears.is_in_use(card(1), 1, presented.step))
    assert first.scan(code)["reason"] == "already_used"  # though its number is the lower
    # the one that came first is not held up by having been echoed
    assert second.scan(code)["result"] == "approved"


def test_a_code_shown_to_practise_is_still_good_next_door(build: Build, campus: Campus) -> None:
    first, second = build(17), build(18)
    code = campus.code(1)
    second.type("training on")
    assert second.scan(code)["result"] == "trained"
    second.type("training off")
    later, _ = second.terminal._till.look(events.Look(campus.code(2), None, None))
    assert first.neighbours is not None
    ears = first.neighbours.heard
    wait_for(lambda: ears.is_in_use(card(2), 1, later.step))  # what was said before it was heard
    assert first.scan(code)["result"] == "approved"


@pytest.mark.parametrize(
    "number,has_paid,verdict",
    [
        (17, False, "Declined"),
        (19, False, "Approved"),
        (19, True, "Declined"),
    ],
)
def test_of_two_that_try_at_once_the_lower_number_goes_first(
    build: Build, campus: Campus, number: int, has_paid: object, verdict: str
) -> None:
    rig = build(18)
    presented, _ = rig.terminal._till.look(events.Look(campus.code(1), None, None))
    use = Use(card(1), 1, campus.at // 15, has_paid=bool(has_paid))
    said = seal_gossip(
        Gossip(campus.at, 0, 0, facts=(use,)), campus.terminal_key, Sender(number, b"r" * 16, 0)
    )
    assert rig.neighbours is not None
    rig.neighbours.take(said, "another")
    assert type(rig.terminal._till.decide_alone(presented)).__name__ == verdict


def test_what_was_spent_at_neighbours_counts_and_stops_counting_when_it_is_uploaded(
    build: Build, campus: Campus
) -> None:
    first, second = build(17), build(18)
    for turn in range(5):
        rig = (first, second)[turn % 2]
        assert rig.scan(campus.code(1))["result"] == "approved", turn
        campus.at += 15
        for one in (first, second):
            one.clocks.pass_(15)
        time.sleep(0.05)
    assert second.scan(campus.code(1))["reason"] == "offline_count"  # five for the canteen
    campus.at += 15
    for one in (first, second):
        one.clocks.pass_(15)
    assert first.neighbours is not None
    first.terminal._till.synced(campus.at, first.journal.sequence)
    first.neighbours._round_at = 0
    first.terminal.tick()
    time.sleep(0.05)
    assert second.terminal._till.memory.spent_offline(card(1)).payments == 2
    assert second.scan(campus.code(1))["result"] == "approved"


def test_one_that_comes_later_or_restarts_hears_the_sums_at_once(
    build: Build, campus: Campus
) -> None:
    first = build(17)
    assert first.scan(campus.code(1))["result"] == "approved"
    late = build(18)
    for _ in range(2):

        def caught_up() -> bool:
            first.terminal.tick()
            late.terminal.tick()
            return late.terminal._till.memory.spent_offline(card(1)).spent_fen == FIXED_FEN

        wait_for(caught_up, 3)
        late.restart()


def test_a_newer_denylist_comes_from_a_neighbour_and_is_verified(
    build: Build, campus: Campus
) -> None:
    first, second = build(17), build(18)
    first.holdings.take(campus.denylist_document(5, [1]))
    first.holdings.take(campus.denylist_document(6, [2], base=5))
    forged = bytearray(campus.denylist_document(7, [3], base=6))
    forged[40] ^= 1
    first.holdings.denylists.keep(7, 6, bytes(forged))

    def talk_until(version: int, seconds: float = 5) -> None:
        def has_come() -> bool:
            for rig in (first, second):
                assert rig.neighbours is not None
                rig.neighbours._round_at = rig.neighbours._want_at = 0
                rig.terminal.tick()
            return second.holdings.now.denylist.version == version

        wait_for(has_come, seconds)

    talk_until(6)
    assert second.scan(campus.code(1))["reason"] == "frozen"
    assert second.scan(campus.code(2))["reason"] == "frozen"
    first.holdings.now.denylist.version = 7  # says it holds one that nobody signed
    with pytest.raises(AssertionError, match="never"):
        talk_until(7, 0.5)
    wait_for(lambda: "bad_signature" in second.holdings.faults.get("neighbour", ""))
    assert second.scan(campus.code(3))["result"] == "approved"


def test_strangers_and_floods_change_nothing(build: Build, campus: Campus, place: Place) -> None:
    rig = build(17)
    assert rig.neighbours is not None
    use = Use(card(1), 1, campus.at // 15, has_paid=True)
    gossip = Gossip(campus.at, 0, 0, facts=(use,))
    stranger = EpochKey(7, 0, campus.at + 100, b"\x07" * 32)
    with open_socket(place) as meeting:
        for raw in (
            seal_gossip(gossip, stranger, Sender(9, b"r" * 16, 0)),
            b"XMG1",
            b"",
            b"x" * 2000,
        ):
            meeting.sendto(raw, (place.address, place.port))
        wait_for(lambda: rig.neighbours is not None and rig.neighbours.dropped == 4)
        assert rig.neighbours.near() == []
    told = seal_gossip(gossip, campus.terminal_key, Sender(9, b"r" * 16, 0))
    ears = Neighbours(NeighbourParts(17, rig.holdings, rig.clock, lambda: 5.0, print, place))
    for _ in range(int(FLOOD_AT_ONCE)):
        ears.take(b"XMG1 noise", "10.0.0.8")
    ears.take(told, "10.0.0.8")
    assert ears.near() == []  # a flood is not even looked at
    ears.take(told, "10.0.0.9")  # another address is still heard
    assert ears.near() == [9]


def test_another_voice_under_the_own_number_is_an_alarm(build: Build, campus: Campus) -> None:
    rig = build(17)
    assert rig.neighbours is not None
    assert rig.neighbours.status()["double"] is False
    said = Gossip(campus.at, 0, 0, facts=(Use(card(1), 1, campus.at // 15, has_paid=True),))
    rig.neighbours.take(seal_gossip(said, campus.terminal_key, Sender(17, b"o" * 16, 3)), "a")
    assert rig.neighbours.status()["double"] is True
    assert rig.scan(campus.code(1))["result"] == "approved"


def test_a_place_that_is_not_there_is_told_and_selling_goes_on(
    campus: Campus, standin: Standin, tmp_path: Path
) -> None:
    nowhere = Place("239.255.67.67", free_port(), "203.0.113.7")
    rig = Rig(standin.url, tmp_path / "home", campus.at, meeting=(17, nowhere))
    rig.sync()
    assert rig.neighbours is not None
    assert "cannot be opened" in str(rig.neighbours.status()["fault"])
    assert rig.scan(campus.code(1))["result"] == "approved"
    told = rig.terminal.health().readiness
    assert (told["neighbours"], told["neighbours_double"]) == (0, False)
    assert "cannot be opened" in str(told["neighbours_fault"])
    rig.close()


def test_neighbours_are_on_unless_switched_off() -> None:
    assert read_config(None, {"home": "x"}).neighbours is True
    told = vars(run_parser().parse_args(["--home", "x", "--no-neighbours"]))
    told.pop("config")
    assert read_config(None, told).neighbours is False


@pytest.mark.parametrize(
    "name,value",
    [
        ("neighbours", "yes"),
        ("neighbours_port", 1023),
        ("neighbours_port", "46767"),
        ("neighbours_address", "192.0.2.1"),
        ("neighbours_address", "canteen"),
        ("neighbours_interface", "eth0"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        read_config(None, {"home": "x", name: value})


def test_an_emergency_code_a_neighbour_took_meanwhile_is_named_as_such(
    build: Build, campus: Campus
) -> None:
    first, second = build(17), build(18)
    presented, _ = second.terminal._till.look(events.Look(campus.emergency(1), None, None))
    assert first.scan(campus.emergency(1))["result"] == "approved"
    assert second.neighbours is not None
    ears = second.neighbours.heard
    wait_for(lambda: ears.was_emergency_used(card(1), TODAY))
    verdict = second.terminal._till.decide_alone(presented)
    assert isinstance(verdict, Declined)
    assert verdict.reason is Refusal.EMERGENCY_USED


def test_an_emergency_code_pays_once_in_a_canteen(build: Build, campus: Campus) -> None:
    first, second = build(17), build(18)
    assert first.scan(campus.emergency(1))["result"] == "approved"
    assert second.neighbours is not None
    ears = second.neighbours.heard
    wait_for(lambda: ears.was_emergency_used(card(1), TODAY))
    assert second.scan(campus.emergency(1))["reason"] == "emergency_used"


# --------------------------------------------------------------------------- facts, without sockets


def tell(ears: Heard, counter: int, *facts: Use | OfflineSum | Piece, **said: int) -> bool:
    through, number = said.get("through", 0), said.get("number", 9)
    sender = Sender(number, said.get("run", 1).to_bytes(16, "big"), counter)
    gossip = Gossip(said.get("sent_at", 1000), through, said.get("denylist", 0), facts=facts)
    return ears.take(sender, gossip, 1000, TODAY)


def test_order_loss_and_repetition_change_nothing() -> None:
    orders = [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2), (2, 2, 3)]
    facts = {
        1: (OfflineSum(card(1), 4, 1, 100), 0),
        2: (OfflineSum(card(1), 7, 2, 250), 0),
        3: (OfflineSum(card(1), 7, 1, 150), 5),
    }
    for order in orders:
        ears = Heard(17)
        for counter, name in enumerate(order):
            fact, through = facts[name]
            tell(ears, counter, fact, through=through)
            tell(ears, counter, fact, through=through)
        assert ears.spent(card(1)) == (1, 150), order
        tell(ears, 10, through=7)
        assert ears.spent(card(1)) == (0, 0)
        tell(ears, 11, OfflineSum(card(1), 7, 2, 250), through=0)  # late: uploaded long ago
        assert ears.spent(card(1)) == (0, 0)


def test_nothing_is_heard_twice_or_from_another_time() -> None:
    ears = Heard(17)
    assert tell(ears, 70)
    assert not tell(ears, 70)
    assert tell(ears, 20)  # late, not repeated
    assert not tell(ears, 20)
    assert not tell(ears, 70 - heard.COUNTERS_KEPT)  # too late to know
    assert tell(ears, 0, run=2)
    assert not tell(ears, 99, run=3, sent_at=999)  # before its last restart
    far = heard.SENT_SECONDS_MAX + 1
    assert not tell(ears, 1, run=2, sent_at=1000 + far)
    assert not tell(ears, 1, number=17)  # oneself


def test_a_liar_can_only_refuse_and_only_for_now() -> None:
    ears = Heard(17)
    tell(ears, 1, Use(card(1), 1, 10**9), Use(card(2), 1, 1000 // 15 + 1))
    assert not ears.is_in_use(card(1), 1, 1000 // 15)
    assert ears.is_in_use(card(2), 1, 1000 // 15)
    tell(ears, 2, Use(card(3), 1, TODAY + 1, True, True), Use(card(4), 1, TODAY, False, True))
    assert not ears.was_emergency_used(card(3), TODAY)
    assert not ears.was_emergency_used(card(4), TODAY)
    tell(ears, 3, Use(card(4), 1, TODAY, True, True))
    assert ears.was_emergency_used(card(4), TODAY)


def test_memory_is_bounded_and_nobody_crowds_out_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "SUMS_MAX", 3)
    monkeypatch.setattr(heard, "USES_MAX", 3)
    ears = Heard(17)
    tell(ears, 0, OfflineSum(card(0), 1, 1, 5))
    for n in range(10):
        tell(ears, n, OfflineSum(card(n), 1, 1, 7), Use(card(n), 1, 66), number=8)
    assert [ears.spent(card(n))[1] for n in (0, 6, 7, 9)] == [5, 0, 7, 7]
    assert [ears.is_in_use(card(n), 1, 66) for n in (6, 7, 9)] == [False, True, True]
    for number in range(100, 100 + 2 * heard.NEIGHBOURS_MAX):
        tell(ears, 0, number=number)
    assert len(ears.near(1000)) == heard.NEIGHBOURS_MAX
    assert {8, 9} <= set(ears.near(1000))


def test_a_flood_from_one_address_leaves_the_others_alone() -> None:
    gate = FloodGate()
    heard_of = sum(gate.lets_in("a", 1.0) for _ in range(1000))
    assert heard_of == FLOOD_AT_ONCE
    assert gate.lets_in("b", 1.0)
    assert not gate.lets_in("a", 1.01)
    assert gate.lets_in("a", 1.1)


def test_two_threads_may_tell_and_ask() -> None:
    ears = Heard(17)
    stop = threading.Event()

    def talk() -> None:
        counter = 0
        while not stop.is_set():
            counter += 1
            tell(ears, counter, OfflineSum(card(counter % 30), counter, 1, 5), through=counter // 2)

    thread = threading.Thread(target=talk)
    thread.start()
    for _ in range(2000):
        ears.spent(card(1))
        ears.near(1000)
    stop.set()
    thread.join()
    assert ears.near(1000) == [9]
