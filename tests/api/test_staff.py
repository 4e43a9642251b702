"""Staff: logging in with two factors, and the offices' work, over real HTTP."""

from __future__ import annotations

import asyncio

import pytest

from backend.domain.access import Role
from backend.domain.login import LOCK_SECONDS, LOGIN_FAILURES_MAX
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.staff import AuditRow, SessionRow, StaffRow
from backend.usecases.cardholders.check_pin import check_pin
from backend.usecases.staff.log_in import STAFF_SESSION_SECONDS
from tests.rig.office import PASSWORD, Office

LOGIN = "card_office_1"


async def attempt(office: Office, password: str = PASSWORD, totp: str = "") -> int:
    """One login; by default with the right password and the right code."""
    code = totp or await office.totp(LOGIN)
    body = {"login": LOGIN, "password": password, "totp": code}
    return (await office.http.post("/staff/sessions", json=body)).status_code


async def test_both_factors_open_a_session(office: Office) -> None:
    staff_id, _ = await office.hire(Role.CARD_OFFICE, LOGIN)
    assert not (await StaffRow.get(id=staff_id)).is_enrolled
    headers = await office.log_in(LOGIN)
    assert (await StaffRow.get(id=staff_id)).is_enrolled
    body = (await office.http.get("/staff/sessions", headers=headers)).json()
    assert (body["staff_id"], body["role"]) == (staff_id, "card_office")
    office.clock.now += STAFF_SESSION_SECONDS
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 401


async def test_a_one_time_code_opens_one_session(office: Office) -> None:
    await office.hire(Role.CARD_OFFICE, LOGIN)
    code = await office.totp(LOGIN)
    statuses = await asyncio.gather(*(attempt(office, totp=code) for _ in range(4)))
    assert sorted(statuses) == [201, 401, 401, 401]
    assert await SessionRow.all().count() == 1


async def test_what_is_wrong_is_not_told(office: Office) -> None:
    await office.hire(Role.CARD_OFFICE, LOGIN)
    bodies = [
        {"login": "nobody", "password": PASSWORD, "totp": "000000"},
        {"login": LOGIN, "password": "a wrong pass phrase", "totp": await office.totp(LOGIN)},
        {"login": LOGIN, "password": PASSWORD, "totp": "000000"},
    ]
    answers = [await office.http.post("/staff/sessions", json=body) for body in bodies]
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1


async def test_ten_wrong_logins_lock_and_time_unlocks(office: Office) -> None:
    await office.hire(Role.CARD_OFFICE, LOGIN)
    for _ in range(LOGIN_FAILURES_MAX):
        office.clock.now += 200  # slower than the gate, which counts by address
        assert await attempt(office, password="a wrong pass phrase") == 401
    office.clock.now += 200
    assert await attempt(office) == 429
    row = await StaffRow.get(login=LOGIN)
    assert row.locked_until > office.at
    office.clock.now += LOCK_SECONDS
    assert await attempt(office) == 201
    verbs = [one.verb for one in await AuditRow.filter(subject=f"staff:{row.id}").order_by("id")]
    assert verbs == ["staff.create", *["staff.wrong_login"] * 10, "staff.log_in"]


async def test_logins_are_tried_so_often_and_no_more(office: Office) -> None:
    body = {"login": "nobody", "password": PASSWORD, "totp": "000000"}
    answers = [await office.http.post("/staff/sessions", json=body) for _ in range(11)]
    assert [one.status_code for one in answers] == [401] * 10 + [429]
    for number in range(60 - 11):
        body["login"] = f"nobody{number}"
        assert (await office.http.post("/staff/sessions", json=body)).status_code == 401
    body["login"] = "yet_another"
    assert (await office.http.post("/staff/sessions", json=body)).status_code == 429


async def test_who_is_deactivated_is_out_at_once(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    staff_id, _ = await office.hire(Role.CARD_OFFICE, LOGIN)
    headers = await office.log_in(LOGIN)
    for _ in range(2):
        answer = await office.http.delete(f"/admin/staff/{staff_id}", headers=admin)
        assert answer.status_code == 200
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 401
    office.clock.now += 30
    assert await attempt(office) == 401
    await StaffRow.filter(id=staff_id).update(is_active=True)
    answer = await office.http.get("/staff/sessions", headers=headers)
    assert answer.status_code == 401, "an ended session does not come back"


async def test_the_last_admin_stays(office: Office) -> None:
    one, other = await office.hire(Role.ADMIN), await office.hire(Role.ADMIN)
    first, second = await office.log_in(one[1]), await office.log_in(other[1])
    answers = await asyncio.gather(
        office.http.delete(f"/admin/staff/{other[0]}", headers=first),
        office.http.delete(f"/admin/staff/{one[0]}", headers=second),
    )
    assert sum(answer.is_success for answer in answers) == 1
    assert await StaffRow.filter(role=Role.ADMIN, is_active=True).count() == 1


async def test_a_changed_role_acts_at_once(office: Office) -> None:
    staff_id, _ = await office.hire(Role.CARD_OFFICE, LOGIN)
    headers = await office.log_in(LOGIN)
    card = await office.card((await office.holder()).id)
    path = f"/staff/cards/{card.id}/losses"
    await StaffRow.filter(id=staff_id).update(role=Role.AUDITOR)
    assert (await office.http.post(path, headers=headers)).status_code == 403
    await StaffRow.filter(id=staff_id).update(role=Role.CARD_OFFICE)
    assert (await office.http.post(path, headers=headers)).status_code == 201


@pytest.mark.parametrize(
    "change, field",
    [
        ({"login": "Bad Login"}, "login"),
        ({"password": "short"}, "password"),
        ({"role": "king"}, "role"),
        ({"merchant_id": 1}, "merchant_id"),
        ({"role": "cashier"}, "merchant_id"),
        ({"role": "cashier", "merchant_id": 99}, "merchant_id"),
        ({"merchant_id": "1"}, "merchant_id"),
        ({"is_admin": True}, "is_admin"),
    ],
)
async def test_a_wrong_colleague_is_refused(
    office: Office, change: dict[str, object], field: str
) -> None:
    admin = await office.staff(Role.ADMIN)
    body = {"login": "new", "name": "新同事", "role": "auditor", "password": PASSWORD, **change}
    answer = await office.http.post("/admin/staff", json=body, headers=admin)
    assert answer.status_code == 400
    assert answer.json()["evidence"]["field"] == field
    assert "short" not in answer.text


async def test_a_new_colleague_can_log_in_and_a_login_is_taken_once(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    body = {"login": LOGIN, "name": "新同事", "role": "card_office", "password": PASSWORD}
    answer = await office.http.post("/admin/staff", json=body, headers=admin)
    assert answer.status_code == 201
    assert answer.json()["otpauth_uri"].startswith("otpauth://totp/")
    await office.log_in(LOGIN)
    again = await office.http.post("/admin/staff", json=body, headers=admin)
    assert (again.status_code, again.json()["error"]) == (409, "login_taken")
    staff = (await office.http.get("/admin/staff", headers=admin)).json()["staff"]
    assert [one["login"] for one in staff][-1] == LOGIN
    assert "scrypt" not in str(staff)


async def test_the_holder_sees_who_looked_and_what_was_done(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    student = await office.student()
    look = await office.http.post("/staff/lookups", json={"number": student.number}, headers=clerk)
    assert look.json()["name"] == student.name
    assert [card["card_id"] for card in look.json()["cards"]] == [student.card_id]
    path = f"/staff/cards/{student.card_id}/freezes"
    await office.http.post(path, json={"parts": ["money"]}, headers=clerk)
    trail = (await office.http.get("/student/trail", headers=student.headers)).json()["trail"]
    assert [line["verb"] for line in trail][:3] == [
        "cards.freeze",
        "cardholders.look_up",
        "phones.bind",
    ]
    auditor = await office.staff(Role.AUDITOR)
    audits = await office.http.get("/admin/audits?limit=200", headers=auditor)
    assert student.number not in audits.text
    assert student.name not in audits.text


async def test_nobody_is_found_by_an_unknown_number(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    answer = await office.http.post("/staff/lookups", json={"number": "S9"}, headers=clerk)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_cardholder")


async def test_a_card_is_opened_bound_lost_and_replaced_at_the_counter(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    holder = await office.holder()
    made = await office.http.post(f"/staff/cardholders/{holder.id}/cards", headers=clerk)
    card_id = made.json()["card_id"]
    code = await office.http.post(f"/staff/cards/{card_id}/bindings", headers=clerk)
    bound = await office.http.post("/student/bindings", json={"code": code.json()["code"]})
    assert bound.status_code == 201
    lost = await office.http.post(f"/staff/cards/{card_id}/losses", headers=clerk)
    assert lost.json()["state"] == "lost"
    lift = await office.http.delete(f"/staff/cards/{card_id}/freezes", headers=clerk)
    assert (lift.status_code, lift.json()["error"]) == (409, "card_lost")
    new = await office.http.post(f"/staff/cards/{card_id}/replacements", headers=clerk)
    assert new.json()["state"] == "active"
    assert new.json()["card_number"] != made.json()["card_number"]
    gone = await office.http.post("/staff/cards/999999/losses", headers=clerk)
    assert (gone.status_code, gone.json()["error"]) == (404, "unknown_card")


async def test_a_pin_is_given_at_the_counter(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    holder = await office.holder()
    path = f"/staff/cardholders/{holder.id}/pin"
    assert (await office.http.put(path, json={"pin": "123456"}, headers=clerk)).status_code == 400
    assert (await office.http.put(path, json={"pin": "739126"}, headers=clerk)).status_code == 200
    parts = office.parts
    assert await check_pin(holder.id, "739126", at=office.at, vault=parts.vault, bus=parts.bus)


async def test_a_roster_is_uploaded_dry_first(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    csv = "number,name,department,class\nS1,张三,院,学生\nS2,=1+1,院,1\n".encode("gbk")
    dry = await office.http.post("/admin/rosters?choice=good", content=csv, headers=clerk)
    assert dry.json()["is_written"] is False
    assert (dry.json()["added"], dry.json()["refused"]) == (1, 1)
    assert dry.json()["errors"][0] == {
        "line": 3,
        "column": "name",
        "error": "formula",
        "zh": "以公式符号开头",
        "en": "begins like a formula",
    }
    assert await CardholderRow.all().count() == 0
    path = "/admin/rosters?dry_run=0&cards=1"
    whole = await office.http.post(path, content=csv, headers=clerk)
    assert (whole.json()["is_written"], await CardholderRow.all().count()) == (False, 0)
    good = await office.http.post(path + "&choice=good", content=csv, headers=clerk)
    assert (good.json()["added"], good.json()["cards"]) == (1, 1)
    assert await CardRow.all().count() == 1
    wrong = await office.http.post("/admin/rosters?choice=some", content=csv, headers=clerk)
    assert wrong.status_code == 400
