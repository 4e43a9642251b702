"""Clocks turned back, forward, and absent."""

from __future__ import annotations

from qr_terminals.clock import JUMP_SECONDS_MAX, SERVER_TIME_FRESH_SECONDS, TrustedClock
from tests.terminals.bench import Clocks, Rig
from tests.terminals.campus import NOON, Campus
from tests.terminals.standin import Standin


def clock_of(clocks: Clocks) -> TrustedClock:
    return TrustedClock(clocks.wall, clocks.read_boot)


def test_a_wall_clock_that_runs_with_boot_time_is_believed() -> None:
    clocks = Clocks(NOON)
    clock = clock_of(clocks)
    clocks.pass_(3600)
    assert clock.now() == NOON + 3600


def test_a_clock_turned_back_behind_a_record_is_not_believed_even_after_a_restart() -> None:
    clocks = Clocks(NOON - JUMP_SECONDS_MAX)
    clock = clock_of(clocks)
    clock.raise_mark(NOON)
    assert clock.now() == NOON - JUMP_SECONDS_MAX  # a little drift is no crime
    late = clock_of(Clocks(NOON - JUMP_SECONDS_MAX - 1))
    late.raise_mark(NOON)
    assert late.now() is None


def test_a_clock_behind_a_signed_document_is_not_believed() -> None:
    clock = clock_of(Clocks(NOON - 60))
    clock.raise_signed_mark(NOON)
    assert clock.now() is None


def test_a_jump_while_running_is_noticed_in_both_directions() -> None:
    for jump in (JUMP_SECONDS_MAX + 1, -JUMP_SECONDS_MAX - 1):
        clocks = Clocks(NOON)
        clock = clock_of(clocks)
        clocks.at += jump
        assert clock.now() is None
        clocks.at -= jump
        assert clock.now() == NOON


def test_a_clock_that_was_never_set_may_be_set_right() -> None:
    clocks = Clocks(0)
    clock = clock_of(clocks)
    assert clock.now() is None
    clocks.at = NOON
    assert clock.now() == NOON


def test_no_clock_at_all() -> None:
    def absent() -> float:
        raise OSError("no clock")

    clock = TrustedClock(absent, lambda: 1.0)
    assert clock.now() is None
    assert clock.set_server_time(NOON, 1.0)
    assert clock.now() == NOON


def test_fresh_server_time_counts_whatever_the_wall_clock_says() -> None:
    clocks = Clocks(0)
    clock = clock_of(clocks)
    assert clock.set_server_time(NOON, clocks.boot)
    clocks.boot += 100
    clocks.at = 5_000_000_000
    assert clock.now() == NOON + 100
    clocks.boot += SERVER_TIME_FRESH_SECONDS
    assert clock.now() is None  # too old to be used, good enough to see that the wall is wrong
    clocks.at = NOON + 103 + SERVER_TIME_FRESH_SECONDS
    assert clock.now() == clocks.at


def test_server_time_before_a_signed_document_is_not_believed() -> None:
    clock = clock_of(Clocks(NOON))
    clock.raise_signed_mark(NOON)
    assert not clock.set_server_time(NOON - JUMP_SECONDS_MAX - 1, 1000.0)
    assert clock.now() == NOON


def test_server_time_pulls_back_a_mark_that_a_fast_clock_left_in_the_future() -> None:
    clocks = Clocks(NOON)
    clock = clock_of(clocks)
    clock.raise_mark(NOON + 10**6)
    assert clock.now() is None
    clock.set_server_time(NOON, clocks.boot)
    assert clock.now() == NOON


def test_a_terminal_whose_clock_went_back_refuses_until_it_has_synced(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.is_down = True
    assert rig.scan(campus.code(1))["result"] == "approved"
    rig.clocks.at -= 3600
    rig.restart()
    rig.lines()
    old = campus.code(2, campus.at - 3600)
    assert rig.scan(old)["reason"] == "clock_untrusted"
    standin.is_down = False
    rig.sync()
    rig.clocks.pass_(4)
    assert rig.scan(old)["reason"] == "expired"
    assert rig.scan(campus.code(2))["result"] == "approved"


def test_a_clock_turned_while_the_server_is_asked_decides_nothing(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.hang_seconds = 1.5
    rig.reader.present(campus.code(1))
    rig.terminal.take(rig.inbox.get(timeout=1))
    rig.clock._server = None  # the last sync is too old to help
    rig.clocks.at -= 3600
    assert rig.settle()["reason"] == "clock_untrusted"
    rig.sync()
    assert standin.charged() == {}


def test_a_terminal_whose_clock_went_forward_over_a_restart_is_offline_too_long(
    offline_rig: Rig, campus: Campus
) -> None:
    rig = offline_rig
    rig.clocks.at += 5 * 86_400
    rig.restart()
    rig.lines()
    shown = rig.scan(campus.code(1, campus.at + 5 * 86_400))
    assert shown["reason"] == "offline_too_long"
