"""How much a terminal alone is trusted: by the age of its sync, its lease, its clock."""

from __future__ import annotations

from campus_code import OfflineTier
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN, Campus
from tests.terminals.standin import Standin


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
