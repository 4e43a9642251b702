"""A door when something is wrong: a fire, a lockdown, a lock or a disk that fails, a theft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qr_terminals.errors import JournalError
from tests.terminals.campus import Campus
from tests.terminals.doors import FROZEN, HALL, DoorRig, hall_rules, open_door
from tests.terminals.standin import Standin


@pytest.fixture
def rig(standin: Standin, tmp_path: Path) -> Iterator[DoorRig]:
    """A door that has synced once."""
    with open_door(standin, tmp_path / "home") as rig:
        yield rig


def test_a_program_that_ends_leaves_no_door_open_but_in_an_emergency(
    rig: DoorRig, campus: Campus
) -> None:
    rig.door.rest()
    assert rig.moves == []
    rig.scan(campus.code(1))
    rig.door.rest()
    assert rig.moves == ["open", "shut"]
    rig.type("emergency on")
    rig.door.rest()
    assert rig.moves == ["open", "shut", "hold"]


def test_a_log_that_cannot_be_read_keeps_no_freeze_away(
    rig: DoorRig, standin: Standin, campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.publish("doors", 2, campus.doors_document(2, None, {2: FROZEN}, 1))
    monkeypatch.setattr(rig.log, "waiting", _no_disk)
    rig.sync()
    assert rig.scan(campus.code(2)) == "doors_frozen"


def test_an_emergency_opens_first_and_stays_through_everything(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    rig.type("emergency on")
    assert rig.moves == ["hold"]
    standin.is_revoked = True
    rig.sync()
    rig.scan(campus.code(1))
    rig.pass_(100)
    rig.restart()
    assert rig.moves == ["hold", "hold"]
    assert rig.door.state.is_emergency
    rig.type("emergency off")
    assert rig.moves[-1] == "shut"
    rig.restart()
    assert rig.moves[-1] == "shut"
    assert rig.kinds == ["emergency_began", "emergency_ended"]


def test_an_alarm_opens_and_only_a_person_shuts_after_it(rig: DoorRig) -> None:
    rig.alarm(is_alarm=True)
    rig.type("emergency off")
    assert rig.moves == ["hold"]
    assert rig.shown()[-1]["result"] == "alarm"
    rig.alarm(is_alarm=False)
    assert rig.moves == ["hold"]
    rig.type("emergency off")
    assert rig.moves == ["hold", "shut"]
    assert [event.word for event in rig.log.events()] == ["contact", "command"]


def test_an_emergency_needs_no_disk(rig: DoorRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.log, "append", _no_disk)
    rig.type("emergency on")
    assert rig.moves == ["hold"]
    assert rig.shown()[-1]["result"] == "emergency"


def test_without_a_disk_no_code_opens_and_then_it_goes_on(
    rig: DoorRig, campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(rig.log, "append", _no_disk)
        assert rig.scan(campus.code(1)) == "fault"
        rig.type("open")
        assert rig.moves == []
    rig.pass_(4)
    assert rig.scan(campus.code(1)) == "admitted"
    assert rig.moves == ["open"]


def _no_disk(*_: object) -> None:
    raise JournalError("磁盘满。", "The disk is full.")


def test_a_lockdown_keeps_people_out_and_lets_them_out(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    rig.type("lockdown on")
    rig.restart()
    assert rig.scan(campus.code(1)) == "lockdown"
    assert rig.scan(campus.code(1), "out") == "admitted"
    rescuers = hall_rules()
    zone = replace(rescuers.zones[HALL], lockdown_classes=(1,))
    rescuers = replace(rescuers, zones={HALL: zone})
    standin.publish("doors", 2, campus.doors_document(2, rescuers, {}))
    rig.sync()
    assert rig.scan(campus.code(2)) == "admitted"
    rig.type("emergency on")
    assert rig.moves[-1] == "hold"
    rig.type("emergency off")
    rig.type("lockdown off")
    assert rig.scan(campus.code(3)) == "admitted"


def test_a_person_opens_by_hand_and_it_is_written_down(rig: DoorRig) -> None:
    rig.type("open")
    assert rig.moves == ["open"]
    assert rig.kinds == ["released"]


def test_a_lock_that_does_not_obey_is_told_again_in_an_emergency(
    rig: DoorRig, campus: Campus
) -> None:
    rig.lock.is_broken = True
    assert rig.scan(campus.code(1)) == "fault"
    assert rig.kinds == ["admitted", "lock_fault"]
    rig.type("emergency on")
    rig.pass_(1.1)
    assert rig.kinds == ["admitted", "lock_fault", "emergency_began", "lock_fault"]
    rig.lock.is_broken = False
    rig.pass_(1.1)
    assert rig.moves == ["hold"]


def test_a_revoked_door_opens_to_no_code_and_to_every_emergency(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    standin.is_revoked = True
    rig.sync()
    rig.restart()
    assert rig.scan(campus.code(1)) == "revoked"
    rig.type("emergency on")
    assert rig.moves[-1] == "hold"
    rig.type("emergency off")
    standin.is_revoked = False
    rig.sync()
    assert rig.scan(campus.code(1)) == "admitted"
