"""What the mini-program shows beside the card, over real HTTP: spending, disputes, windows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.domain.access import Role
from backend.tables.card import CardRow
from backend.tables.staff import AuditRow
from backend.usecases.rules.publish_rules import publish_rules
from campus_code import (
    CardState,
    ClassRules,
    EmergencyRules,
    GroupRules,
    to_json,
    verify_emergency,
)
from tests.rig.campus import GUEST, STUDENT, make_rules
from tests.rig.office import Office
from tests.rig.shop import Shop

LUNCH = {"zh": "午餐", "en": "Lunch"}
KEY = "0123456789ab"


async def get(office: Office, path: str, headers: dict[str, str]) -> Any:
    answer = await office.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_month_is_told_by_day_merchant_and_meal(shop: Shop) -> None:
    student, noodles, rice = await shop.student(), await shop.till(), await shop.till("Rice")
    for till, fen in ((noodles, 500), (rice, 900), (noodles, 300)):
        shop.office.clock.now += 15
        await shop.pay(till, shop.code(student), fen)
    told = await get(shop.office, "/student/spending", student.headers)
    assert {name: told[name] for name in ("month", "charged_fen", "returned_fen", "payments")} == {
        "month": 202601, "charged_fen": 1700, "returned_fen": 0, "payments": 3,
    }  # fmt: skip
    assert told["days"] == [{"business_on": 20260101, "charged_fen": 1700}]
    assert told["merchants"] == [
        {"merchant": "Rice", "charged_fen": 900, "payments": 1},
        {"merchant": "Noodles", "charged_fen": 800, "payments": 2},
    ]
    assert told["periods"] == [{"period_id": "lunch", **LUNCH, "charged_fen": 1700, "payments": 3}]
    assert told["months"][-1] == {"month": 202601, "charged_fen": 1700}
    assert len(told["months"]) == 12
    earlier = await get(shop.office, "/student/spending?month=202512", student.headers)
    assert (earlier["month"], earlier["charged_fen"], earlier["days"]) == (202512, 0, [])
    listed = await get(shop.office, "/student/payments?month=202601&limit=2", student.headers)
    assert [one["nominal_fen"] for one in listed["payments"]] == [300, 900]
    assert (await get(shop.office, "/student/payments?month=202512", student.headers))["next"] == 0


@pytest.mark.parametrize("month", ["202613", "2026", "x", "-1", "99999999"])
async def test_a_month_there_is_not_is_named(office: Office, month: str) -> None:
    student = await office.student()
    for path in ("/student/spending", "/student/payments"):
        answer = await office.http.get(f"{path}?month={month}", headers=student.headers)
        assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, "month")


async def test_a_payment_is_contested_decided_and_given_back(shop: Shop) -> None:
    office = shop.office
    student, till = await shop.student(), await shop.till()
    payment = (await shop.pay(till, shop.code(student), 500))["payment_id"]
    body = {"payment_id": payment, "reason": "not_me", "note": "我在上课"}
    answers = [
        await office.http.post("/student/disputes", json=body, headers=student.headers)
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json() == {"payment_id": payment, "opened_at": office.at, "state": "open"}
    finance, admin = await office.staff(Role.FINANCE), await office.staff(Role.ADMIN)
    (waiting,) = (await get(office, "/staff/disputes", finance))["disputes"]
    assert (waiting["payment_id"], waiting["note"]) == (payment, "我在上课")
    assert student.name not in str(waiting)
    path = f"/staff/disputes/{payment}/decisions"
    decided = await office.http.post(path, json={"decision": "upheld"}, headers=finance)
    assert decided.status_code == 201
    remedy = decided.json()["remedy"]
    assert remedy == {"kind": "void", "payment_id": payment, "amount_fen": 500}
    assert shop.balance(student) == 9500, "a decision moves no money"
    asked = {
        "request_key": KEY, "payment_id": remedy["payment_id"], "amount_fen": remedy["amount_fen"],
        "reason": "争议成立",
    }  # fmt: skip
    request = await office.http.post("/staff/voids", json=asked, headers=finance)
    approvals = f"/staff/corrections/{request.json()['request_id']}/approvals"
    assert (await office.http.post(approvals, headers=admin)).status_code == 201
    assert shop.balance(student) == 10_000
    (line,) = (await get(office, "/student/payments", student.headers))["payments"]
    assert (line["dispute"], line["returned_fen"]) == ("upheld", 500)
    (mine,) = (await get(office, "/student/disputes", student.headers))["disputes"]
    assert (mine["state"], mine["reason"], mine["is_automatic"]) == ("upheld", "not_me", False)
    assert (await get(office, "/staff/disputes", finance))["disputes"] == []


async def test_nobody_contests_for_another(shop: Shop) -> None:
    student, till = await shop.student(), await shop.till()
    payment = (await shop.pay(till, shop.code(student), 500))["payment_id"]
    stranger = await shop.office.student()
    body = {"payment_id": payment, "reason": "not_me"}
    answer = await shop.office.http.post("/student/disputes", json=body, headers=stranger.headers)
    unknown = await shop.office.http.post(
        "/student/disputes", json={**body, "payment_id": payment + 8}, headers=stranger.headers
    )
    assert answer.status_code == 404
    assert answer.json() == unknown.json()
    assert (await get(shop.office, "/student/disputes", stranger.headers))["disputes"] == []


@pytest.mark.parametrize(
    "field, value",
    [("reason", "because"), ("note", "长" * 201), ("payment_id", 0), ("payment_id", "1")],
)
async def test_a_wrong_dispute_is_named(office: Office, field: str, value: object) -> None:
    student = await office.student()
    body = {"payment_id": 8, "reason": "other", "note": "", field: value}
    answer = await office.http.post("/student/disputes", json=body, headers=student.headers)
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, field)


async def publish(office: Office, **changes: object) -> None:
    raw = to_json(make_rules(version=2, **changes))
    await publish_rules(raw, published_by="tests", at=office.at, bus=office.parts.bus)
    await office.parts.rules.refresh()


async def test_windows_tell_the_prices_of_my_class(shop: Shop) -> None:
    student = ClassRules(
        STUDENT, "学生", "Student", pay_percent=80, fixed_prices={"lunch": 1200, "": 1000}
    )
    guest = ClassRules(GUEST, "访客", "Guest", fixed_prices={"lunch": 1888})
    await publish(
        shop.office,
        classes={STUDENT: student, GUEST: guest},
        groups={
            "canteen": GroupRules("canteen", "食堂", "Canteen", accepted_periods=("lunch",)),
            "meals": GroupRules(
                "meals", "套餐", "Meals", price_mode="fixed", accepts_outside_periods=True
            ),
            "guests": GroupRules(
                "guests", "接待", "Guests", price_mode="fixed", accepted_classes=(GUEST,)
            ),
        },
    )
    await shop.till("面馆")
    holder = await shop.student()
    told = await get(shop.office, "/student/windows", holder.headers)
    assert told["now"] == "lunch"
    assert [one["id"] for one in told["periods"]] == ["lunch", "dinner"]
    groups = {one["group_id"]: one for one in told["groups"]}
    canteen, meals, guests = groups["canteen"], groups["meals"], groups["guests"]
    assert (canteen["serves"], canteen["prices"], canteen["windows"]) == (["lunch"], [], ["面馆"])
    assert meals["prices"] == [
        {"period_id": "lunch", "nominal_fen": 1200, "charged_fen": 960},
        {"period_id": "", "nominal_fen": 1000, "charged_fen": 800},
    ]
    assert (guests["is_accepted"], guests["serves"], guests["prices"]) == (False, [], [])
    visitor = await shop.office.bind(await shop.office.card((await shop.office.holder(GUEST)).id))
    told = await get(shop.office, "/student/windows", visitor.headers)
    groups = {one["group_id"]: one for one in told["groups"]}
    assert groups["guests"]["prices"] == [
        {"period_id": "lunch", "nominal_fen": 1888, "charged_fen": 1888}
    ]


async def test_the_office_tells_the_days_emergency_code(office: Office) -> None:
    student, staff = await office.student(), await office.staff(Role.CARD_OFFICE)
    path = f"/staff/cards/{student.card_id}/emergency-codes"
    answer = await office.http.post(path, headers=staff)
    assert answer.status_code == 201
    own = await get(office, "/student/emergency-code", student.headers)
    assert answer.json() == own
    day = date.fromisoformat(own["on"])
    card = await CardRow.get(id=student.card_id)
    keyring = office.parts.keyrings.terminal
    verified = verify_emergency(own["code"], card.issue, keyring, office.at, day)
    assert verified.card_number == student.card_number
    trail = (await get(office, "/student/trail", student.headers))["trail"]
    assert trail[0]["verb"] == "cards.emergency"
    assert trail[0]["actor"].startswith("staff:")


@pytest.mark.parametrize("state", [CardState.FROZEN, CardState.LOST, CardState.CLOSED])
async def test_no_code_for_a_card_that_would_be_refused(office: Office, state: CardState) -> None:
    card = await office.card((await office.holder()).id)
    await CardRow.filter(id=card.id).update(state=state)
    staff = await office.staff(Role.CARD_OFFICE)
    answer = await office.http.post(f"/staff/cards/{card.id}/emergency-codes", headers=staff)
    assert (answer.status_code, answer.json()["error"]) == (409, "card_not_active")
    assert not await AuditRow.exists(verb="cards.emergency")


async def test_no_code_where_the_school_takes_none(office: Office) -> None:
    card = await office.card((await office.holder()).id)
    await publish(office, emergency=EmergencyRules(0))
    staff = await office.staff(Role.CARD_OFFICE)
    answer = await office.http.post(f"/staff/cards/{card.id}/emergency-codes", headers=staff)
    assert (answer.status_code, answer.json()["error"]) == (409, "emergency_off")
