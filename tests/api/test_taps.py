"""What would this tap do? Asked over HTTP; the very rule answers, and nothing moves."""

from __future__ import annotations

from typing import Any

from backend.domain.access import Role
from backend.tables.payment import PaymentRow
from backend.tables.staff import AuditRow
from tests.api.access_rows_terminals import tapped
from tests.api.test_rollouts import open_desk
from tests.rig.office import Office
from tests.rig.shop import Shop
from tests.rig.tills import refused

Json = dict[str, Any]


async def ask(office: Office, headers: dict[str, str], **changes: object) -> Any:
    body = {**tapped(), **changes}
    return await office.http.post("/admin/rules/tries", json=body, headers=headers)


def step(told: Json, name: str) -> Json:
    (found,) = [one for one in told["steps"] if one["step"] == name]
    figures: Json = found["figures"]
    return figures


async def test_anybody_of_a_class(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    told = (await ask(office, admin, class_id=3, asked_fen=1000)).json()
    assert told["is_approved"]
    assert (told["nominal_fen"], told["fee_fen"], told["charged_fen"]) == (1000, 100, 1100)
    assert told["split"] == {"cash": 1100}
    assert (told["period_id"], told["business_on"], told["version"]) == ("lunch", 20260101, 1)
    assert step(told, "charge")["pay_percent"] == 100
    poor = (await ask(office, admin, balances={"cash": 3})).json()
    assert (poor["is_approved"], poor["reason"]) == (False, "insufficient_funds")
    assert poor["evidence"]["short_fen"] == 497
    assert [one["step"] for one in poor["steps"] if one["is_refused"]] == ["purses"]
    assert await AuditRow.filter(verb="cardholders.look_up").count() == 0


async def test_a_person_by_what_the_books_hold_and_the_look_is_written_down(shop: Shop) -> None:
    office, till, student = shop.office, await shop.till(), await shop.student(600)
    assert (await shop.pay(till, shop.code(student), 250))["outcome"] == "approved"
    clerk = await office.staff(Role.CARD_OFFICE)
    asked = {"number": student.number, "terminal_id": till.terminal_id, "group_id": ""}
    told = (await ask(office, clerk, at=office.at, **asked)).json()
    assert (told["holder_id"], told["class_id"]) == (student.holder_id, 1)
    assert (told["reason"], told["evidence"]["short_fen"]) == ("insufficient_funds", 150)
    assert step(told, "limits")["day_fen"] == 250
    assert step(told, "interval")["apart_seconds"] == office.at - 1_767_240_000
    (line,) = await AuditRow.filter(verb="cardholders.look_up")
    assert (line.subject, line.detail) == (f"cardholder:{student.holder_id}", {"tap": True})
    assert (await PaymentRow.all().count(), shop.balance(student)) == (1, 350)
    # what the office assumes stands in the place of the books
    spent = {"day_fen": 0, "meal_fen": 0, "meal_count": 0, "apart_seconds": None}
    rich = await ask(office, clerk, **asked, balances={"cash": 500}, spending=spent)
    assert rich.json()["is_approved"]


async def test_a_terminal_alone(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    alone = {
        "sync_age_seconds": 60, "payments": 0, "spent_fen": 4600, "entry_limit_fen": None,
        "terminal_fen": 0,
    }  # fmt: skip
    told = (await ask(office, admin, alone=alone)).json()
    assert told["reason"] == "offline_limit"
    assert step(told, "offline")["trust"] == "fresh"
    assert step(told, "offline")["class_limit_fen"] == 5000
    assert (await ask(office, admin, alone={**alone, "spent_fen": 0})).json()["is_approved"]


async def test_under_a_draft_and_under_an_old_version(office: Office) -> None:
    desk = await open_desk(office)
    draft = await desk.draft(amount_fen_max=300)
    told = (await ask(office, desk.admin, draft_id=draft["draft_id"])).json()
    assert (told["version"], told["reason"]) == (0, "amount_out_of_range")
    assert (await ask(office, desk.admin)).json()["is_approved"]
    assert (await desk.publish(draft)).status_code == 201
    now = (await ask(office, desk.admin)).json()
    assert (now["version"], now["reason"]) == (2, "amount_out_of_range")
    assert (await ask(office, desk.admin, version=1)).json()["is_approved"]


async def test_what_is_not_there(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    refused(await ask(office, admin, number="S999999"), 404, "unknown_cardholder")
    refused(await ask(office, admin, terminal_id=99), 404, "unknown_terminal")
    refused(await ask(office, admin, draft_id=99), 404, "unknown_draft")
    refused(await ask(office, admin, version=99), 404, "unknown_rules")
    refused(await ask(office, admin, group_id=""), 400, "invalid_input")
    holder = await office.holder()
    refused(await ask(office, admin, number=holder.number), 404, "no_card")
    elsewhere = (await ask(office, admin, group_id="gone")).json()
    assert (elsewhere["reason"], elsewhere["steps"][-1]["step"]) == ("class_not_accepted", "place")
