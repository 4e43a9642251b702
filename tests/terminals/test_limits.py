"""What guardians limit reaches a terminal, holds without the server, and outlives a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from campus_code import DocumentError, DocumentFault, HolderLimits
from qr_terminals.holdings import Holdings
from qr_terminals.journal import Journal
from qr_terminals.keys import make_keys
from qr_terminals.memory import Memory, remember
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED, FIXED_FEN, FREE, Campus, card
from tests.terminals.standin import Standin
from tests.terminals.tills import payment, reversal

CAMPUS = Campus()
NOT_AT_ALL = HolderLimits(kinds={"shop": 0})
DAY = HolderLimits(day_fen=2 * FIXED_FEN)


@pytest.fixture
def build(tmp_path: Path) -> Callable[[], Holdings]:
    keys = make_keys(tmp_path)
    return lambda: Holdings(tmp_path, keys, CAMPUS.server_key.public_key())


def test_limits_and_changes_of_them_are_there_after_a_restart(
    build: Callable[[], Holdings],
) -> None:
    holdings = build()
    holdings.take(CAMPUS.limits_document(3, {1: NOT_AT_ALL, 2: DAY}))
    holdings.take(CAMPUS.limits_document(4, {2: None, 5: DAY}, base=3))
    for now in (holdings.now, build().now):
        assert dict(now.limits) == {card(1): NOT_AT_ALL, card(5): DAY}
        assert now.versions["limits"] == 4
    assert build().faults == {}


def test_forged_torn_and_older_limits_change_nothing(build: Callable[[], Holdings]) -> None:
    holdings = build()
    holdings.take(CAMPUS.limits_document(5, {1: NOT_AT_ALL}))
    other = Campus(server_key=Ed25519PrivateKey.generate())
    good = CAMPUS.limits_document(6, {})
    for raw, why in (
        (other.limits_document(6, {}), DocumentFault.UNKNOWN_SIGNER),
        (good[:40] + bytes((good[40] ^ 1,)) + good[41:], DocumentFault.BAD_SIGNATURE),
        (good[:-1], DocumentFault.MALFORMED),
        (CAMPUS.limits_document(5, {}), DocumentFault.STALE_VERSION),
        (CAMPUS.limits_document(4, {}), DocumentFault.STALE_VERSION),
        (CAMPUS.limits_document(7, {1: None}, base=6), DocumentFault.WRONG_BASE),
    ):
        with pytest.raises(DocumentError) as refused:
            holdings.take(raw)
        assert refused.value.why is why
        holdings.refuse(raw, refused.value)
    assert dict(holdings.now.limits) == dict(build().now.limits) == {card(1): NOT_AT_ALL}
    assert holdings.versions()["limits"] == 0  # asked for whole: changes of another list came
    holdings.take(CAMPUS.limits_document(8, {}))
    assert (len(holdings.now.limits), holdings.versions()["limits"]) == (0, 8)


def test_a_changed_file_is_no_limits_and_the_next_sync_brings_them(
    build: Callable[[], Holdings], tmp_path: Path
) -> None:
    build().take(CAMPUS.limits_document(5, {1: NOT_AT_ALL}))
    held = tmp_path / "limits.held"
    held.write_bytes(held.read_bytes()[:-1])
    again = build()
    assert again.versions()["limits"] == 0
    assert "limits.held" in again.faults
    again.take(CAMPUS.limits_document(5, {1: NOT_AT_ALL}))
    assert dict(build().now.limits) == {card(1): NOT_AT_ALL}


def test_without_the_server_the_limits_hold_also_after_a_restart(
    rig: Rig, standin: Standin
) -> None:
    standin.publish("limits", 3, standin.campus.limits_document(3, {1: NOT_AT_ALL}))
    rig.sync()
    standin.is_down = True
    for _ in range(2):
        refused = rig.scan(standin.campus.code(1, int(rig.clocks.at)))
        assert (refused["result"], refused["reason"]) == ("refused", "guardian_kind_limit")
        passed = rig.scan(standin.campus.code(2, int(rig.clocks.at)))
        assert (passed["result"], passed["online"]) == ("approved", False)
        rig.clocks.pass_(30)
        rig.restart()
    assert standin.charged() == {}


def test_a_day_holds_what_the_terminal_saw_itself_online_too(rig: Rig, standin: Standin) -> None:
    standin.publish("limits", 3, standin.campus.limits_document(3, {1: DAY}))
    rig.sync()
    results = []
    for turn in range(3):
        standin.is_down = turn > 0
        shown = rig.scan(standin.campus.code(1, int(rig.clocks.at)))
        results.append((shown["result"], shown.get("reason", "")))
        rig.clocks.pass_(60)
    assert results == [("approved", ""), ("approved", ""), ("refused", "guardian_day_limit")]


def test_lifted_limits_are_gone(rig: Rig, standin: Standin) -> None:
    standin.publish("limits", 3, standin.campus.limits_document(3, {1: NOT_AT_ALL}))
    rig.sync()
    standin.publish("limits", 4, standin.campus.limits_document(4, {1: None}, base=3))
    rig.sync()
    assert standin.heartbeats[-1]["versions"]["limits"] == 3
    standin.is_down = True
    assert rig.scan(standin.campus.code(1, int(rig.clocks.at)))["result"] == "approved"


def test_each_group_and_day_counts_for_itself(tmp_path: Path) -> None:
    one = card(1)
    steps = (
        (replace(payment(1, number=1), group_id=FREE), (1, 0, 0)),
        (payment(2, number=1, step_ahead=1), (1, 1, 0)),
        (replace(payment(3, number=1, step_ahead=2), group_id=FREE), (2, 1, 0)),
        (payment(4, number=2), (2, 1, 0)),
        (reversal(5, reverses=3), (1, 1, 0)),
        (replace(payment(6, number=1, step_ahead=3), business_on=20260102), (1, 0, 1)),
        (reversal(7, reverses=2), (1, 0, 1)),  # of the day before
    )
    asked = ((FREE, 20260101), (FIXED, 20260101), (FIXED, 20260102))
    memory, journal = Memory(), Journal(tmp_path / "journal.sqlite3")
    for record, times in steps:
        memory.learn(record)
        journal.append(record)
        spent = [memory.spent_in(one, group_id, on) for group_id, on in asked]
        assert spent == [FIXED_FEN * count for count in times]
    assert remember(journal).groups == memory.groups
    journal.close()
