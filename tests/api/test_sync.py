"""What a terminal gets and tells at a sync; rules, epochs and health over real HTTP."""

from __future__ import annotations

import httpx
import pytest

from backend.domain.access import Role
from backend.tables.terminal import (
    RefusalCountRow,
    TerminalRow,
)
from backend.usecases.terminals.count_informed import LIVE_SECONDS, count_informed
from campus_code import CardState, RefusedError, issue_code, verify_code
from tests.rig.hall import build_hall, new_kiosk
from tests.rig.office import Office
from tests.rig.tills import refused, terminal

HOUR = 3600


async def test_a_sync_brings_what_is_new_and_nothing_else(office: Office) -> None:
    student = await office.student()
    device = await terminal(office)
    body = await device.sync(office.http, office.at)
    assert [one["kind"] for one in body["documents"]] == [3, 5, 2]
    assert device.rules is not None
    assert device.rules == office.parts.rules.bundle
    entry = device.directory.find(student.card_number)
    assert entry is not None
    assert (entry.issue, entry.state) == (student.secrets[0].issue, CardState.ACTIVE)
    assert (await device.sync(office.http, office.at))["documents"] == []

    await office.http.post("/student/freezes", json={"parts": ["money"]}, headers=student.headers)
    body = await device.sync(office.http, office.at)
    assert [one["kind"] for one in body["documents"]] == [2, 1]
    assert body["wake_version"] == device.denylist.version
    assert device.denylist.state_of(student.card_number, entry.issue) is CardState.FROZEN
    office.clock.now += 60  # a card is not found within a minute of being lost
    answer = await office.http.delete("/student/freezes", headers=student.headers)
    assert answer.status_code == 200, answer.text
    await device.sync(office.http, office.at)
    assert device.denylist.state_of(student.card_number, entry.issue) is None


async def test_the_keyring_verifies_codes_and_holds_no_issuer_key(office: Office) -> None:
    student = await office.student()
    device = await terminal(office)
    await device.sync(office.http, office.at)
    assert device.keyring is not None
    code = issue_code(student.secrets[0], office.at)
    verified = verify_code(code, device.keyring, office.at)
    assert verified.card_number == student.card_number
    held = {key.master for key in device.keyring.keys}
    assert held <= {key.master for key in office.parts.keyrings.terminal.keys}
    assert not held & {key.master for key in office.parts.keyrings.issuer.keys}


async def test_a_heartbeat_is_kept(office: Office) -> None:
    device = await terminal(office)
    refusals = {"20260101": {"expired": 3, "frozen": 1}}
    await device.sync(office.http, office.at - 90, journal_depth=12, refusals=refusals)
    await device.sync(office.http, office.at - 90, refusals={"20260101": {"expired": 5}})
    admin = await office.staff(Role.ADMIN)
    (shown,) = (await office.http.get("/admin/terminals", headers=admin)).json()["terminals"]
    assert shown["clock_skew_seconds"] == -90
    assert shown["versions"]["rules"] == 1
    assert shown["readiness"]["journal"] == "agrees"
    counts = {row.reason: row.count for row in await RefusalCountRow.all()}
    assert counts == {"expired": 5, "frozen": 1}


async def test_a_journal_that_was_set_back_is_noticed(office: Office) -> None:
    device = await terminal(office)
    await TerminalRow.all().update(journal_sequence=9, journal_hash="b" * 64)
    body = await device.sync(office.http, office.at, highest_sequence=8)
    assert body["confirmed_through"] == 9
    row = await TerminalRow.get(id=device.terminal_id)
    assert row.readiness["journal"] == "set_back"
    await device.sync(office.http, office.at, highest_sequence=9)
    row = await TerminalRow.get(id=device.terminal_id)
    assert row.readiness["journal"] == "differs"


@pytest.mark.parametrize(
    "field,value",
    [
        ("at", True),
        ("at", 1.5),
        ("at", "1"),
        ("journal_depth", -1),
        ("journal_hash", "x" * 64),
        ("refusals", {"2026-01-01": {"expired": 1}}),
        ("refusals", {"20260101": {"expired": True}}),
        ("refusals", {"20260101": {"Expired!": 1}}),
        ("readiness", {"reader": {"deep": 1}}),
        ("more", 1),
    ],
)
async def test_a_crooked_heartbeat_is_refused(office: Office, field: str, value: object) -> None:
    device = await terminal(office)
    report = device.report(office.at)
    report["heartbeat"][field] = value
    refused(await device.post(office.http, "/terminal/sync", report), 400, "invalid_input")


async def test_how_many_know_is_counted_from_what_they_hold(office: Office) -> None:
    student = await office.student()
    devices = [await terminal(office, name) for name in ("一号窗口", "二号窗口", "三号窗口")]
    for device in devices:
        await device.sync(office.http, office.at)
    await office.http.post("/student/freezes", json={"parts": ["money"]}, headers=student.headers)
    liar = devices[2]
    liar.versions["denylist"] = 500
    await liar.sync(office.http, office.at)
    liar.versions["denylist"] = 0
    await devices[0].sync(office.http, office.at)
    await devices[0].sync(office.http, office.at)  # reports what it holds since the last one
    rules = office.parts.rules.bundle
    informed = await count_informed(1, office.at, rules=rules)
    assert (informed.known_by, informed.terminals) == (2, 3)
    informed = await count_informed(
        2, office.at, rules=rules
    )  # nobody can know what has not been made
    assert (informed.known_by, informed.terminals) == (0, 3)
    informed = await count_informed(1, office.at + LIVE_SECONDS + 1, rules=rules)
    assert (informed.known_by, informed.terminals) == (0, 0)


async def test_a_kiosk_is_seen_and_is_none_of_those_that_must_know(office: Office) -> None:
    await build_hall(office)
    kiosk, till = await new_kiosk(office), await terminal(office)
    student = await office.student()
    await office.http.post("/student/freezes", json={"parts": ["money"]}, headers=student.headers)
    for device in (kiosk.device, till, till):
        await device.sync(office.http, office.at)
    row = await TerminalRow.get(id=kiosk.device.terminal_id)
    assert row.seen_at is not None
    told = await office.http.get("/student/freezes", headers=student.headers)
    assert (told.json()["known_by"], told.json()["terminals"]) == (1, 1)


async def test_after_a_rotation_new_codes_work_and_old_ones_end(office: Office) -> None:
    student = await office.student()
    device = await terminal(office)
    await device.sync(office.http, office.at)
    admin = await office.staff(Role.ADMIN)
    body = {"reason": "terminal stolen", "overlap_seconds": 3600}
    answer = await office.http.post("/admin/epochs/rotations", json=body, headers=admin)
    assert answer.status_code == 201
    await device.sync(office.http, office.at)
    assert device.keyring is not None
    old = student.secrets[0]
    fresh = (await office.http.get("/student/secrets", headers=student.headers)).json()
    assert fresh["secrets"][0]["epoch"] == answer.json()["epochs"][0]
    assert verify_code(issue_code(old, office.at), device.keyring, office.at).epoch == old.epoch
    late = office.at + 3600
    with pytest.raises(RefusedError):
        verify_code(issue_code(old, late), device.keyring, late)
    # the server itself can still tell an honest old code: its issuer half was never held by anyone
    verified = verify_code(issue_code(old, late), office.parts.keyrings.terminal, late)
    assert verified.epoch == old.epoch


# --------------------------------------------------------------------------- rules and epochs


async def test_rules_are_published_once_and_strictly(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    shown = (await office.http.get("/admin/rules", headers=admin)).json()
    bundle = shown["bundle"]

    async def publish(change: dict[str, object]) -> httpx.Response:
        return await office.http.post("/admin/rules", json={**bundle, **change}, headers=admin)

    refused(await publish({}), 409, "rules_changed")
    refused(await publish({"version": 3}), 409, "rules_changed")
    refused(await publish({"version": 2, "surprise": 1}), 400, "invalid_input")
    refused(await publish({"version": 2, "display_seconds": True}), 400, "invalid_input")
    answer = await publish({"version": 2, "display_seconds": 5})
    assert answer.status_code == 201
    assert office.parts.rules.bundle.display_seconds == 5
    device = await terminal(office)
    groups = {"bakery": {**bundle["groups"]["canteen"], "id": "bakery"}}
    refused(await publish({"version": 3, "groups": groups}), 409, "still_in_use")
    await device.sync(office.http, office.at)
    assert device.versions["rules"] == 2


async def test_health_says_what_stands_and_nothing_more(office: Office) -> None:
    body = (await office.http.get("/open/health")).json()
    assert body["database"] is True
    assert body["bus"] is True
    assert body["versions"]["rules"] == 1
    assert set(body) == {"database", "bus", "versions", "server_at"}
