"""Becoming a guardian, over real HTTP: by a code, by a number the school has, and not otherwise."""

from __future__ import annotations

import asyncio

import pytest

from backend.domain.access import Role
from backend.domain.guardian import CODE_SECONDS, GUARDIANS_MAX
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import ContactRow, GuardianCodeRow, GuardianshipRow
from backend.tables.staff import AuditRow
from tests.rig.guardians import (
    bind_guardian,
    child_of,
    new_guardian,
    new_minor,
)
from tests.rig.office import Office
from tests.rig.wechat import LOGIN, SimulatedWechat


async def test_a_minors_guardian_gets_his_code_from_the_office(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, clerk = await new_minor(phones), await phones.staff(Role.CARD_OFFICE)
    made = await phones.http.post(
        f"/staff/cardholders/{child.holder_id}/guardian-codes", headers=clerk
    )
    assert made.status_code == 201
    code = made.json()["code"]
    guardian = await bind_guardian(phones, wechat, code, "oMother")
    shown = await child_of(phones, guardian)
    assert (shown["name"], shown["sees"], shown["balance_fen"]) == (child.name, "all", 0)
    assert shown["card"] == {
        "card_id": child.card_id,
        "state": "active",
        "are_doors_frozen": False,
        "card_number_tail": child.card_number[-4:],
        "is_frozen_by_me": False,
    }
    assert child.card_number not in str(shown)
    assert code not in str(await GuardianCodeRow.all().values())
    again = {"code": code, "wechat_code": wechat.partner.login_code("oOther"), "name": "爸爸"}
    answer = await phones.http.post("/guardian/bindings", json=again)
    assert (answer.status_code, answer.json()["error"]) == (401, "wrong_guardian_code")


async def test_codes_unknown_expired_and_replaced_are_answered_alike(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, clerk = await new_minor(phones), await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
    replaced = (await phones.http.post(path, headers=clerk)).json()["code"]
    expired = (await phones.http.post(path, headers=clerk)).json()["code"]
    phones.clock.now += CODE_SECONDS
    answers = []
    for code in ("AAAAAAAAAA", replaced, expired):
        body = {"code": code, "wechat_code": wechat.partner.login_code("oMother"), "name": "妈妈"}
        answers.append(await phones.http.post("/guardian/bindings", json=body))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert await GuardianshipRow.all().count() == 0


async def test_a_code_used_by_five_at_once_makes_one_guardian(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, clerk = await new_minor(phones), await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
    code = (await phones.http.post(path, headers=clerk)).json()["code"]

    async def redeem(number: int) -> int:
        login = wechat.partner.login_code(f"oGuardian{number}")
        body = {"code": code, "wechat_code": login, "name": "妈妈"}
        return (await phones.http.post("/guardian/bindings", json=body)).status_code

    assert sorted(await asyncio.gather(*(redeem(n) for n in range(5)))) == [201] + [401] * 4
    assert await GuardianshipRow.all().count() == 1


async def test_a_second_code_adds_a_child_to_the_same_account(
    phones: Office, wechat: SimulatedWechat
) -> None:
    clerk = await phones.staff(Role.CARD_OFFICE)
    guardian = None
    for _ in range(2):
        child = await new_minor(phones)
        path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
        code = (await phones.http.post(path, headers=clerk)).json()["code"]
        guardian = await bind_guardian(phones, wechat, code, "oMother")
    assert guardian is not None
    answer = await phones.http.get("/guardian/children", headers=guardian.headers)
    assert len(answer.json()["children"]) == 2
    login = {"wechat_code": wechat.partner.login_code("oMother")}
    later = await phones.http.post("/guardian/sessions", json=login)
    assert later.status_code == 201
    headers = {"authorization": f"Bearer {later.json()['session']}"}
    assert (await phones.http.delete("/guardian/sessions", headers=headers)).is_success
    assert (await phones.http.get("/guardian/children", headers=headers)).status_code == 401


async def test_the_office_makes_no_code_for_an_adult_and_a_minor_none_for_himself(
    office: Office,
) -> None:
    adult, child = await office.student(), await new_minor(office)
    clerk = await office.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{adult.holder_id}/guardian-codes"
    answer = await office.http.post(path, headers=clerk)
    assert (answer.status_code, answer.json()["error"]) == (403, "adult_invites")
    for method, path, body in (
        ("POST", "/student/guardian-invitations", None),
        ("PUT", "/student/guardians/1", {"sees": "all"}),
        ("DELETE", "/student/guardians/1", None),
    ):
        answer = await office.http.request(method, path, json=body, headers=child.headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "not_adult")


async def test_a_code_made_for_a_minor_is_worth_nothing_once_he_is_of_age(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, clerk = await new_minor(phones), await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
    code = (await phones.http.post(path, headers=clerk)).json()["code"]
    await CardholderRow.filter(id=child.holder_id).update(is_adult=True)
    body = {"code": code, "wechat_code": wechat.partner.login_code("oMother"), "name": "妈妈"}
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert (answer.status_code, answer.json()["error"]) == (403, "adult_invites")
    assert await GuardianshipRow.all().count() == 0


async def test_a_phone_number_of_the_school_makes_a_guardian_of_minors_only(
    phones: Office, wechat: SimulatedWechat
) -> None:
    clerk = await phones.staff(Role.CARD_OFFICE)
    child, adult, gone = await new_minor(phones), await phones.student(), await new_minor(phones)
    for one in (child, adult, gone):
        path = f"/staff/cardholders/{one.holder_id}/contacts"
        body = {"kind": "guardian", "phone": "138 0000 0001"}
        for _ in range(2):
            answer = await phones.http.post(path, json=body, headers=clerk)
            assert (answer.status_code, answer.json()) == (
                201,
                {"kind": "guardian", "tail": "0001"},
            )
    await CardholderRow.filter(id=gone.holder_id).update(is_active=False)

    def codes(phone: str) -> dict[str, str]:
        partner = wechat.partner
        return {
            "phone_code": partner.phone_code(phone),
            "wechat_code": partner.login_code("oMother"),
            "name": "妈妈",
        }

    strange = await phones.http.post("/guardian/phone-bindings", json=codes("13800000002"))
    assert (strange.status_code, strange.json()["error"]) == (404, "unknown_phone")
    bound = await phones.http.post("/guardian/phone-bindings", json=codes("13800000001"))
    assert bound.status_code == 201
    headers = {"authorization": f"Bearer {bound.json()['session']}"}
    children = (await phones.http.get("/guardian/children", headers=headers)).json()["children"]
    assert [one["cardholder_id"] for one in children] == [child.holder_id]
    assert await ContactRow.all().count() == 3
    kept = str(await ContactRow.all().values()) + str(await AuditRow.all().values())
    assert "13800000001" not in kept


@pytest.mark.parametrize("phone", ["", "12345", "1380000000", "138000000012", "+0123456", "电话"])
async def test_what_is_no_phone_number_is_refused(office: Office, phone: str) -> None:
    clerk, child = await office.staff(Role.CARD_OFFICE), await new_minor(office)
    path = f"/staff/cardholders/{child.holder_id}/contacts"
    answer = await office.http.post(path, json={"kind": "self", "phone": phone}, headers=clerk)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")


async def test_so_many_guardians_and_no_more(phones: Office, wechat: SimulatedWechat) -> None:
    adult = await phones.student()
    for number in range(GUARDIANS_MAX):
        await new_guardian(f"oGuardian{number}", phones.at, adult.holder_id)
    invited = await phones.http.post("/student/guardian-invitations", headers=adult.headers)
    code = invited.json()["code"]
    body = {"code": code, "wechat_code": wechat.partner.login_code("oOneMore"), "name": "舅舅"}
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert (answer.status_code, answer.json()["error"]) == (409, "too_many_guardians")
    body["wechat_code"] = wechat.partner.login_code("oGuardian0")
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert answer.status_code == 201, "who is one already may bind again, and the code was not used"


@pytest.mark.parametrize("name", ["   ", "妈\u202e妈", "\n"])
async def test_a_guardian_has_a_name_that_can_be_shown(
    phones: Office, wechat: SimulatedWechat, name: str
) -> None:
    adult = await phones.student()
    invited = await phones.http.post("/student/guardian-invitations", headers=adult.headers)
    login = wechat.partner.login_code("oMother")
    body = {"code": invited.json()["code"], "wechat_code": login, "name": name}
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, "name")


async def test_without_a_mini_program_account_it_says_so(office: Office) -> None:
    for path, body in (
        ("/guardian/bindings", {"code": "A", "wechat_code": "x", "name": "妈妈"}),
        ("/guardian/phone-bindings", {"phone_code": "A", "wechat_code": "x", "name": "妈妈"}),
        ("/guardian/sessions", {"wechat_code": "x"}),
        ("/student/phone-bindings", {"phone_code": "A", "wechat_code": "x"}),
        ("/student/sessions", {"wechat_code": "x"}),
        ("/student/bindings", {"code": "A", "wechat_code": "x"}),
    ):
        answer = await office.http.post(path, json=body)
        assert (answer.status_code, answer.json()["error"]) == (503, "wechat_off"), path


async def test_nothing_is_redeemed_while_wechat_is_away(
    phones: Office, wechat: SimulatedWechat
) -> None:
    adult = await phones.student()
    invited = await phones.http.post("/student/guardian-invitations", headers=adult.headers)
    wechat.faults.plan(LOGIN, "busy", 1)
    login = wechat.partner.login_code("oMother")
    body = {"code": invited.json()["code"], "wechat_code": login, "name": "妈妈"}
    away = await phones.http.post("/guardian/bindings", json=body)
    assert (away.status_code, away.json()["error"]) == (503, "wechat_away")
    assert (await phones.http.post("/guardian/bindings", json=body)).status_code == 201


async def test_a_childs_own_number_makes_him_nobodys_guardian(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, clerk = await new_minor(phones), await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{child.holder_id}/contacts"
    await phones.http.post(path, json={"kind": "self", "phone": "13800000001"}, headers=clerk)
    body = {
        "phone_code": wechat.partner.phone_code("13800000001"),
        "wechat_code": wechat.partner.login_code("oChild"),
        "name": "我",
    }
    answer = await phones.http.post("/guardian/phone-bindings", json=body)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_phone")


async def test_a_newer_code_ends_the_one_before(phones: Office, wechat: SimulatedWechat) -> None:
    child, clerk = await new_minor(phones), await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
    codes = [(await phones.http.post(path, headers=clerk)).json()["code"] for _ in range(2)]
    statuses = []
    for code in codes:
        body = {"code": code, "wechat_code": wechat.partner.login_code("oMother"), "name": "妈妈"}
        statuses.append((await phones.http.post("/guardian/bindings", json=body)).status_code)
    assert statuses == [401, 201]
