"""When the server is asked, how long it is waited for, and when it is left alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qr_terminals.asking import FAILURES_MAX, PAUSE_SECONDS, Circuit
from tests.terminals.bench import Rig
from tests.terminals.campus import Campus


def count_questions(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sequences the server is asked about from now on."""
    asked: list[int] = []
    asker, ask = rig.terminal._asker, rig.terminal._asker.ask

    def counting(sequence: int, body: Mapping[str, object], deadline_seconds: float) -> None:
        asked.append(sequence)
        ask(sequence, body, deadline_seconds)

    monkeypatch.setattr(asker, "ask", counting)
    return asked


def test_a_server_that_still_owes_an_answer_is_not_asked_again(
    rig: Rig, campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = count_questions(rig, monkeypatch)
    rig.terminal._asker._is_busy.set()  # an answer that drips in, byte by byte
    assert rig.scan(campus.code(1))["online"] is False
    assert asked == []


def test_the_deadline_holds_even_when_nothing_ever_comes_back(
    rig: Rig, campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig.terminal._asker, "ask", lambda *_: None)
    before = rig.clocks.boot
    assert rig.scan(campus.code(1))["online"] is False
    assert 0.4 <= rig.clocks.boot - before < 0.6


def test_a_dead_network_is_asked_three_times_then_left_alone(
    offline_rig: Rig, campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = offline_rig
    asked = count_questions(rig, monkeypatch)
    for number in range(6):
        assert rig.scan(campus.code(number))["result"] == "approved"
    assert asked == [1, 2, 3]
    till = rig.terminal._till
    assert not till.circuit.may_ask(rig.clocks.boot)
    assert rig.journal._read("SELECT count(*) FROM attempt")[0][0] == 0
    rig.clocks.pass_(21)
    assert till.circuit.may_ask(rig.clocks.boot)


def test_a_sync_ends_a_pause_once_and_an_answer_begins_anew() -> None:
    """A database that is too slow for taps is fast enough for syncs: the queue must not wait."""
    circuit = Circuit()
    for _ in range(FAILURES_MAX):
        assert circuit.may_ask(10.0)
        circuit = circuit.after_sync().after_failure(10.0)
    assert not circuit.may_ask(10.0), "a sync between them forgot failures"
    circuit = circuit.after_sync()
    assert circuit.may_ask(10.0), "the network is back"
    circuit = circuit.after_failure(11.0).after_sync()
    assert not circuit.may_ask(12.0), "it was not the network"
    assert circuit.may_ask(11.0 + PAUSE_SECONDS)
