"""One number for how ready a terminal is, and what it is made of."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr_terminals.readiness import (
    DEPTH_BAD,
    DEPTH_GOOD,
    DISK_BAD,
    DISK_GOOD,
    FAULTY,
    KEY_DAYS_GOOD,
    NO_READER,
    SYNC_SECONDS_GOOD,
    WALL_CLOCK,
    Condition,
    measure,
)
from tests.terminals.bench import Rig
from tests.terminals.standin import Standin

DAY = 86_400
GOOD = Condition(
    key_seconds=30 * DAY,
    has_rules=True,
    sync_seconds=5,
    was_synced=True,
    sync_seconds_bad=7 * DAY,
    clock="server",
    readers=1,
    readers_connected=1,
    depth=0,
    disk_bytes=4 * DISK_GOOD,
    faults=0,
    can_write=True,
)


def test_nothing_to_do_is_a_hundred() -> None:
    assert measure(GOOD).score == 100


@pytest.mark.parametrize(
    "change,part,worth",
    [
        ({"key_seconds": None}, "keys", 0),
        ({"key_seconds": -1}, "keys", 0),
        ({"key_seconds": KEY_DAYS_GOOD * DAY}, "keys", 100),
        ({"key_seconds": KEY_DAYS_GOOD * DAY // 2}, "keys", 50),
        ({"has_rules": False}, "rules", 0),
        ({"faults": 1}, "rules", FAULTY),
        ({"sync_seconds": SYNC_SECONDS_GOOD}, "denylist", 100),
        ({"sync_seconds": SYNC_SECONDS_GOOD + 1}, "denylist", 99),
        ({"sync_seconds": 7 * DAY - 1}, "denylist", 0),
        ({"clock": "wall"}, "clock", WALL_CLOCK),
        ({"clock": ""}, "clock", 0),
        ({"readers": 0, "readers_connected": 0}, "reader", NO_READER),
        ({"readers": 2}, "reader", 50),
        ({"readers_connected": 0}, "reader", 0),
        ({"depth": DEPTH_GOOD}, "journal", 100),
        ({"depth": DEPTH_BAD * 9}, "journal", 1),
        ({"can_write": False}, "journal", 0),
        ({"disk_bytes": DISK_BAD}, "disk", 0),
        ({"disk_bytes": DISK_GOOD - 1}, "disk", 99),
    ],
    ids=str,
)
def test_each_part_has_its_worth_and_the_worst_is_the_whole(
    change: dict[str, object], part: str, worth: int
) -> None:
    readiness = measure(dataclasses.replace(GOOD, **change))  # type: ignore[arg-type]
    assert readiness.parts[part] == worth
    assert readiness.score == worth
    assert worth == 100 or readiness.worst == part


@given(st.integers(-DAY, 40 * DAY), st.integers(0, 40 * DAY), st.integers(0, 10**6))
def test_every_part_is_a_whole_number_from_0_to_100(keys: int, sync: int, depth: int) -> None:
    condition = dataclasses.replace(GOOD, key_seconds=keys, sync_seconds=sync, depth=depth)
    assert all(0 <= worth <= 100 for worth in measure(condition).parts.values())


def test_the_heartbeat_carries_the_number_and_what_it_comes_from(
    rig: Rig, standin: Standin
) -> None:
    rig.sync()
    told = standin.heartbeats[-1]["heartbeat"]["readiness"]
    assert (told["score"], told["worst"]) == (NO_READER, "reader")
    rig.holdings.faults["rules.held"] = "torn"
    rig.sync()
    told = standin.heartbeats[-1]["heartbeat"]["readiness"]
    assert (told["score"], told["worst"]) == (FAULTY, "rules")
