"""What the watch finds in real payments, and the cases people make of it."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from backend.domain.access import Role
from backend.domain.risk import AlertKind, Tapped, cloned_chips, fast_cards
from backend.domain.setting import SETTINGS
from backend.tables import alerts as alerts_table
from backend.tables.alerts import keep_alerts
from backend.tables.cardholder import CardholderRow
from backend.tables.payment import QuarantineRow
from backend.tables.risk import AlertRow
from backend.tables.setting import SettingRow
from backend.tables.shift import ShiftRow
from backend.tables.staff import AuditRow, StaffRow
from backend.tables.terminal import RefusalCountRow
from backend.usecases.cases.watch_risk import watch_risk
from campus_code import business_day
from tests.rig.office import Office
from tests.rig.places import make_campus
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.shop import Shop


def tap(number: int, at: int, **words: int | bool) -> Tapped:
    fields: dict[str, Any] = {
        "id": number, "card_id": 1, "holder_id": 1, "merchant_id": 1, "terminal_id": 1,
        "business_on": 20260101, "occurred_at": at, "is_chip": False, **words,
    }  # fmt: skip
    return Tapped(**fields)


@pytest.mark.parametrize("last,found", [(600, 1), (601, 0)])
def test_so_many_payments_in_so_short_a_while(last: int, found: int) -> None:
    taps = [tap(1, 0), tap(2, 300), tap(3, last)]
    assert len(fast_cards(reversed(taps), 3, 600)) == found
    assert fast_cards([*taps[:2], tap(3, last, card_id=2)], 3, 600) == []


@pytest.mark.parametrize(
    "gap,merchant_id,is_chip,found",
    [(59, 2, True, 1), (60, 2, True, 0), (59, 1, True, 0), (59, 2, False, 0)],
)
def test_one_chip_at_two_places(gap: int, merchant_id: int, *, is_chip: bool, found: int) -> None:
    taps = [
        tap(1, 0, is_chip=is_chip),
        tap(2, gap, is_chip=is_chip, merchant_id=merchant_id, terminal_id=2),
    ]
    assert len(cloned_chips(taps)) == found


async def today(shop: Shop) -> list[int]:
    return [business_day(shop.office.at, shop.office.parts.rules.bundle)]


async def kinds() -> list[str]:
    return sorted([row.kind for row in await AlertRow.all()])


async def test_what_was_paid_before_there_was_a_watch_is_no_alert(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    await SettingRow.create(name="risk_day_fen", value=2_000)
    await shop.pay(till, shop.code(student), 3_000)
    days = await today(shop)
    assert await watch_risk(days, shop.office.at + 2 * 86_400) == 0
    assert await AlertRow.all().count() == 0
    shop.office.clock.now += 60
    await shop.pay(till, shop.code(student, shop.office.at), 100)
    assert await watch_risk(days, shop.office.at) == 1


async def test_a_day_over_the_schools_amount_is_found_once(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    await SettingRow.create(name="risk_day_fen", value=2_000)
    await shop.pay(till, shop.code(student), 1_000)
    assert await watch_risk(await today(shop), shop.office.at) == 0
    shop.office.clock.now += 60
    await shop.pay(till, shop.code(student, shop.office.at), 1_001)
    assert await watch_risk(await today(shop), shop.office.at) == 1
    shop.office.clock.now += 60
    await shop.pay(till, shop.code(student, shop.office.at), 500)
    assert await watch_risk(await today(shop), shop.office.at) == 0
    (alert,) = await AlertRow.all()
    assert (alert.kind, alert.holder_id) == ("day_spent", student.holder_id)
    assert alert.evidence == {"spent_fen": 2_001, "over_fen": 2_000}


async def test_a_card_that_pays_too_often_is_found(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    await SettingRow.create(name="risk_fast_payments", value=3)
    for _ in range(3):
        assert await watch_risk(await today(shop), shop.office.at) == 0
        await shop.pay(till, shop.code(student, shop.office.at), 100)
        shop.office.clock.now += 30
    assert await watch_risk(await today(shop), shop.office.at) == 1
    assert await kinds() == ["fast"]


async def test_wrong_codes_quarantine_and_what_terminals_count(shop: Shop) -> None:
    till = await shop.till()
    (on,) = await today(shop)
    most = SETTINGS["risk_wrong_codes"].default
    for reason, count in (("wrong_code", most - 1), ("expired", 500)):
        await RefusalCountRow.create(
            terminal_id=till.terminal_id, business_on=on, reason=reason, count=count
        )
    assert await watch_risk([on], shop.office.at) == 0
    await RefusalCountRow.create(
        terminal_id=till.terminal_id, business_on=on, reason="wrong_chip", count=1
    )
    await QuarantineRow.create(
        terminal_id=till.terminal_id, sequence=7, reason="same_sequence", body="{}",
        body_hash="0" * 64, received_at=shop.office.at,
    )  # fmt: skip
    assert await watch_risk([on], shop.office.at) == 2
    assert await watch_risk([on], shop.office.at) == 0
    assert await kinds() == ["quarantined", "wrong_codes"]


async def test_a_long_quarantine_is_read_in_stretches(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts_table, "QUARANTINE_LOOK_BACK", 1)
    monkeypatch.setattr(alerts_table, "QUARANTINED_AT_ONCE", 3)
    till = await shop.till()
    for sequence in range(5):
        await QuarantineRow.create(
            terminal_id=till.terminal_id, sequence=sequence, reason="same_sequence", body="{}",
            body_hash="0" * 64, received_at=shop.office.at,
        )  # fmt: skip
    found = [await watch_risk([], shop.office.at) for _ in range(3)]
    assert found == [3, 2, 0]


async def test_who_may_work_on_cases_is_asked_for_all_at_once(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    headers = await shop.office.staff(Role.FINANCE)
    for role in (Role.FINANCE, Role.AUDITOR, Role.CARD_OFFICE):
        await shop.office.hire(role)
    with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
        told = await shop.office.http.get("/admin/case-workers", headers=headers)
    roles = dict(await StaffRow.all().values_list("id", "role"))
    assert [roles[one["staff_id"]] for one in told.json()["workers"]] == ["finance", "finance"]
    asked = [line for line in caplog.messages if re.search(r"FROM [`\"]appointment", line)]
    assert len(asked) <= 2, "one for whoever asks, one for everybody"


async def open_one(shop: Shop) -> tuple[dict[str, str], int, dict[str, Any]]:
    """A case of one alert, owned by the finance officer who opened it."""
    campus = await make_campus(shop, "东校区")
    owner_id, login = await shop.office.hire(Role.FINANCE)
    headers = await shop.office.log_in(login)
    body = {"title": "伪造的码", "alert_ids": [campus.alert_id], "owner_id": owner_id}
    answer = await shop.office.http.post("/admin/cases", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return headers, owner_id, answer.json()


async def test_a_case_has_an_owner_a_clock_notes_and_an_end(shop: Shop) -> None:
    office = shop.office
    headers, owner_id, made = await open_one(shop)
    path = f"/admin/cases/{made['case_id']}"
    assert made["due_at"] == office.at + SETTINGS["case_days"].default * 86_400
    assert [one["kind"] for one in made["alerts"]] == [AlertKind.FORGED]
    again = {"title": "再来", "alert_ids": [made["alerts"][0]["alert_id"]], "owner_id": owner_id}
    answer = await office.http.post("/admin/cases", json=again, headers=headers)
    assert answer.status_code == 404  # an alert is in one case
    note = {"text": "<script>alert(1)</script> 已调取录像"}
    assert (await office.http.post(f"{path}/notes", json=note, headers=headers)).status_code == 201
    handed = {"owner_id": owner_id, "due_at": office.at + 60, "reason": "加急"}
    assert (await office.http.put(f"{path}/owner", json=handed, headers=headers)).status_code == 200
    handed["owner_id"], _ = await office.hire(Role.CARD_OFFICE)
    assert (await office.http.put(f"{path}/owner", json=handed, headers=headers)).status_code == 400
    office.clock.now += 61
    (listed,) = (await office.http.get("/admin/cases", headers=headers)).json()["cases"]
    assert listed["is_late"]
    end = {"finding": "fraud", "reason": "已移交保卫处"}
    assert (
        await office.http.post(f"{path}/closings", json=end, headers=headers)
    ).status_code == 201
    told = (await office.http.get(path, headers=headers)).json()
    assert (told["finding"], told["is_late"]) == ("fraud", False)
    assert told["alerts"][0]["closing_reason"] == "已移交保卫处"
    assert [one["text"] for one in told["notes"]] == [note["text"]]
    for after in ("notes", "closings"):
        body = note if after == "notes" else end
        answer = await office.http.post(f"{path}/{after}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (409, "case_closed")
    verbs = [row.verb for row in await AuditRow.filter(verb__startswith="cases.").order_by("id")]
    assert verbs == ["cases.open", "cases.note", "cases.hand_over", "cases.close"]


async def test_notes_are_never_changed(shop: Shop, migrated_url: str) -> None:
    headers, _, made = await open_one(shop)
    path = f"/admin/cases/{made['case_id']}/notes"
    await shop.office.http.post(path, json={"text": "一"}, headers=headers)
    with pytest.raises(RefusedSqlError, match="append-only"):
        execute(migrated_url, "UPDATE case_note SET text='二'")


async def test_an_alert_is_closed_alone_with_a_reason(shop: Shop) -> None:
    campus = await make_campus(shop, "东校区")
    headers = await shop.office.staff(Role.FINANCE)
    path = f"/admin/alerts/{campus.alert_id}/closings"
    for _ in range(2):
        answer = await shop.office.http.post(path, json={"reason": "误报"}, headers=headers)
        assert answer.status_code == 201
    assert (await shop.office.http.get("/admin/alerts", headers=headers)).json()["alerts"] == []
    told = await shop.office.http.get("/admin/alerts?state=closed&kind=forged", headers=headers)
    assert [one["closing_reason"] for one in told.json()["alerts"]] == ["误报"]


async def test_alerts_about_one_holder_are_found_by_the_schools_number(shop: Shop) -> None:
    campus = await make_campus(shop, "东校区")
    headers = await shop.office.staff(Role.FINANCE)
    holder = await CardholderRow.all().first()
    assert holder is not None
    await AlertRow.filter(id=campus.alert_id).update(holder_id=holder.id)
    for number, found in ((holder.number, [campus.alert_id]), ("S999", [])):
        query = f"/admin/alerts?number={number}"
        told = await shop.office.http.get(query, headers=headers)
        assert [one["alert_id"] for one in told.json()["alerts"]] == found


async def test_an_alert_in_a_case_closes_with_it(shop: Shop) -> None:
    headers, _, made = await open_one(shop)
    path = f"/admin/alerts/{made['alerts'][0]['alert_id']}/closings"
    answer = await shop.office.http.post(path, json={"reason": "误报"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (409, "in_case")


async def test_evidence_is_assembled_and_its_reading_is_seen(shop: Shop) -> None:
    campus = await make_campus(shop, "东校区")
    headers = await shop.office.staff(Role.FINANCE)
    path = f"/staff/disputes/{campus.payment_id}/evidence"
    told = (await shop.office.http.get(path, headers=headers)).json()
    assert [one["kind"] for one in told["where"]] == ["window", "canteen", "campus"]
    assert 0 <= told["occurred_at"] - told["code_made_at"] < 15
    assert told["terminal"]["terminal_id"] == campus.terminal_id
    assert [one["kind"] for one in told["alerts"]] == ["forged"]
    assert told["same_terminal"] == []
    assert await AuditRow.filter(verb="disputes.look").count() == 1
    shift = told["shift"]
    assert (shift["cashier"], shift["name"], shift["closed_at"]) == (0, "", None)
    cashier, _ = await shop.office.hire(Role.CASHIER, merchant_id=campus.merchant_id)
    await ShiftRow.all().update(cashier=cashier, first_sequence=1, last_sequence=1, closed_at=9)
    shift = (await shop.office.http.get(path, headers=headers)).json()["shift"]
    assert (shift["cashier"], shift["closed_at"]) == (cashier, 9)
    assert shift["name"]
    await ShiftRow.all().update(first_sequence=told["sequence"] + 1)
    assert (await shop.office.http.get(path, headers=headers)).json()["shift"] is None


async def test_the_same_is_not_kept_twice(office: Office) -> None:
    alerts = fast_cards([tap(1, 0), tap(2, 1)], 2, 60)
    assert [await keep_alerts(alerts * 2, office.at), await keep_alerts(alerts, office.at)] == [
        1,
        0,
    ]
