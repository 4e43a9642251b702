"""One person's page: what it tells, to whom, and what each look leaves in his trail."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend.domain.access import Role
from backend.tables.payment import PaymentRow
from backend.tables.staff import AuditRow
from tests.rig.office import Office
from tests.rig.shop import Shop


async def get(office: Office, headers: dict[str, str], holder_id: int, part: str = "") -> Any:
    """A part of a person's page."""
    path = f"/staff/cardholders/{holder_id}{part}"
    answer: httpx.Response = await office.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def verbs_of(holder_id: int) -> list[str]:
    """What stands in his trail about looks, oldest first."""
    rows = AuditRow.filter(subject=f"cardholder:{holder_id}").order_by("id")
    return [row.verb for row in await rows]


async def test_the_page_tells_of_him_his_purses_and_his_cards(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    student = await office.student()
    frozen = {"parts": ["money"], "reason": "本人来电"}
    path = f"/staff/cards/{student.card_id}/freezes"
    assert (await office.http.post(path, headers=clerk, json=frozen)).status_code == 201
    page = await get(office, clerk, student.holder_id)
    assert (page["number"], page["name"]) == (student.number, student.name)
    assert page["purses_fen"] == {"benefit": 0, "cash": 0}
    (card,) = page["cards"]
    assert (card["card_number"], card["state"]) == (student.card_number, "frozen")
    assert card["phone_at"] > 0
    assert list(page["names"]) == [card["frozen_by"]]
    assert await verbs_of(student.holder_id) == ["cardholders.look_up"]


async def test_every_look_at_money_or_limits_stands_in_his_trail(office: Office) -> None:
    auditor = await office.staff(Role.AUDITOR)
    student = await office.student()
    for part in ("/payments", "/limits", "/lots", "/top-ups", "/disputes", "/card-requests"):
        await get(office, auditor, student.holder_id, part)
    assert await verbs_of(student.holder_id) == [
        "cardholders.look_at_payments",
        "cardholders.look_at_limits",
        "lots.read",
    ]


async def test_a_payment_opens_down_to_its_postings(shop: Shop) -> None:
    office = shop.office
    finance = await office.staff(Role.FINANCE)
    student, other = await shop.student(), await shop.student()
    till = await shop.till()
    await shop.pay(till, shop.code(student), 1250)
    (line,) = (await get(office, finance, student.holder_id, "/payments"))["payments"]
    payment_id = line["payment_id"]
    told = await get(office, finance, student.holder_id, f"/payments/{payment_id}")
    (leg,) = told["legs"]
    assert (leg["amount_fen"], leg["entry_id"]) == (1250, payment_id)
    assert leg["source"] == f"purse:{student.holder_id}:cash"
    assert leg["target"].startswith("merchant:")
    assert told["sequence"] == (await PaymentRow.get(id=payment_id)).sequence
    path = f"/staff/cardholders/{other.holder_id}/payments/{payment_id}"
    assert (await office.http.get(path, headers=finance)).status_code == 404, "not his"


async def test_the_trail_names_staff_and_tells_reasons(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    student = await office.student()
    for verb, body in (
        ("losses", {"reason": "丢失"}),
        ("bindings", {"reason": "换手机"}),
        ("replacements", {"reason": "损坏"}),
    ):
        path = f"/staff/cards/{student.card_id}/{verb}"
        answer = await office.http.post(path, headers=clerk, json=body)
        assert answer.status_code == 201, answer.text
    first = (await get(office, clerk, student.holder_id, "/trail?limit=2"))["lines"]
    assert [(one["verb"], one["reason"]) for one in first] == [
        ("cards.replace", "损坏"),
        ("cards.bind", "换手机"),
    ]
    assert all(one["name"].startswith("员工") for one in first)
    before = first[-1]["id"]
    rest = (await get(office, clerk, student.holder_id, f"/trail?before={before}"))["lines"]
    assert rest[0]["verb"] == "cards.report_loss"
    own = await office.http.get("/student/trail", headers=student.headers)
    assert own.status_code == 401, "the lost phone is signed out"


async def test_what_an_office_notes_of_a_freeze_is_its_own(office: Office) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    student = await office.student()
    path = f"/staff/cards/{student.card_id}/freezes"
    frozen = {"parts": ["money"], "reason": "疑似被盗用"}
    await office.http.post(path, headers=clerk, json=frozen)
    lifted = await office.http.request("DELETE", path, headers=clerk, json={"reason": "已核实"})
    assert lifted.status_code == 200
    trail = (await office.http.get("/student/trail", headers=student.headers)).json()["trail"]
    assert [one["verb"] for one in trail[:2]] == ["cards.unfreeze", "cards.freeze"]
    assert not any("reason" in one for one in trail[:2])
    told = (await get(office, clerk, student.holder_id, "/trail"))["lines"]
    assert {"已核实", "疑似被盗用"} <= {one["reason"] for one in told}


@pytest.mark.parametrize("part", ["", "/payments", "/limits"])
async def test_a_stranger_is_not_there(office: Office, part: str) -> None:
    clerk = await office.staff(Role.CARD_OFFICE)
    answer = await office.http.get(f"/staff/cardholders/999{part}", headers=clerk)
    assert answer.status_code == 404
    assert await verbs_of(999) == []
