"""Clocks turned by hours and years, and clocks nobody has set for a week (F10, F11, F12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campus_code import issue_code, phone_secrets
from campus_code.limits import AT_MAX
from qr_terminals.clock import DRIFT_MAX, JUMP_SECONDS_MAX, TrustedClock
from tests.terminals.attacks import ALONE
from tests.terminals.bench import Clocks, Rig
from tests.terminals.campus import NOON, Campus, card

HOUR = 3600
DAY = 86_400
YEAR = 365 * DAY
WEEK = 7 * DAY
MILLION = 1_000_000


def code_of_any_time(campus: Campus, at: int) -> str:
    """What a phone would show that cares for no epoch's bounds."""
    secrets = phone_secrets(campus.terminal_key, campus.issuer_key, card(2), 1)
    return issue_code(replace(secrets, valid_from=0, valid_until=AT_MAX), at)


@pytest.mark.parametrize("is_restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize(
    "turned_seconds",
    [-2 * HOUR, -10 * YEAR, 25 * HOUR, 400 * DAY],
    ids=["2h back", "10y back", "25h on", "400d on"],
)
def test_a_turned_clock_makes_no_other_code_good(
    offline_rig: Rig, campus: Campus, turned_seconds: int, *, is_restarted: bool
) -> None:
    """Somebody who turns the clock to the moment of an old, or a coming, code gains nothing."""
    rig = offline_rig
    rig.terminal._till.circuit = ALONE
    assert rig.scan(campus.code(1))["result"] == "approved"
    rig.clocks.at += turned_seconds
    if is_restarted:
        rig.restart()
        rig.terminal._till.circuit = ALONE
    rig.lines()
    rig.clocks.pass_(4)
    shown = rig.scan(code_of_any_time(campus, campus.at + turned_seconds))
    if shown:
        assert shown["result"] == "refused", shown
    else:  # its lease is over: it takes nothing at all until it hears the server
        assert rig.terminal.state.lock_view == "lease_over"
    assert rig.journal.sequence == 1


@pytest.mark.parametrize("ppm", [-100, -20, 20, 100])
def test_a_week_without_time_is_off_by_the_crystal_and_no_more(ppm: int) -> None:
    """20 ppm are 12 s in a week, within every window; the terminal adds nothing of its own."""
    clocks = Clocks(NOON)
    clock = TrustedClock(clocks.wall, clocks.read_boot)
    assert clock.set_server_time(NOON, clocks.boot)
    clocks.pass_(WEEK * (1 + ppm / MILLION))
    told = clock.now()
    assert told is not None
    assert abs(told - (NOON + WEEK)) <= WEEK * abs(ppm) / MILLION + 1


@pytest.mark.parametrize("sign", [-1, 1])
def test_two_clocks_that_drift_apart_are_not_believed(sign: int) -> None:
    clocks = Clocks(NOON)
    clock = TrustedClock(clocks.wall, clocks.read_boot)
    assert clock.set_server_time(NOON, clocks.boot)
    clocks.pass_(WEEK)
    assert clock.now() == NOON + WEEK
    clocks.at += sign * (JUMP_SECONDS_MAX + WEEK * DRIFT_MAX + 2)
    assert clock.now() is None
