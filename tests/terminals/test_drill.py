"""An outage on order: the terminal is alone, reports, comes back by itself or when it is called."""

from __future__ import annotations

from qr_terminals.drill import DRILL_SECONDS_MAX, Drill, DrillOrder
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, Campus
from tests.terminals.standin import Standin


def test_a_drill_cuts_payments_and_uploads_and_is_rolled_back(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.drill = {"id": 5, "seconds": 600}
    rig.sync()
    shown = rig.scan(campus.code(1))
    assert (shown["result"], shown["online"]) == ("approved", False)
    assert standin.asked == []
    rig.scan(campus.code(1))
    rig.clocks.pass_(4)
    rig.scan(campus.code(1))
    rig.sync()
    assert standin.records == {}
    assert rig.terminal._till.memory.spent_offline(campus_card()).payments == 1  # no budget anew
    told = standin.heartbeats[-1]["heartbeat"]["readiness"]
    assert (told["drill"], told["drill_payments"], told["drill_fen"]) == (5, 1, FIXED_FEN)
    assert told["drill_refusals"] == 1
    standin.drill = None
    rig.sync()
    rig.sync()
    assert list(standin.records) == [1]
    assert rig.scan(campus.code(2))["online"] is True
    rig.sync()
    told = standin.heartbeats[-1]["heartbeat"]["readiness"]
    assert told["drill_payments"] == 1  # the report stands, and counts nothing after the end


def campus_card() -> str:
    return Campus().code(1)[3:11]


def test_a_drill_ends_by_itself_when_nobody_calls_it_off(
    rig: Rig, campus: Campus, standin: Standin
) -> None:
    standin.drill = {"id": 5, "seconds": 100}
    rig.sync()
    standin.is_down = True
    rig.clocks.pass_(99)
    assert rig.terminal.health().is_drilled
    rig.clocks.pass_(1)
    assert not rig.terminal.health().is_drilled
    standin.is_down = False
    campus.at += 100
    assert rig.scan(campus.code(1))["online"] is True


def test_being_told_again_never_makes_a_drill_longer() -> None:
    drill = Drill().heard(DrillOrder(5, 100), 0.0)
    assert drill.heard(DrillOrder(5, 100), 50.0).until == 100.0
    assert drill.heard(DrillOrder(5, 10), 50.0).until == 60.0
    assert drill.heard(None, 50.0).until == 50.0
    assert drill.heard(None, 50.0).heard(DrillOrder(5, 100), 51.0).until == 50.0
    assert Drill().heard(DrillOrder(6, 10**9), 0.0).until == DRILL_SECONDS_MAX
    assert drill.heard(DrillOrder(6, 100), 200.0).until == 300.0


def test_the_longest_decision_is_told_and_no_number_is_too_large_for_a_heartbeat() -> None:
    drill = Drill(5, 9.0).paid(1250, 0.25).paid(100, 0.004).refused()
    told = drill.readiness()
    assert (told["drill_milliseconds"], told["drill_fen"], told["drill_refusals"]) == (250, 1350, 1)
    assert Drill(5, 9.0).paid(10**12, 10**9).readiness()["drill_fen"] == 2**31 - 1
    assert Drill().readiness() == {}
