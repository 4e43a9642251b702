"""What guardians see and do, over real HTTP, and what an adult and a minor have to say to it."""

from __future__ import annotations

import asyncio

import pytest

from backend.domain.access import Role
from backend.domain.card import FOUND_AFTER_SECONDS
from backend.domain.guardian import CODE_SECONDS, GUARDIANS_MAX, LOOK_SECONDS, Sees
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import ContactRow, GuardianCodeRow, GuardianshipRow
from backend.tables.staff import AuditRow
from backend.tables.terminal import TerminalRow
from backend.tables.versions import read_versions
from tests.rig.guardians import Guardian, choose, make_minor, new_guardian
from tests.rig.office import Office, Student
from tests.rig.wechat import LOGIN, SimulatedWechat

MONEY = {"parts": ["money"]}


async def minor(office: Office) -> Student:
    """A minor with a bound phone."""
    student = await office.student()
    await make_minor(student.holder_id)
    return student


async def child_of(office: Office, guardian: Guardian) -> dict[str, object]:
    """The one child a guardian is shown."""
    answer = await office.http.get("/guardian/children", headers=guardian.headers)
    assert answer.status_code == 200
    (child,) = answer.json()["children"]
    return dict(child)


async def bind(
    phones: Office, wechat: SimulatedWechat, code: str, openid: str, name: str = "妈妈"
) -> Guardian:
    """Redeem a guardian code over HTTP."""
    body = {"code": code, "wechat_code": wechat.partner.login_code(openid), "name": name}
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert answer.status_code == 201, answer.text
    tie = await GuardianshipRow.all().order_by("-bound_at", "-id").first()
    assert tie is not None
    return Guardian(tie.guardian_id, answer.json()["session"])


async def test_a_minors_guardian_gets_his_code_from_the_office(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, clerk = await minor(phones), await phones.staff(Role.CARD_OFFICE)
    made = await phones.http.post(
        f"/staff/cardholders/{child.holder_id}/guardian-codes", headers=clerk
    )
    assert made.status_code == 201
    code = made.json()["code"]
    guardian = await bind(phones, wechat, code, "oMother")
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
    child, clerk = await minor(phones), await phones.staff(Role.CARD_OFFICE)
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
    child, clerk = await minor(phones), await phones.staff(Role.CARD_OFFICE)
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
        child = await minor(phones)
        path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
        code = (await phones.http.post(path, headers=clerk)).json()["code"]
        guardian = await bind(phones, wechat, code, "oMother")
    assert guardian is not None
    answer = await phones.http.get("/guardian/children", headers=guardian.headers)
    assert len(answer.json()["children"]) == 2
    login = {"wechat_code": wechat.partner.login_code("oMother")}
    later = await phones.http.post("/guardian/sessions", json=login)
    assert later.status_code == 201
    headers = {"authorization": f"Bearer {later.json()['session']}"}
    assert (await phones.http.delete("/guardian/sessions", headers=headers)).is_success
    assert (await phones.http.get("/guardian/children", headers=headers)).status_code == 401


async def test_a_foreign_account_looks_after_nobody(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child = await minor(phones)
    mother = await new_guardian("oMother", phones.at, child.holder_id)
    for openid in ("omother", "oMother2", "OMOTHER"):  # MariaDB compares without case
        body = {"wechat_code": wechat.partner.login_code(openid)}
        answer = await phones.http.post("/guardian/sessions", json=body)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_bound")
    stranger = await new_guardian("oStranger", phones.at, (await minor(phones)).holder_id)
    for method, what in (
        ("GET", "payments"), ("GET", "emergency-code"), ("GET", "freezes"),
        ("POST", "freezes"), ("DELETE", "freezes"),
    ):  # fmt: skip
        path = f"/guardian/children/{child.holder_id}/{what}"
        sent = MONEY if method == "POST" else None
        answer = await phones.http.request(method, path, json=sent, headers=stranger.headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "unknown_child")
    assert (await CardRow.get(id=child.card_id)).state == 0
    own = f"/guardian/children/{child.holder_id}/payments"
    assert (await phones.http.get(own, headers=mother.headers)).is_success


async def test_the_office_makes_no_code_for_an_adult_and_a_minor_none_for_himself(
    office: Office,
) -> None:
    adult, child = await office.student(), await minor(office)
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
    child, clerk = await minor(phones), await phones.staff(Role.CARD_OFFICE)
    path = f"/staff/cardholders/{child.holder_id}/guardian-codes"
    code = (await phones.http.post(path, headers=clerk)).json()["code"]
    await CardholderRow.filter(id=child.holder_id).update(is_adult=True)
    body = {"code": code, "wechat_code": wechat.partner.login_code("oMother"), "name": "妈妈"}
    answer = await phones.http.post("/guardian/bindings", json=body)
    assert (answer.status_code, answer.json()["error"]) == (403, "adult_invites")
    assert await GuardianshipRow.all().count() == 0


async def test_an_adult_invites_decides_and_sends_away(
    phones: Office, wechat: SimulatedWechat
) -> None:
    adult = await phones.student()
    invited = await phones.http.post("/student/guardian-invitations", headers=adult.headers)
    told = (await phones.http.get("/student/guardians", headers=adult.headers)).json()
    assert told == {
        "guardians": [], "is_adult": True, "invited_until": invited.json()["expires_at"],
    }  # fmt: skip
    guardian = await bind(phones, wechat, invited.json()["code"], "oMother", " 妈妈 ")
    shown = await child_of(phones, guardian)
    assert (shown["sees"], shown["balance_fen"], shown["spent_today_fen"]) == ("state", None, None)
    refused = {}
    for sees in ("state", "balance", "all"):
        path = f"/student/guardians/{guardian.id}"
        answer = await phones.http.put(path, json={"sees": sees}, headers=adult.headers)
        assert answer.status_code == 200
        shown = await child_of(phones, guardian)
        looks = [
            await phones.http.get(
                f"/guardian/children/{adult.holder_id}/{what}", headers=guardian.headers
            )
            for what in ("payments", "emergency-code")
        ]
        refused[sees] = (shown["balance_fen"], *(one.status_code for one in looks))
    assert refused == {"state": (None, 403, 403), "balance": (0, 403, 403), "all": (0, 200, 200)}
    told = (await phones.http.get("/student/guardians", headers=adult.headers)).json()
    assert told["guardians"] == [
        {"guardian_id": guardian.id, "name": "妈妈", "since": phones.at, "sees": "all"}
    ]
    assert told["invited_until"] == 0
    path = f"/student/guardians/{guardian.id}"
    assert (await phones.http.delete(path, headers=adult.headers)).is_success
    assert (await phones.http.delete(path, headers=adult.headers)).status_code == 404
    answer = await phones.http.get("/guardian/children", headers=guardian.headers)
    assert answer.json() == {"children": []}
    path = f"/guardian/children/{adult.holder_id}/freezes"
    assert (await phones.http.post(path, json=MONEY, headers=guardian.headers)).status_code == 404


async def test_who_comes_back_sees_no_more_than_a_new_one(office: Office) -> None:
    adult = await office.student()
    guardian = await new_guardian("oMother", office.at, adult.holder_id)
    await choose(adult.holder_id, guardian, Sees.ALL)
    path = f"/student/guardians/{guardian.id}"
    assert (await office.http.delete(path, headers=adult.headers)).is_success
    again = await new_guardian("oMother", office.at, adult.holder_id)
    assert (await child_of(office, again))["sees"] == "state"


async def test_nobody_changes_anothers_guardian(office: Office) -> None:
    one, other = await office.student(), await office.student()
    guardian = await new_guardian("oMother", office.at, one.holder_id)
    path = f"/student/guardians/{guardian.id}"
    answer = await office.http.put(path, json={"sees": "all"}, headers=other.headers)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_guardian")
    assert (await office.http.delete(path, headers=other.headers)).status_code == 404
    assert (await child_of(office, guardian))["sees"] == "state"


async def test_coming_of_age_takes_back_what_was_never_asked(office: Office) -> None:
    child = await minor(office)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    path = f"/guardian/children/{child.holder_id}/payments"
    assert (await office.http.get(path, headers=guardian.headers)).is_success
    await CardholderRow.filter(id=child.holder_id).update(is_adult=True)
    answer = await office.http.get(path, headers=guardian.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "not_shared")
    assert (await child_of(office, guardian))["balance_fen"] is None


async def test_a_guardian_freezes_by_the_childs_own_path(office: Office) -> None:
    child = await minor(office)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    path = f"/guardian/children/{child.holder_id}/freezes"
    before = await read_versions()
    frozen = await office.http.post(path, json=MONEY, headers=guardian.headers)
    assert (frozen.status_code, frozen.json()["state"]) == (201, "frozen")
    after = await read_versions()
    assert (after.denylist, after.directory) == (before.denylist + 1, before.directory + 1)
    now = "2026-01-01T04:00:00+00:00"
    await TerminalRow.create(
        name="窗口", merchant_id=1, group_id="canteen", signing_key="0" * 64,
        sealing_key="0" * 64, enrolled_at=now, seen_at=now, denylist_version=after.denylist,
    )  # fmt: skip
    told = (await office.http.get(path, headers=guardian.headers)).json()
    assert (told["state"], told["known_by"], told["terminals"]) == ("frozen", 1, 1)
    shown = await child_of(office, guardian)
    assert shown["card"]["is_frozen_by_me"] is True  # type: ignore[index]
    early = await office.http.delete(path, headers=guardian.headers)
    assert early.status_code == 429
    office.clock.now += FOUND_AFTER_SECONDS
    mine = await office.http.delete("/student/freezes", headers=child.headers)
    assert (mine.status_code, mine.json()["error"]) == (403, "frozen_by_guardian")
    lifted = await office.http.delete(path, headers=guardian.headers)
    assert (lifted.status_code, lifted.json()["state"]) == (200, "active")


async def test_an_adult_lifts_what_a_guardian_froze(office: Office) -> None:
    adult = await office.student()
    guardian = await new_guardian("oMother", office.at, adult.holder_id)
    path = f"/guardian/children/{adult.holder_id}/freezes"
    assert (await office.http.post(path, json=MONEY, headers=guardian.headers)).is_success
    office.clock.now += FOUND_AFTER_SECONDS
    answer = await office.http.delete("/student/freezes", headers=adult.headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "active")


async def test_a_guardian_does_not_lift_the_holders_freeze(office: Office) -> None:
    adult = await office.student()
    guardian = await new_guardian("oMother", office.at, adult.holder_id)
    await office.http.post("/student/freezes", json=MONEY, headers=adult.headers)
    path = f"/guardian/children/{adult.holder_id}/freezes"
    await office.http.post(path, json=MONEY, headers=guardian.headers)
    office.clock.now += FOUND_AFTER_SECONDS
    answer = await office.http.delete(path, headers=guardian.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "frozen_by_holder")


async def test_each_look_leaves_one_line_an_hour_and_kind(office: Office) -> None:
    child = await minor(office)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    other = await new_guardian("oFather", office.at, child.holder_id)

    async def look() -> None:
        calls = [
            office.http.get(path, headers=one.headers)
            for one in (guardian, other)
            for path in (
                "/guardian/children",
                f"/guardian/children/{child.holder_id}/payments",
                f"/guardian/children/{child.holder_id}/emergency-code",
                f"/guardian/children/{child.holder_id}/freezes",
            )
        ]
        assert all(answer.is_success for answer in await asyncio.gather(*calls))

    async def lines() -> list[tuple[str, str]]:
        page = await office.http.get("/student/trail?limit=50", headers=child.headers)
        return sorted(
            (line["verb"], line["actor"])
            for line in page.json()["trail"]
            if line["verb"].startswith("guardians.look")
        )

    await look()
    office.clock.now += LOOK_SECONDS - 1
    await look()
    once = await lines()
    assert len(once) == len(set(once)) == 6
    assert {actor for _, actor in once} == {f"guardian:{guardian.id}", f"guardian:{other.id}"}
    office.clock.now += 1
    await look()
    assert await lines() == sorted(once * 2)


async def test_a_phone_number_of_the_school_makes_a_guardian_of_minors_only(
    phones: Office, wechat: SimulatedWechat
) -> None:
    clerk = await phones.staff(Role.CARD_OFFICE)
    child, adult, gone = await minor(phones), await phones.student(), await minor(phones)
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
    clerk, child = await office.staff(Role.CARD_OFFICE), await minor(office)
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


async def test_the_office_sends_a_minors_guardian_away(office: Office) -> None:
    child, clerk = await minor(office), await office.staff(Role.CARD_OFFICE)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    path = f"/staff/cardholders/{child.holder_id}/guardians/{guardian.id}"
    assert (await office.http.delete(path, headers=clerk)).is_success
    answer = await office.http.get("/guardian/children", headers=guardian.headers)
    assert answer.json() == {"children": []}


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
