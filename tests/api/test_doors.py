"""Doors over real HTTP: rules, grants, freezes of doors alone, events, and who may read them."""

from __future__ import annotations

import pytest

from backend.domain.access import Role
from backend.domain.door import PASSAGES_KEPT_SECONDS
from backend.tables.door import DoorConflictRow, DoorEventRow
from backend.tables.staff import AuditRow
from backend.usecases.doors.expire_passages import expire_passages
from campus_code import DoorCard, DoorEvent, DoorEventKind, issue_code
from tests.rig.device import Device
from tests.rig.doors import (
    DORMITORY,
    LIBRARY,
    chain_of,
    door_rules,
    passage,
    publication,
    uploaded,
)
from tests.rig.office import Office, Student
from tests.rig.tills import refused, terminal

EVENTS = "/terminal/door_events"


async def door(office: Office) -> tuple[Device, dict[str, str]]:
    """A terminal that is a door by published rules, and the admin who published them."""
    device, admin = await terminal(office, "图书馆大门"), await office.staff(Role.ADMIN)
    body = publication(door_rules(device.terminal_id))
    answer = await office.http.post("/admin/doors", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    await device.sync(office.http, office.at)
    return device, admin


def code_of(student: Student, at: int) -> str:
    return issue_code(student.secrets[0], at)


async def test_rules_are_published_read_and_not_overwritten(office: Office) -> None:
    device, admin = await door(office)
    told = (await office.http.get("/admin/doors", headers=admin)).json()
    assert told["rules"] == publication(door_rules(device.terminal_id))["rules"]
    assert device.doors.rules == door_rules(device.terminal_id)
    again = publication(door_rules(device.terminal_id))
    refused(await office.http.post("/admin/doors", json=again, headers=admin), 409, "doors_changed")
    again["after"] = told["version"]
    assert (await office.http.post("/admin/doors", json=again, headers=admin)).status_code == 201
    assert await AuditRow.filter(verb="doors.publish").count() == 2


@pytest.mark.parametrize("wrong", ["no_terminal", "no_class", "other_offset", "no_zone", "field"])
async def test_rules_that_cannot_be_are_refused_by_name(office: Office, wrong: str) -> None:
    device, admin = await terminal(office), await office.staff(Role.ADMIN)
    body = publication(door_rules(device.terminal_id))
    rules = body["rules"]
    if wrong == "no_terminal":
        body = publication(door_rules(device.terminal_id + 1))
    elif wrong == "no_class":
        rules["zones"]["1"]["openings"][0]["classes"] = [99]
    elif wrong == "other_offset":
        rules["utc_offset_seconds"] = 0
    elif wrong == "no_zone":
        rules["doors"][str(device.terminal_id)]["zone"] = 9
    else:
        rules["colour"] = "red"
    answer = await office.http.post("/admin/doors", json=body, headers=admin)
    refused(answer, 400, "invalid_input")
    named = {
        "no_terminal": f"doors.{device.terminal_id + 1}",
        "no_class": "zones.1",
        "other_offset": "utc_offset_seconds",
        "no_zone": f"doors.{device.terminal_id}.zone",
        "field": "colour",
    }
    assert answer.json()["evidence"]["field"] == named[wrong]


async def test_a_till_is_not_told_who_may_enter_where(office: Office) -> None:
    _, admin = await door(office)
    till = await terminal(office, "面食")
    body = await till.sync(office.http, office.at)
    assert 8 not in [one["kind"] for one in body["documents"]]
    told = (await office.http.get("/admin/terminals", headers=admin)).json()
    held = {one["terminal_id"]: one["versions"]["doors"] for one in told["terminals"]}
    assert held[till.terminal_id] == 0
    older = till.report(office.at)
    del older["versions"]["doors"]
    answer = await till.post(office.http, "/terminal/sync", older)
    assert answer.status_code == 200


async def test_what_is_a_door_no_more_is_told_so(office: Office) -> None:
    device, admin = await door(office)
    version = device.doors.version
    body = publication(door_rules(), after=version)
    assert (await office.http.post("/admin/doors", json=body, headers=admin)).status_code == 201
    await device.sync(office.http, office.at)
    assert device.doors.rules is not None
    assert device.doors.rules.doors == {}


async def test_a_freeze_of_doors_is_told_to_doors_and_of_money_to_tills(office: Office) -> None:
    device, _ = await door(office)
    one, other = await office.student(), await office.student()
    await office.http.post("/student/freezes", json={"parts": ["doors"]}, headers=one.headers)
    await office.http.post("/student/freezes", json={"parts": ["money"]}, headers=other.headers)
    body = await device.sync(office.http, office.at)
    assert [document["kind"] for document in body["documents"]] == [2, 1, 8]
    assert device.doors.card(one.card_number).is_frozen
    assert not device.doors.card(other.card_number).is_frozen
    assert device.denylist.state_of(one.card_number, one.secrets[0].issue) is None
    assert device.denylist.state_of(other.card_number, other.secrets[0].issue) is not None
    office.clock.now += 60
    await office.http.delete("/student/freezes", headers=one.headers)
    await device.sync(office.http, office.at)
    assert dict(device.doors) == {}


async def test_how_many_doors_know_of_a_freeze_is_shown(office: Office) -> None:
    device, _ = await door(office)
    student = await office.student()
    await office.http.post("/student/freezes", json={"parts": ["doors"]}, headers=student.headers)
    told = (await office.http.get("/student/freezes", headers=student.headers)).json()
    assert (told["known_by"], told["terminals"]) == (0, 1)
    await device.sync(office.http, office.at)  # it takes the list
    await device.sync(office.http, office.at)  # and says that it has it
    told = (await office.http.get("/student/freezes", headers=student.headers)).json()
    assert (told["known_by"], told["terminals"]) == (1, 1)


async def test_a_granted_zone_goes_with_the_holder_to_a_new_card(office: Office) -> None:
    device, admin = await door(office)
    student = await office.student()
    path = f"/staff/cardholders/{student.holder_id}/zones"
    grants = {"grants": [{"zone": DORMITORY, "until": office.at + 60}]}
    answer = await office.http.put(path, json=grants, headers=admin)
    assert answer.json() == grants
    assert (await office.http.get(path, headers=admin)).json() == grants
    await device.sync(office.http, office.at)
    granted = DoorCard(grants={DORMITORY: office.at + 60})
    assert dict(device.doors) == {student.card_number: granted}
    replaced = await office.http.post(f"/staff/cards/{student.card_id}/replacements", headers=admin)
    assert replaced.status_code == 201
    await device.sync(office.http, office.at)
    assert dict(device.doors) == {replaced.json()["card_number"]: granted}
    more = await office.card(student.holder_id)
    await device.sync(office.http, office.at)
    assert device.doors.card(more.number) == granted
    fresh = Device(device.signing, device.sealing, device.terminal_id, device.server_key)
    fresh.session, fresh.session_key = device.session, device.session_key
    await fresh.sync(office.http, office.at)
    assert dict(fresh.doors) == dict(device.doors)  # the whole list is what the changes came to
    await office.http.put(path, json={"grants": []}, headers=admin)
    await device.sync(office.http, office.at)
    assert dict(device.doors) == {}
    # with the trail that the holder reads
    rows = await AuditRow.filter(subject=f"cardholder:{student.holder_id}").order_by("id")
    assert [row.verb for row in rows] == ["doors.grant", "doors.look_up", "doors.grant"]


async def test_grants_are_of_known_zones_each_once_and_keep_the_zone(office: Office) -> None:
    device, admin = await door(office)
    holder = await office.holder()
    path = f"/staff/cardholders/{holder.id}/zones"
    for grants in ([{"zone": 9, "until": 0}], [{"zone": 1, "until": 0}] * 2):
        answer = await office.http.put(path, json={"grants": grants}, headers=admin)
        refused(answer, 400, "invalid_input")
    refused(
        await office.http.put("/staff/cardholders/9999/zones", json={"grants": []}, headers=admin),
        404,
        "unknown_cardholder",
    )
    kept = {"grants": [{"zone": DORMITORY, "until": 0}]}
    assert (await office.http.put(path, json=kept, headers=admin)).status_code == 200
    body = publication(door_rules(device.terminal_id), after=device.doors.version)
    del body["rules"]["zones"][str(DORMITORY)]
    refused(await office.http.post("/admin/doors", json=body, headers=admin), 409, "still_in_use")


async def test_events_are_taken_once_and_conflicts_kept_whole(office: Office) -> None:
    device, _ = await door(office)
    student = await office.student()
    code = code_of(student, office.at)
    events = [
        passage(1, code, office.at),
        DoorEvent(2, DoorEventKind.RELEASED, office.at, "command"),
    ]
    answer = await device.post(office.http, EVENTS, uploaded(*events))
    assert answer.json() == {"confirmed_through": 2, "last_hash": chain_of(*events).hex()}
    again = await device.post(office.http, EVENTS, uploaded(*events))
    assert again.json() == answer.json()
    assert await DoorEventRow.all().count() == 2
    other = DoorEvent(2, DoorEventKind.RELEASED, office.at + 1, "command")
    for _ in range(2):
        told = await device.post(office.http, EVENTS, uploaded(events[0], other))
        assert told.json() == answer.json()
    (conflict,) = await DoorConflictRow.all()
    assert conflict.body == other.to_bytes().decode()
    nothing = await device.post(office.http, EVENTS, uploaded())
    assert nothing.json() == answer.json()
    assert await AuditRow.filter(verb="doors.chain_broken").count() == 0


async def test_a_gap_and_another_chain_are_noted_and_hold_nothing_up(office: Office) -> None:
    device, _ = await door(office)
    event = DoorEvent(5, DoorEventKind.RELEASED, office.at, "command")
    answer = await device.post(office.http, EVENTS, uploaded(event, hash_before=b"x" * 32))
    assert answer.json()["confirmed_through"] == 5
    other = DoorEvent(6, DoorEventKind.RELEASED, office.at, "command")
    answer = await device.post(office.http, EVENTS, uploaded(other))
    assert answer.json()["confirmed_through"] == 6
    verbs = [row.verb for row in await AuditRow.filter(verb__startswith="doors.").order_by("id")]
    assert verbs == ["doors.publish", "doors.gap", "doors.chain_broken"]


async def test_events_of_another_form_are_refused_by_place(office: Office) -> None:
    device, _ = await door(office)
    good = uploaded(DoorEvent(1, DoorEventKind.RELEASED, office.at, "command"))
    for wrong, field in (
        ({**good, "events": ["[]"]}, "events.0"),
        ({**good, "first_sequence": 2}, "events.0"),
        ({**good, "hash_before": "00"}, "hash_before"),
        ({**good, "events": good["events"] * 501}, "events"),
    ):
        answer = await device.post(office.http, EVENTS, wrong)
        refused(answer, 400, "invalid_input")
        assert answer.json()["evidence"]["field"] == field


async def test_a_code_that_no_phone_issued_is_seen_at_upload(office: Office) -> None:
    device, admin = await door(office)
    student = await office.student()
    code = code_of(student, office.at)
    forged = code[:25] + f"{(int(code[25:]) + 1) % 10**9:09d}"
    events = [passage(1, code, office.at), passage(2, forged, office.at)]
    events.append(passage(3, code, office.at, step=office.at // 15 + 1))
    await device.post(office.http, EVENTS, uploaded(*events))
    path = f"/admin/doors/{device.terminal_id}/events"
    told = (await office.http.post(path, json={"reason": "核查"}, headers=admin)).json()
    assert [line["fault"] for line in told["events"]] == ["wrong_code", "wrong_code", ""]
    assert {line["holder_id"] for line in told["events"]} == {student.holder_id}


async def test_a_holder_sees_his_passages_and_who_looked_at_them(office: Office) -> None:
    device, admin = await door(office)
    one, other = await office.student(), await office.student()
    events = [
        passage(1, code_of(one, office.at), office.at),
        passage(
            2,
            code_of(other, office.at),
            office.at,
            kind=DoorEventKind.REFUSED,
            word="doors_frozen",
        ),
    ]
    await device.post(office.http, EVENTS, uploaded(*events))
    told = (await office.http.get("/student/passages", headers=one.headers)).json()
    assert [line["door"] for line in told["passages"]] == ["图书馆大门"]
    assert told["kept_seconds"] == PASSAGES_KEPT_SECONDS
    theirs = (await office.http.get("/student/passages", headers=other.headers)).json()
    assert [(line["kind"], line["word"]) for line in theirs["passages"]] == [
        ("refused", "doors_frozen")
    ]
    path = f"/staff/cardholders/{one.holder_id}/passages"
    looked = await office.http.post(path, json={"reason": "找失物"}, headers=admin)
    assert [line["zone"] for line in looked.json()["passages"]] == [LIBRARY]
    await office.http.post(
        f"/admin/doors/{device.terminal_id}/events", json={"reason": "核查"}, headers=admin
    )
    for student, reasons in ((one, {"找失物", "核查"}), (other, {"核查"})):
        trail = (await office.http.get("/student/trail", headers=student.headers)).json()
        lines = [line for line in trail["trail"] if line["verb"] == "passages.look_up"]
        assert {line["reason"] for line in lines} == reasons
    refused(await office.http.post(path, json={"reason": ""}, headers=admin), 400, "invalid_input")


async def test_passages_are_read_in_pages(office: Office) -> None:
    device, _ = await door(office)
    student = await office.student()
    code = code_of(student, office.at)
    events = [passage(number, code, office.at) for number in range(1, 151)]
    await device.post(office.http, EVENTS, uploaded(*events))
    first = (await office.http.get("/student/passages", headers=student.headers)).json()
    rest = await office.http.get(
        f"/student/passages?before_id={first['next_before_id']}", headers=student.headers
    )
    assert (len(first["passages"]), len(rest.json()["passages"])) == (100, 50)
    assert rest.json()["next_before_id"] == 0


async def test_passages_end_with_their_time_whatever_the_door_s_clock_says(office: Office) -> None:
    device, _ = await door(office)
    student = await office.student()
    code = code_of(student, office.at)
    ahead = passage(2, code, office.at + 10 * PASSAGES_KEPT_SECONDS)
    await device.post(office.http, EVENTS, uploaded(passage(1, code, office.at), ahead))
    other = DoorEvent(1, DoorEventKind.RELEASED, office.at, "command")
    await device.post(office.http, EVENTS, uploaded(other))
    assert await expire_passages(office.at + PASSAGES_KEPT_SECONDS) == {
        "passages": 0,
        "door_conflicts": 0,
    }
    assert await expire_passages(office.at + PASSAGES_KEPT_SECONDS + 1) == {
        "passages": 2,
        "door_conflicts": 1,
    }
    # what is gone is not taken a second time, nor is it a conflict
    await device.post(office.http, EVENTS, uploaded(passage(1, code, office.at), ahead))
    assert await DoorEventRow.all().count() == await DoorConflictRow.all().count() == 0
