"""A device's life over real HTTP: it enrols, opens sessions, signs requests, syncs, is revoked."""

from __future__ import annotations

import asyncio
import base64
import io

import pytest
import zxingcpp
from PIL import Image

from backend.api.limits import Bucket
from backend.domain.access import Role
from backend.domain.times import utc
from backend.tables.merchant import MerchantRow
from backend.tables.staff import AuditRow
from backend.tables.terminal import (
    EnrolmentRow,
    TerminalRow,
    TerminalSessionRow,
)
from tests.rig.device import Device, b64
from tests.rig.office import Office
from tests.rig.tills import refused, terminal, token_of

HOUR = 3600


# --------------------------------------------------------------------------------- enrolment


async def test_the_token_is_a_picture_that_can_be_read(office: Office) -> None:
    headers = await office.staff(Role.ADMIN)
    await MerchantRow.create(id=7, name="面馆")
    body = {"name": "面馆", "merchant_id": 7, "group_id": "canteen"}
    made = (
        await office.http.post("/admin/terminals/enrolments", json=body, headers=headers)
    ).json()
    assert made["token"].startswith(f"xm1:{office.parts.config.public_url}|")
    picture = Image.open(io.BytesIO(base64.b64decode(made["picture"])))
    assert zxingcpp.read_barcodes(picture)[0].text == made["token"]
    row = await EnrolmentRow.get(id=made["enrolment_id"])
    assert row.token_hash not in made["token"]
    assert len(row.token_hash) == 64


async def test_a_token_lets_one_device_in(office: Office) -> None:
    text = await token_of(office)
    first, second = Device(), Device()
    assert (await first.enrol(office.http, text)).status_code == 201
    refused(await second.enrol(office.http, text), 409, "enrolment_used")
    assert await TerminalRow.all().count() == 1
    assert await AuditRow.filter(verb="terminals.enrol_refused").count() == 1


async def test_a_lost_answer_is_given_again_to_the_same_device(office: Office) -> None:
    text = await token_of(office)
    device = Device()
    first = await device.enrol(office.http, text)
    again = await device.enrol(office.http, text)
    assert again.status_code == 201
    assert first.json() == again.json()
    assert await TerminalRow.all().count() == 1


async def test_two_devices_at_once_one_terminal(office: Office) -> None:
    text = await token_of(office)
    answers = await asyncio.gather(*(Device().enrol(office.http, text) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert await TerminalRow.all().count() == 1


async def test_a_token_expires(office: Office) -> None:
    text = await token_of(office)
    office.clock.now += HOUR
    refused(await Device().enrol(office.http, text), 404, "enrolment_expired")
    assert await TerminalRow.all().count() == 0


async def test_an_invented_token_is_unknown_and_trying_is_limited(office: Office) -> None:
    for _ in range(Bucket.ENROLMENT.allowed):
        refused(await Device().enrol(office.http, "xm1:x|nothing"), 404, "unknown_enrolment")
    answer = await Device().enrol(office.http, "xm1:x|nothing")
    refused(answer, 429, "too_many_requests")
    assert answer.headers["retry-after"] == "900"


async def test_a_key_belongs_to_one_terminal(office: Office) -> None:
    device = Device()
    await device.enrol(office.http, await token_of(office))
    refused(await device.enrol(office.http, await token_of(office)), 409, "key_in_use")


@pytest.mark.parametrize(
    "field,value",
    [
        ("signing_key", "c2hvcnQ="),
        ("signing_key", "not base64!"),
        ("sealing_key", b64(bytes(32))),  # everything sealed to it would be public
        ("model", "x" * 65),
        ("software", 1),
        ("extra", "field"),
    ],
)
async def test_what_cannot_be_an_enrolment_names_the_field(
    office: Office, field: str, value: object
) -> None:
    body = {**Device().enrolment("token"), field: value}
    answer = await office.http.post("/terminal/enrolments", json=body)
    refused(answer, 400, "invalid_input")
    assert answer.json()["evidence"]["field"] == field
    assert await TerminalRow.all().count() == 0


async def test_only_who_may_enrols_and_only_into_what_there_is(office: Office) -> None:
    body = {"name": "x", "merchant_id": 99, "group_id": "canteen"}
    path = "/admin/terminals/enrolments"
    refused(await office.http.post(path, json=body), 401, "no_session")
    finance = await office.staff(Role.FINANCE)
    refused(await office.http.post(path, json=body, headers=finance), 403, "not_permitted")
    admin = await office.staff(Role.ADMIN)
    answer = await office.http.post(path, json=body, headers=admin)
    refused(answer, 404, "unknown_merchant")
    await MerchantRow.create(id=99, name="面馆")
    body["group_id"] = "bakery"
    answer = await office.http.post(path, json=body, headers=admin)
    refused(answer, 400, "invalid_input")


# ---------------------------------------------------------------------------------- sessions


async def test_a_session_opens_only_with_the_enrolled_key(office: Office) -> None:
    device = await terminal(office)
    thief = Device(terminal_id=device.terminal_id)
    refused(await thief.open_session(office.http, office.at), 401, "wrong_signature")
    nobody = Device(terminal_id=9999)
    refused(await nobody.open_session(office.http, office.at), 401, "wrong_signature")
    moved = {**device.opening(office.at), "at": office.at + 1}
    answer = await office.http.post("/terminal/sessions", json=moved)
    refused(answer, 401, "wrong_signature")


async def test_a_terminal_with_a_wrong_clock_learns_the_time(office: Office) -> None:
    device = await terminal(office)
    answer = await device.open_session(office.http, 86_400)
    assert answer.status_code == 201
    assert answer.json()["server_at"] == office.at


async def test_a_captured_opening_opens_nothing_new(office: Office) -> None:
    device = await terminal(office)
    body = device.opening(office.at)
    first = await office.http.post("/terminal/sessions", json=body)
    again = await office.http.post("/terminal/sessions", json=body)
    assert first.json()["session"] == again.json()["session"]
    assert await TerminalSessionRow.all().count() == 2
    # what the replayer holds is the name of a session and a box he cannot open: no request passes
    thief = Device(session=again.json()["session"], session_key=bytes(32))
    answer = await thief.post(office.http, "/terminal/sync", thief.report(office.at))
    refused(answer, 401, "wrong_mac")
    await TerminalSessionRow.all().update(ended_at=utc(office.at))
    refused(await office.http.post("/terminal/sessions", json=body), 401, "no_session")


async def test_the_oldest_session_gives_way(office: Office) -> None:
    device = await terminal(office)
    first = Device(device.signing, device.sealing, device.terminal_id)
    first.session, first.session_key = device.session, device.session_key
    for _ in range(4):
        assert (await device.open_session(office.http, office.at)).status_code == 201
    living = TerminalSessionRow.filter(terminal_id=device.terminal_id, ended_at=None)
    assert await living.count() == 4
    answer = await first.post(office.http, "/terminal/sync", first.report(office.at))
    refused(answer, 401, "no_session")


async def test_a_session_ends(office: Office) -> None:
    device = await terminal(office)
    await device.sync(office.http, office.at)
    office.clock.now += 12 * HOUR
    answer = await device.post(office.http, "/terminal/sync", device.report(office.at))
    refused(answer, 401, "no_session")


async def test_every_request_is_signed_whole(office: Office) -> None:
    one, other = await terminal(office), await terminal(office, "二号窗口")
    body = b'{"same": "bytes"}'
    path = "/terminal/sync"
    right = one.headers("POST", path, body)
    wrong = [
        (path, body + b" ", right),
        ("/terminal/payments", body, right),
        (f"{path}?more=1", body, right),
        (path, body, {**right, "x-mac": right["x-mac"][:-1] + "g"}),
        (path, body, {**right, "x-mac": ""}),
        (path, body, {**right, "x-mac": "数"}),
        (path, body, {**right, "x-terminal": other.session}),
        (path, body, one.headers("GET", path, body)),
    ]
    for where, what, headers in wrong:
        sent = {name.encode(): value.encode() for name, value in headers.items()}
        answer = await office.http.post(where, content=what, headers=sent)
        refused(answer, 401, "wrong_mac")
    for headers in ({}, {"x-mac": right["x-mac"]}, {**right, "x-terminal": "z" * 200}):
        answer = await office.http.post(path, content=body, headers=headers)
        refused(answer, 401, "no_session")
    answer = await office.http.post(path, content=body, headers=right)
    refused(answer, 400, "invalid_input")  # the only one that came in


# -------------------------------------------------------------------------------- revocation


async def test_a_revoked_terminal_is_out_at_once_and_for_good(office: Office) -> None:
    device, other = await terminal(office), await terminal(office, "二号窗口")
    await device.sync(office.http, office.at)
    admin = await office.staff(Role.ADMIN)
    path = f"/admin/terminals/{device.terminal_id}"
    answer = await office.http.post(f"{path}/revocations", json={"reason": "stolen"}, headers=admin)
    assert answer.status_code == 200
    await asyncio.sleep(0.1)
    answer = await device.post(office.http, "/terminal/sync", device.report(office.at))
    refused(answer, 403, "terminal_revoked")
    refused(await device.open_session(office.http, office.at), 403, "terminal_revoked")
    answer = await office.http.post(f"{path}/rolls", headers=admin)
    refused(answer, 403, "terminal_revoked")
    await other.sync(office.http, office.at)
    assert await AuditRow.filter(verb="terminals.revoke").count() == 1


async def test_a_rolled_terminal_keeps_its_number_and_journal(office: Office) -> None:
    old = await terminal(office)
    await old.sync(office.http, office.at)
    await TerminalRow.filter(id=old.terminal_id).update(journal_sequence=41, journal_hash="a" * 64)
    admin = await office.staff(Role.ADMIN)
    answer = await office.http.post(f"/admin/terminals/{old.terminal_id}/rolls", headers=admin)
    new = Device()
    body = (await new.enrol(office.http, answer.json()["token"])).json()
    assert (body["terminal_id"], body["confirmed_through"]) == (old.terminal_id, 41)
    assert body["last_hash"] == "a" * 64
    refused(await old.open_session(office.http, office.at), 401, "wrong_signature")
    office.clock.now += 6  # another process may believe a session for five seconds
    answer = await old.post(office.http, "/terminal/sync", old.report(office.at))
    refused(answer, 401, "no_session")
    assert (await new.open_session(office.http, office.at)).status_code == 201
    await new.sync(office.http, office.at)
