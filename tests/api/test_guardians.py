"""What guardians see and do, over real HTTP, and what an adult and a minor have to say to it."""

from __future__ import annotations

import asyncio

from backend.domain.access import Role
from backend.domain.card import FOUND_AFTER_SECONDS
from backend.domain.guardian import LOOK_SECONDS, Sees
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.terminal import TerminalRow
from backend.tables.versions import read_versions
from tests.rig.guardians import (
    bind_guardian,
    child_of,
    choose,
    new_guardian,
    new_minor,
)
from tests.rig.office import Office
from tests.rig.wechat import SimulatedWechat

MONEY = {"parts": ["money"]}


async def test_a_foreign_account_looks_after_nobody(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child = await new_minor(phones)
    mother = await new_guardian("oMother", phones.at, child.holder_id)
    for openid in ("omother", "oMother2", "OMOTHER"):  # MariaDB compares without case
        body = {"wechat_code": wechat.partner.login_code(openid)}
        answer = await phones.http.post("/guardian/sessions", json=body)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_bound")
    stranger = await new_guardian("oStranger", phones.at, (await new_minor(phones)).holder_id)
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


async def test_an_adult_invites_decides_and_sends_away(
    phones: Office, wechat: SimulatedWechat
) -> None:
    adult = await phones.student()
    invited = await phones.http.post("/student/guardian-invitations", headers=adult.headers)
    told = (await phones.http.get("/student/guardians", headers=adult.headers)).json()
    assert told == {
        "guardians": [], "is_adult": True, "invited_until": invited.json()["expires_at"],
    }  # fmt: skip
    guardian = await bind_guardian(phones, wechat, invited.json()["code"], "oMother", " 妈妈 ")
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
    child = await new_minor(office)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    path = f"/guardian/children/{child.holder_id}/payments"
    assert (await office.http.get(path, headers=guardian.headers)).is_success
    await CardholderRow.filter(id=child.holder_id).update(is_adult=True)
    answer = await office.http.get(path, headers=guardian.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "not_shared")
    assert (await child_of(office, guardian))["balance_fen"] is None


async def test_a_guardian_freezes_by_the_childs_own_path(office: Office) -> None:
    child = await new_minor(office)
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
    card = (await office.http.get("/student/card", headers=child.headers)).json()
    assert card["is_lift_mine"] is False
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
    card = (await office.http.get("/student/card", headers=adult.headers)).json()
    assert card["is_lift_mine"] is True
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
    child = await new_minor(office)
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


async def test_the_office_sends_a_minors_guardian_away(office: Office) -> None:
    child, clerk = await new_minor(office), await office.staff(Role.CARD_OFFICE)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    listed = f"/staff/cardholders/{child.holder_id}/guardians"
    told = (await office.http.get(listed, headers=clerk)).json()
    assert (told["is_adult"], told["contacts"]) == (False, [])
    assert [one["guardian_id"] for one in told["guardians"]] == [guardian.id]
    path = f"{listed}/{guardian.id}"
    assert (await office.http.delete(path, headers=clerk)).is_success
    answer = await office.http.get("/guardian/children", headers=guardian.headers)
    assert answer.json() == {"children": []}


async def test_one_guardian_does_not_lift_anothers_freeze(office: Office) -> None:
    adult = await office.student()
    mother = await new_guardian("oMother", office.at, adult.holder_id)
    father = await new_guardian("oFather", office.at, adult.holder_id)
    path = f"/guardian/children/{adult.holder_id}/freezes"
    assert (await office.http.post(path, json=MONEY, headers=mother.headers)).is_success
    office.clock.now += FOUND_AFTER_SECONDS
    answer = await office.http.delete(path, headers=father.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "frozen_by_guardian")


async def test_a_minors_guardian_takes_his_freeze_over(office: Office) -> None:
    child = await new_minor(office)
    guardian = await new_guardian("oMother", office.at, child.holder_id)
    await office.http.post("/student/freezes", json=MONEY, headers=child.headers)
    path = f"/guardian/children/{child.holder_id}/freezes"
    assert (await office.http.post(path, json=MONEY, headers=guardian.headers)).is_success
    office.clock.now += FOUND_AFTER_SECONDS
    answer = await office.http.delete("/student/freezes", headers=child.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "frozen_by_guardian")
    assert (await office.http.delete(path, headers=guardian.headers)).is_success
