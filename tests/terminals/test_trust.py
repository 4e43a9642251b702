"""How much a terminal alone is trusted: by the age of its sync, its lease, its clock."""

from __future__ import annotations

import random

import pytest

from campus_code import OfflineTier
from campus_code.verify import DEFAULT_WINDOW
from qr_terminals.clock import JUMP_SECONDS_MAX, SERVER_TIME_FRESH_SECONDS, TrustedClock
from qr_terminals.crowd import (
    CORRECTION_SECONDS_MAX,
    CROWD_CARDS_KEPT,
    CROWD_CARDS_MIN,
    Crowd,
    step_offset,
)
from qr_terminals.lease import KEPT_EVERY_SECONDS
from tests.terminals.bench import Clocks, Rig
from tests.terminals.campus import FIXED_FEN, NOON, Campus
from tests.terminals.standin import Standin

DAY = 86_400
WEEK = 7 * DAY


def test_a_terminal_has_a_cap_of_its_own_which_a_restart_does_not_lift(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    campus.tiers = (OfflineTier(3600, 5000, 5, "fresh", terminal_fen_max=2 * FIXED_FEN),)
    standin.publish("rules", 2, campus.rules_document(2))
    rig.sync()
    standin.is_down = True
    assert [rig.scan(campus.code(n))["result"] for n in (1, 2)] == ["approved"] * 2
    refused = rig.scan(campus.code(3))
    assert refused["reason"] == "offline_limit"
    assert refused["evidence"]["limit"] == "terminal"
    rig.restart()
    assert rig.scan(campus.code(4))["evidence"]["limit"] == "terminal"
    rig.type("void")
    assert rig.scan(campus.code(5))["result"] == "approved"  # given back, so it may be spent
    standin.is_down = False
    rig.sync()
    standin.is_down = True
    assert rig.scan(campus.code(6))["result"] == "approved"


def test_the_word_for_the_age_of_the_sync_is_shown(
    offline_rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = offline_rig
    told = []
    for seconds in (0, 3601, 86_400):
        rig.clocks.pass_(seconds)
        told.append(rig.terminal.health().readiness["trust"])
    assert told == ["fresh", "old", "stop"]


# ------------------------------------------------------------------------------------ the lease


def ticked(rig: Rig) -> str:
    """What the screen shows after time has passed."""
    rig.terminal.tick()
    rig.settle()
    return rig.terminal.state.shown.shown_as


def lease_rig(rig: Rig, campus: Campus, standin: Standin) -> Rig:
    """Offline, with a tier that would allow a month: only the lease is in the way."""
    campus.tiers = (OfflineTier(30 * DAY, 5000, 5),)
    standin.publish("rules", 2, campus.rules_document(2))
    rig.sync()
    standin.is_down = True
    rig.lines()
    return rig


def test_a_week_without_a_sync_locks_and_a_sync_unlocks(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = lease_rig(rig, campus, standin)
    rig.clocks.pass_(WEEK)
    assert rig.scan(campus.code(1, campus.at + WEEK))["result"] == "approved"
    rig.clocks.pass_(2)
    assert ticked(rig) == "lease_over"
    assert rig.scan(campus.code(2, campus.at + WEEK + 2)) == {}  # nothing is even looked at
    rig.restart()
    assert ticked(rig) == "lease_over"
    assert rig.terminal.health().readiness["lease_over"] is True
    standin.is_down = False
    campus.at += WEEK + 120
    rig.sync()
    assert ticked(rig) == "waiting"
    assert rig.scan(campus.code(3))["result"] == "approved"


def test_a_clock_turned_back_at_every_start_gets_a_week_of_running_and_no_more(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = lease_rig(rig, campus, standin)
    approved = 0
    for turn in range(40):  # each morning the box is started with the clock of the last sync
        rig.clocks.at = campus.at
        rig.restart()
        rig.lines()
        if rig.scan(campus.code(turn, campus.at)).get("result") == "approved":
            approved += 1
        for _ in range(5 * 6):
            rig.clocks.pass_(KEPT_EVERY_SECONDS)
            rig.terminal.tick()
    assert rig.terminal.state.lock_view == "lease_over"
    assert approved == 34  # 33 mornings of five hours are a week, and the morning after


def test_an_older_disk_image_put_back_is_an_older_sync(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = lease_rig(rig, campus, standin)
    rig.scan(campus.code(1))
    image = {path.name: path.read_bytes() for path in rig.home.iterdir()}
    standin.is_down = False
    rig.sync()
    campus.at += WEEK + DAY
    rig.clocks.pass_(WEEK + DAY)
    rig.sync()
    assert ticked(rig) != "lease_over"
    rig.close()
    for path in rig.home.iterdir():
        path.unlink()
    for name, content in image.items():
        (rig.home / name).write_bytes(content)
    (rig.home / "device.keys").chmod(0o600)
    standin.is_down = True
    rig.build()
    assert ticked(rig) == "lease_over"


def test_a_revocation_heard_while_the_lease_is_over_is_kept(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    rig = lease_rig(rig, campus, standin)
    rig.clocks.pass_(WEEK + 1)
    assert ticked(rig) == "lease_over"
    standin.is_down = False
    standin.is_revoked = True
    rig.sync()
    assert ticked(rig) == "revoked"
    rig.restart()
    assert rig.journal.mark("revoked") == 1


# ------------------------------------------------------------------------------- the crowd clock


def phones(crowd: Crowd, offset: int, count: int, most: int = 60) -> Crowd:
    for n in range(count):
        crowd = crowd.after(f"{n:08d}", offset, most)
    return crowd


def test_the_median_of_many_cards_moves_the_clock_and_a_few_do_not() -> None:
    assert phones(Crowd(), 20, CROWD_CARDS_MIN - 1).correction_seconds == 0
    assert phones(Crowd(), 20, CROWD_CARDS_MIN).correction_seconds == 20
    one_card = Crowd()
    for _ in range(100):
        one_card = one_card.after("00000000", 20, 60)
    assert one_card.correction_seconds == 0  # one card however often is one
    liars = phones(Crowd(), 0, CROWD_CARDS_KEPT // 2 + 1)
    for n in range(CROWD_CARDS_KEPT // 2):
        liars = liars.after(f"9{n:07d}", -30, 60)
    assert liars.correction_seconds == 0


def test_the_correction_is_bounded_and_what_is_over_is_an_alarm() -> None:
    crowd = phones(Crowd(), -30, CROWD_CARDS_MIN, most=40)
    assert (crowd.correction_seconds, crowd.is_beyond) == (-30, False)
    crowd = phones(crowd, -30, CROWD_CARDS_MIN, most=40)
    assert (crowd.correction_seconds, crowd.is_beyond) == (-40, True)
    assert not phones(crowd, 0, CROWD_CARDS_MIN, most=40).is_beyond
    far = phones(phones(Crowd(), 60, CROWD_CARDS_MIN, 999), 60, CROWD_CARDS_MIN, 999)
    assert far.correction_seconds == CORRECTION_SECONDS_MAX


def test_an_offset_is_how_far_a_step_is_away() -> None:
    assert [step_offset(10, at) for at in (140, 149, 150, 164, 165, 175)] == [10, 1, 0, 0, 0, -10]


@pytest.mark.parametrize("ppm", [20, -20, 100, -100])
def test_a_week_of_drift_is_corrected_by_the_phones(ppm: int) -> None:
    chance = random.Random(ppm)
    clocks = Clocks(NOON)
    clock = TrustedClock(clocks.wall, clocks.read_boot)
    assert clock.set_server_time(NOON, clocks.boot)
    true, taken, tried, worst = float(NOON), 0, 0, 0.0
    while true < NOON + WEEK:
        passed = 300.0
        true += passed
        clocks.pass_(passed * (1 + ppm / 1_000_000))
        at = clock.now()
        assert at is not None
        step = int(true - chance.uniform(0, 6)) // 15  # shown some seconds before it is read
        offset = step_offset(step, at)
        tried += 1
        is_taken = -DEFAULT_WINDOW.late_seconds <= offset <= DEFAULT_WINDOW.early_seconds
        if is_taken:
            taken += 1
            clock.hear_step(f"{tried % 500:08d}", step, at)
        worst = max(worst, abs(at - true))
    assert taken / tried > 0.99
    assert worst <= 20
    assert clock.crowd()[1] is False


def test_codes_brought_late_on_purpose_move_it_no_further_than_a_crystal_could(
    campus: Campus,
) -> None:
    clocks = Clocks(NOON)
    clock = TrustedClock(clocks.wall, clocks.read_boot)
    assert clock.set_server_time(NOON, clocks.boot)
    clocks.pass_(SERVER_TIME_FRESH_SECONDS + 1)
    for n in range(500):  # each as late as is taken at all
        at = clock.now()
        assert at is not None
        clock.hear_step(f"{n:08d}", (at - 45) // 15 + 1, at)
    correction, is_beyond = clock.crowd()
    assert (correction, is_beyond) == (-JUMP_SECONDS_MAX - 4, True)  # six hours at 200 ppm
    clock.raise_mark(int(clocks.at))
    assert clock.now() is None  # and behind what has been recorded it is not believed at all
    assert clock.set_server_time(int(clocks.at), clocks.boot)
    assert clock.crowd() == (0, False)
    for n in range(50):
        clock.hear_step(f"{n:08d}", int(clocks.at) // 15 - 2, int(clocks.at))
    assert clock.crowd() == (0, False)  # the server's time is fresh: nobody is asked


def test_a_crowd_that_wants_more_is_shown(offline_rig: Rig, campus: Campus) -> None:
    rig = offline_rig
    rig.clocks.pass_(SERVER_TIME_FRESH_SECONDS + 1)
    for n in range(CROWD_CARDS_MIN):
        rig.clock.hear_step(f"{n:08d}", rig.clock.rough() // 15 + 2, rig.clock.rough())
    rig.terminal.tick()
    rig.terminal.tick()
    lines = [line for line in rig.lines() if line["event"] == "clock_beyond"]
    assert len(lines) == 1
    assert rig.terminal.health().readiness["crowd_beyond"] is True
