"""What a school sets while it runs: numbers with history, features, tokens, jobs, health."""

from __future__ import annotations

import pytest

from backend.domain.access import PERMISSIONS, TOKEN_VERBS, Role
from backend.domain.errors import ForbiddenError
from backend.domain.feature import Feature, Switch, is_on
from backend.tables.api_token import ApiTokenRow
from backend.tables.job import JobRow
from backend.tables.jobs import JobRun, keep_runs, take_asked
from backend.tables.message import OutboxRow
from backend.tables.setting import SettingChangeRow
from backend.tables.switches import require_on
from backend.usecases.settings.switch_feature import switch_feature
from tests.rig.office import SYSTEM, Office
from tests.rig.places import make_campus
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.shop import Shop


async def test_a_setting_keeps_its_history_and_acts(office: Office, migrated_url: str) -> None:
    admin = await office.staff(Role.ADMIN)
    path = "/admin/settings/staff_session_hours"
    for value in (2, 2, 3):
        body = {"value": value, "reason": "收紧"}
        assert (await office.http.put(path, json=body, headers=admin)).status_code == 200
    told = (await office.http.get("/admin/settings/changes", headers=admin)).json()["changes"]
    assert [(one["before"], one["after"]) for one in told] == [(2, 3), (12, 2)]
    _, login = await office.hire(Role.FINANCE)
    headers = await office.log_in(login)
    office.clock.now += 3 * 3600 - 31
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 200
    office.clock.now += 60
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 401
    with pytest.raises(RefusedSqlError, match="append-only"):
        execute(migrated_url, "DELETE FROM setting_change")
    assert await SettingChangeRow.all().count() == 2


@pytest.mark.parametrize("name,value,status", [("staff_session_hours", 25, 400), ("none", 1, 404)])
async def test_a_setting_has_bounds(office: Office, name: str, value: int, status: int) -> None:
    admin = await office.staff(Role.ADMIN)
    body = {"value": value, "reason": "试"}
    answer = await office.http.put(f"/admin/settings/{name}", json=body, headers=admin)
    assert answer.status_code == status


def test_the_nearest_switch_decides() -> None:
    kiosk = Feature.KIOSK_VISITS
    switches = [
        Switch(kiosk, 0, "", is_on=False),
        Switch(kiosk, 1, "", is_on=True),
        Switch(kiosk, 3, "hall", is_on=False),
        Switch(Feature.TOP_UPS, 3, "", is_on=False),
    ]
    assert is_on(kiosk, [], (3, 2, 1))
    assert not is_on(kiosk, switches, (9,))
    assert is_on(kiosk, switches, (3, 2, 1), "canteen")
    assert not is_on(kiosk, switches, (3, 2, 1), "hall")
    assert is_on(kiosk, switches, (2, 1), "hall")


async def test_a_feature_is_switched_off_for_phones(office: Office) -> None:
    admin, student = await office.staff(Role.ADMIN), await office.student()
    contested = {"payment_id": 1, "reason": "not_me"}

    async def contest() -> str:
        answer = await office.http.post(
            "/student/disputes", json=contested, headers=student.headers
        )
        word: str = answer.json()["error"]
        return word

    assert await contest() == "unknown_payment"
    body = {"feature": "disputes", "is_on": False, "reason": "假期"}
    assert (await office.http.put("/admin/features", json=body, headers=admin)).status_code == 200
    assert await contest() == "switched_off"
    (one,) = (await office.http.get("/admin/features", headers=admin)).json()["switches"]
    assert (one["feature"], one["is_on"]) == ("disputes", False)
    body = {"feature": "disputes", "is_on": None, "reason": "开学"}
    await office.http.put("/admin/features", json=body, headers=admin)
    assert await contest() == "unknown_payment"
    for wrong in (
        {"feature": "disputes", "place_id": 1, "is_on": True, "reason": "x"},
        {"feature": "kiosk_visits", "group_id": "none", "is_on": True, "reason": "x"},
        {"feature": "eat", "is_on": True, "reason": "x"},
    ):
        answer = await office.http.put("/admin/features", json=wrong, headers=admin)
        assert answer.status_code == 400


async def test_a_feature_is_switched_on_one_campus(shop: Shop) -> None:
    own, other = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    at, rules = shop.office.at, shop.office.parts.rules.bundle
    kiosk = Feature.KIOSK_VISITS
    await switch_feature(
        kiosk, (own.place_id, ""), "先不开放", is_on=False, rules=rules, actor=SYSTEM, at=at
    )
    await require_on(kiosk, other.merchant_id, "canteen")
    with pytest.raises(ForbiddenError, match="switched_off"):
        await require_on(kiosk, own.merchant_id, "canteen")
    await switch_feature(
        kiosk, (own.place_id, "canteen"), "试点", is_on=True, rules=rules, actor=SYSTEM, at=at
    )
    await require_on(kiosk, own.merchant_id, "canteen")
    with pytest.raises(ForbiddenError):
        await require_on(kiosk, own.merchant_id, "library")


async def test_a_token_reads_what_it_was_given_and_nothing_else(shop: Shop) -> None:
    office = shop.office
    own, other = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    admin = await office.staff(Role.ADMIN)
    asked = {
        "name": "数据大屏",
        "verbs": ["terminals.read", "merchants.read", "rules.read"],
        "place_id": own.place_id,
        "days": 2,
    }
    made = await office.http.post("/admin/tokens", json=asked, headers=admin)
    assert made.status_code == 201
    headers = {"authorization": f"Bearer {made.json()['token']}"}
    assert made.json()["token"] not in str(await ApiTokenRow.all().values())
    told = (await office.http.get("/admin/terminals", headers=headers)).json()["terminals"]
    assert [one["terminal_id"] for one in told] == [own.terminal_id]
    assert other.terminal_id != own.terminal_id
    for method, path, status, word in (
        ("GET", "/admin/rules", 200, None),
        ("GET", "/staff/drawers", 403, "not_permitted"),
        ("GET", "/staff/sessions", 401, "no_session"),  # nobody is logged in
        ("POST", "/admin/merchants", 403, "read_only"),
        ("GET", "/student/card", 401, "no_session"),
    ):
        answer = await office.http.request(method, path, headers=headers)
        assert (answer.status_code, answer.json().get("error")) == (status, word), path
    (shown,) = (await office.http.get("/admin/tokens", headers=admin)).json()["tokens"]
    assert shown["used_at"] == office.at
    end = f"/admin/tokens/{shown['token_id']}/ends"
    assert (await office.http.post(end, json={"reason": "换新"}, headers=admin)).status_code == 201
    assert (await office.http.get("/admin/rules", headers=headers)).status_code == 401


async def test_a_token_ends_by_itself(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    asked = {"name": "短期", "verbs": ["rules.read"], "days": 1}
    made = (await office.http.post("/admin/tokens", json=asked, headers=admin)).json()
    headers = {"authorization": f"Bearer {made['token']}"}
    office.clock.now = made["expires_at"] - 1
    assert (await office.http.get("/admin/rules", headers=headers)).status_code == 200
    office.clock.now += 1
    assert (await office.http.get("/admin/rules", headers=headers)).status_code == 401


async def test_no_token_is_given_what_changes_or_names_people(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    assert all(verb.endswith(".read") for verb in TOKEN_VERBS)
    for verb in [*sorted(set(PERMISSIONS) - TOKEN_VERBS)[:5], "audit.read", "staff.read", "eat"]:
        asked = {"name": "x", "verbs": ["rules.read", verb], "days": 1}
        answer = await office.http.post("/admin/tokens", json=asked, headers=admin)
        assert answer.status_code == 400, verb


async def test_jobs_are_seen_and_asked_for(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    run = JobRun("ship", 30, office.at, 12, "3 told", "", 0)
    await keep_runs([run])
    await keep_runs([JobRun("ship", 30, office.at + 30, 9, "", "OSError: away", 2)])
    await keep_runs([JobRun("ship", 30, office.at + 60, 9, "0 told", "", 0)])
    (job,) = (await office.http.get("/admin/jobs", headers=admin)).json()["jobs"]
    assert (job["told"], job["fault"], job["failures"]) == ("0 told", "OSError: away", 2)
    assert (job["ran_at"], job["failed_at"]) == (office.at + 60, office.at + 30)
    answer = await office.http.post("/admin/jobs/ship/runs", headers=admin)
    assert answer.status_code == 202
    assert (await JobRow.get(name="ship")).asked_by.startswith("staff:")
    assert (await take_asked(), await take_asked()) == (["ship"], [])


async def test_how_everything_is(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    for number, state in enumerate(("waiting", "waiting", "dropped", "sent")):
        await OutboxRow.create(
            topic=f"payment:{number}", wechat_id=1, template="payment", body={}, state=state,
            made_at=office.at - 60 + number, due_at=office.at,
        )  # fmt: skip
    told = (await office.http.get("/admin/health", headers=admin)).json()
    queues = {one["name"]: (one["waiting"], one["oldest_at"]) for one in told["queues"]}
    assert queues["outbox"] == (2, office.at - 60)
    assert queues["unsealed"][0] >= 1  # no worker seals here
    assert told["worker"] == {"leads": False, "owner": "", "until": None}
    assert told["database"]["engine"] in {"SQLite", "MariaDB"}
    assert told["database"]["migration"] >= "0020"
    assert told["disk"]["free_bytes"] > 0
    page = await office.http.get("/admin/outbox?state=waiting&limit=1", headers=admin)
    following = page.json()["next"]
    path = f"/admin/outbox?state=waiting&limit=1&after={following}"
    page = await office.http.get(path, headers=admin)
    assert (page.json()["messages"][0]["topic"], page.json()["next"]) == ("payment:0", None)
