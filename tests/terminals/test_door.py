"""A door: what opens it, what does not, and that nothing opens it before it is written down."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from campus_code import CardState, DoorEventKind, Zone
from qr_terminals.doors import door as door_module
from qr_terminals.doors.log import KEPT_SECONDS, LOG_FILE
from tests.terminals.campus import Campus, card
from tests.terminals.doors import FROZEN, HALL, DoorRig, hall_rules, open_door
from tests.terminals.standin import Standin


@pytest.fixture
def rig(standin: Standin, tmp_path: Path) -> Iterator[DoorRig]:
    """A door that has synced once."""
    with open_door(standin, tmp_path / "home") as rig:
        yield rig


def rules(rig: DoorRig, standin: Standin, **changes: object) -> None:
    version = rig.holdings.now.doors.version + 1
    standin.publish(
        "doors", version, standin.campus.doors_document(version, hall_rules(**changes), {})
    )
    rig.sync()


def test_a_code_opens_for_its_seconds_and_then_it_shuts(rig: DoorRig, campus: Campus) -> None:
    assert rig.scan(campus.code(1)) == "admitted"
    assert rig.lock.moves == [("open", 5)]
    rig.pass_(4.9)
    assert rig.moves == ["open"]
    rig.pass_(0.2)
    assert rig.moves == ["open", "shut"]
    (event,) = rig.log.events()
    assert (event.kind, event.card_number, event.side) == (DoorEventKind.ADMITTED, card(1), "in")
    assert (event.zone, event.doors_version, event.at) == (HALL, 1, campus.at)


def test_it_decides_without_a_network(rig: DoorRig, standin: Standin, campus: Campus) -> None:
    standin.is_down = True
    rig.pass_(86_400)
    later = campus.at + 86_400
    assert rig.scan(campus.code(1, later)) == "admitted"
    rig.sync()
    standin.is_down = False
    rig.sync()
    assert [event.at for event in standin.doors.told()] == [later]


def test_a_freeze_of_doors_refuses_and_one_of_money_does_not(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    standin.publish("denylist", 1, campus.denylist_document(1, [1]))
    standin.publish("doors", 2, campus.doors_document(2, None, {2: FROZEN}, 1))
    rig.sync()
    assert rig.scan(campus.code(1)) == "admitted"
    assert rig.scan(campus.code(2)) == "doors_frozen"
    standin.publish("denylist", 2, campus.denylist_document(2, [3], 1, CardState.LOST))
    rig.sync()
    assert rig.scan(campus.code(3)) == "lost"
    assert rig.moves == ["open"]


def test_a_freeze_is_still_known_after_a_restart(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    standin.publish("doors", 2, campus.doors_document(2, None, {2: FROZEN}, 1))
    rig.sync()
    standin.is_down = True
    rig.restart()
    assert rig.scan(campus.code(2)) == "doors_frozen"
    assert rig.scan(campus.code(1)) == "admitted"


def test_a_step_opens_one_side_once_through_restarts(rig: DoorRig, campus: Campus) -> None:
    code = campus.code(1)
    assert rig.scan(code) == "admitted"
    rig.pass_(5)
    rig.restart()
    assert rig.scan(code) == "already_used"
    assert rig.scan(code, "out") == "admitted"  # it is no other person who leaves with it
    assert rig.scan(code, "out") == "admitted"  # the same one in front of the reader
    assert rig.moves.count("open") == 2
    assert rig.kinds == ["admitted", "refused", "admitted"]


def test_what_does_not_verify_is_counted_and_never_written_down(
    rig: DoorRig, campus: Campus
) -> None:
    wrong = campus.code(1)[:24] + "0" + campus.code(1)[25:]
    assert rig.scan(wrong) == "wrong_code"
    assert rig.scan("hello there") == "unreadable"
    assert rig.scan(campus.code(1, campus.at - 600)) == "expired"
    assert rig.kinds == []
    counted = next(iter(rig.journal.refusals().values()))
    assert counted == {"wrong_code": 1, "unreadable": 1, "expired": 1}


def test_who_is_refused_though_known_is_written_down(rig: DoorRig, campus: Campus) -> None:
    assert rig.scan(campus.code(1, issue=2)) == "replaced_credential"
    assert rig.scan(campus.code(99)) == "unknown_card"
    words = [(event.kind.value, event.word) for event in rig.log.events()]
    assert words == [("refused", "replaced_credential"), ("refused", "unknown_card")]


def test_too_many_wrong_codes_close_the_reader_for_a_while(rig: DoorRig, campus: Campus) -> None:
    good = campus.code(1)
    for number in range(21):
        rig.scan(f"{good[:25]}{number:09d}"[:24] + f"{number:010d}")
    assert rig.scan(good) == "too_many_wrong_codes"


def test_an_emergency_code_opens_where_the_zone_takes_it(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    assert rig.scan(campus.emergency(1)) == "emergency_not_taken"
    taking = hall_rules()
    zone = replace(taking.zones[HALL], takes_emergency_codes=True)
    taking = replace(taking, zones={HALL: zone})
    standin.publish("doors", 2, campus.doors_document(2, taking, {}))
    rig.sync()
    assert rig.scan(campus.emergency(2)) == "admitted"
    rig.pass_(10)
    rig.restart()
    assert rig.scan(campus.emergency(2)) == "emergency_used"


def test_a_second_entry_is_refused_until_one_has_left(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    rules(rig, standin, passback="hard")
    assert rig.scan(campus.code(1)) == "admitted"
    rig.pass_(30)
    rig.restart()
    assert rig.scan(campus.code(1, campus.at + 30)) == "passback"
    assert rig.scan(campus.code(1, campus.at + 30), "out") == "admitted"
    rig.pass_(15)
    assert rig.scan(campus.code(1, campus.at + 45)) == "admitted"
    rig.pass_(15)
    assert rig.scan(campus.code(1, campus.at + 60)) == "passback"
    rig.type("reset")
    rig.pass_(15)
    assert rig.scan(campus.code(1, campus.at + 75)) == "admitted"
    assert "passback_reset" in rig.kinds


def test_a_soft_second_entry_is_let_in_and_flagged(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    rules(rig, standin, passback="soft")
    rig.scan(campus.code(1))
    rig.pass_(15)
    assert rig.scan(campus.code(1, campus.at + 15)) == "admitted"
    assert [event.is_passback for event in rig.log.events()] == [False, True]


def test_a_reset_forgets_who_is_inside_and_no_step(rig: DoorRig, campus: Campus) -> None:
    code = campus.code(1)
    rig.scan(code)
    rig.type("reset")
    rig.restart()
    assert rig.scan(code) == "already_used"


def test_a_terminal_that_is_no_door_opens_nothing(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    none = replace(hall_rules(), doors={})
    standin.publish("doors", 2, campus.doors_document(2, none, {}))
    rig.sync()
    assert rig.scan(campus.code(1)) == "not_a_door"


def test_a_door_that_heard_nothing_for_too_long_opens_to_no_code(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    rules(rig, standin, sync_age_seconds_max=3600)
    standin.is_down = True
    rig.pass_(3600)
    assert rig.scan(campus.code(1, campus.at + 3600)) == "admitted"
    rig.pass_(15)
    assert rig.scan(campus.code(2, campus.at + 3615)) == "door_stale"


def test_a_new_door_says_that_it_knows_nothing_yet(
    standin: Standin, tmp_path: Path, campus: Campus
) -> None:
    rig = DoorRig(standin.url, tmp_path / "home", campus.at)
    assert rig.scan(campus.code(1)) == "not_ready"
    rig.type("emergency on")
    assert rig.moves[-1] == "hold"
    rig.close()


def test_a_turned_clock_opens_nothing(rig: DoorRig, standin: Standin, campus: Campus) -> None:
    standin.is_down = True
    rig.scan(campus.code(1))
    rig.clocks.at -= 90_000
    rig.restart()
    assert rig.scan(campus.code(2, campus.at - 90_000)) == "clock_untrusted"


def test_events_go_up_in_sets_and_stay_until_they_were_confirmed(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    for number in range(5):
        rig.scan(campus.code(number))
    standin.refuses_uploads = True
    rig.sync()
    assert rig.log.depth() == 5
    standin.refuses_uploads = False
    rig.sync()
    assert (rig.log.depth(), standin.doors.through) == (0, 5)
    assert standin.doors.chain == rig.log.tip[1]
    rig.sync()
    assert rig.log.prune(campus.at + KEPT_SECONDS) == 0
    assert rig.log.prune(campus.at + KEPT_SECONDS + 1) == 5
    rig.restart()
    assert rig.scan(campus.code(1)) == "already_used"
    rig.sync()
    assert (standin.doors.through, standin.doors.chain) == (6, rig.log.tip[1])


def test_what_a_restored_server_lost_goes_up_again(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    for number in range(4):
        rig.scan(campus.code(number))
    rig.sync()
    standin.doors.forget(1)
    rig.sync()
    assert (standin.doors.through, standin.doors.chain) == (4, rig.log.tip[1])


def test_a_damaged_log_is_set_aside_and_the_door_goes_on(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    for number in range(3):
        rig.scan(campus.code(number))
    rig.close()
    with contextlib.closing(sqlite3.connect(rig.home / LOG_FILE)) as db, db:
        db.execute("UPDATE event SET chain = zeroblob(32) WHERE sequence = 2")
    rig.build()
    assert rig.log.was_set_aside
    assert (rig.home / f"{LOG_FILE}.broken1").exists()
    assert rig.kinds == ["admitted"]
    assert rig.scan(campus.code(5)) == "already_used"  # every step up to now
    rig.pass_(60)
    assert rig.scan(campus.code(5, campus.at + 60)) == "admitted"
    rig.sync()
    assert standin.doors.through >= 2


def test_a_file_that_is_no_log_is_set_aside(rig: DoorRig, campus: Campus) -> None:
    rig.close()
    (rig.home / LOG_FILE).write_bytes(b"no database at all" * 100)
    rig.build()
    assert rig.log.was_set_aside
    rig.pass_(60)
    assert rig.scan(campus.code(5, campus.at + 60)) == "admitted"


def test_a_new_device_goes_on_after_what_the_server_holds(
    rig: DoorRig, standin: Standin, campus: Campus
) -> None:
    for number in range(3):
        rig.scan(campus.code(number))
    rig.sync()
    rig.close()
    for path in rig.home.glob(f"{LOG_FILE}*"):
        path.unlink()
    rig.build()
    rig.scan(campus.code(9))
    rig.sync()  # its first event has a number the server knows with another content
    assert len(standin.doors.conflicts) == 1
    rig.scan(campus.code(10))
    rig.sync()
    assert standin.doors.through == 4
    assert standin.doors.told()[-1].card_number == card(10)


def test_refusals_beyond_the_bound_are_counted_only(
    rig: DoorRig, campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "REFUSALS_WAITING_MAX", 1)
    rig.scan(campus.code(1))
    rig.scan(campus.code(99))
    assert rig.kinds == ["admitted"]
    rig.scan(campus.code(2))
    assert rig.kinds == ["admitted", "admitted"]


def test_nothing_on_a_door_s_disk_names_a_person(rig: DoorRig, campus: Campus) -> None:
    rig.scan(campus.code(1))
    for path in rig.home.iterdir():
        raw = path.read_bytes()
        assert campus.terminal_key.master not in raw, path.name
        assert Zone("大厅", "Hall", ()).zh.encode() not in raw or path.name == "doors.held"


def test_status_says_how_the_door_is(rig: DoorRig) -> None:
    rig.type("status")
    status = next(line for line in rig.told() if line["event"] == "status")
    assert (status["zone"], status["fails"], status["lock"]) == (HALL, "safe", True)
    rig.type("nonsense")
    assert rig.shown()[-1]["result"] == "unreadable_line"
    assert rig.door.health().readiness["lock"] is True
