"""A card office of one campus: whom it finds, what it takes out, whose guests it lets in."""

from __future__ import annotations

import csv
import io

import pytest

from backend.domain.access import Role
from backend.domain.card_request import Decision
from backend.domain.sheet import BOM
from backend.tables.account import AccountRow
from backend.tables.cardholder import CardholderRow
from tests.rig.places import QUOTA_OFFICE, Campus, make_campus
from tests.rig.shop import Json, Shop

DAY = 86_400


def guest(shop: Shop, key: str, **more: object) -> Json:
    return {
        "request_key": key,
        "kind": "guest",
        "office": QUOTA_OFFICE,
        "name": "来访者",
        "class_id": 1,
        "until_at": shop.office.at + DAY,
        "reason": "讲座",
        **more,
    }


async def two(shop: Shop) -> tuple[Campus, Campus]:
    return await make_campus(shop, "东校区"), await make_campus(shop, "西校区")


@pytest.mark.parametrize(
    "wanted", [{}, {"membership": "active"}, {"text": "S0"}, {"card": "active"}]
)
async def test_a_campus_finds_its_own_people_however_it_asks(shop: Shop, wanted: Json) -> None:
    own, other = await two(shop)
    await shop.student()  # at home nowhere in particular: the whole school's
    headers = await own.staff(shop, Role.CARD_OFFICE)
    school = await shop.office.staff(Role.CARD_OFFICE)
    path = "/staff/cardholders/searches"
    found = await shop.office.http.post(path, json=wanted, headers=headers)
    assert [one["cardholder_id"] for one in found.json()["people"]] == [own.holder_id]
    found = await shop.office.http.post(path, json=wanted, headers=school)
    assert {one["cardholder_id"] for one in found.json()["people"]} > {
        own.holder_id,
        other.holder_id,
    }


async def test_a_foreign_number_card_and_name_find_nobody(shop: Shop) -> None:
    own, other = await two(shop)
    headers = await own.staff(shop, Role.CARD_OFFICE)
    stranger = await CardholderRow.get(id=other.holder_id)
    for text in (stranger.number, stranger.name):
        found = await shop.office.http.post(
            "/staff/cardholders/searches", json={"text": text}, headers=headers
        )
        told = [one["cardholder_id"] for one in found.json()["people"]]
        assert other.holder_id not in told


async def test_the_file_of_people_ends_where_the_right_does(shop: Shop) -> None:
    own, other = await two(shop)
    headers = await own.staff(shop, Role.CARD_OFFICE)
    answer = await shop.office.http.post("/staff/cardholders/exports", json={}, headers=headers)
    text = answer.content.decode().removeprefix(BOM)
    numbers = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert numbers == [own.number]
    # what two people let out is made for the whole school, so a place cannot ask for it
    asked = {"request_key": "east-file", "what": "cardholders", "filters": {}, "reason": "核对"}
    answer = await shop.office.http.post("/admin/exports", json=asked, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "beyond_reach")
    assert other.number not in text


async def test_a_guest_of_a_campus_is_at_home_there_and_in_its_book(shop: Shop) -> None:
    own, other = await two(shop)
    http = shop.office.http
    headers, local = await own.staff(shop, Role.CARD_OFFICE), await own.staff(shop, Role.ADMIN)
    path = "/staff/card-requests"
    asked = await http.post(path, json=guest(shop, "guest-east-1"), headers=headers)
    assert (asked.status_code, asked.json()["campus_id"]) == (201, own.place_id)
    again = await http.post(path, json=guest(shop, "guest-east-1"), headers=headers)
    assert again.json()["request_id"] == asked.json()["request_id"]
    approval = f"{path}/{asked.json()['request_id']}/approvals"
    stranger = await other.staff(shop, Role.ADMIN)
    assert (await http.post(approval, headers=stranger)).status_code == 404
    made = await http.post(approval, headers=local)
    assert (made.status_code, made.json()["state"]) == (201, Decision.APPROVED)
    holder_id = made.json()["cardholder_id"]
    assert (await CardholderRow.get(id=holder_id)).campus_id == own.place_id
    purses = await AccountRow.filter(holder_id=holder_id)
    assert {one.book_id for one in purses} == {own.place_id}
    assert (await http.get(f"/staff/cardholders/{holder_id}", headers=headers)).status_code == 200


@pytest.mark.parametrize("named", ["foreign", "canteen", "nowhere"])
async def test_a_guest_is_at_home_at_a_campus_of_the_asker(shop: Shop, named: str) -> None:
    own, other = await two(shop)
    campus_id = {"foreign": other.place_id, "canteen": own.canteen_id, "nowhere": 10_000}[named]
    body = guest(shop, f"guest-{named}", campus_id=campus_id)
    local, school = await own.staff(shop, Role.CARD_OFFICE), await shop.office.staff(Role.ADMIN)
    for headers in (local,) if named == "foreign" else (local, school):
        answer = await shop.office.http.post("/staff/card-requests", json=body, headers=headers)
        assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, "campus_id")


async def test_a_card_of_a_campus_is_frozen_by_its_own_office_alone(shop: Shop) -> None:
    own, other = await two(shop)
    parts = {"parts": ["money"]}
    path = f"/staff/cards/{own.card_id}/freezes"
    stranger = await other.staff(shop, Role.CARD_OFFICE)
    answer = await shop.office.http.post(path, json=parts, headers=stranger)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_card")
    headers = await own.staff(shop, Role.CARD_OFFICE)
    assert (await shop.office.http.post(path, json=parts, headers=headers)).status_code == 201
    # whoever moved is his new campus' person, at once
    await CardholderRow.filter(id=own.holder_id).update(campus_id=other.place_id)
    undo = f"/staff/cards/{own.card_id}/freezes"
    answer = await shop.office.http.request("DELETE", undo, json=parts, headers=headers)
    assert answer.status_code == 404


async def test_who_is_bound_to_a_canteen_has_no_people(shop: Shop) -> None:
    own, _ = await two(shop)
    headers = await shop.office.staff(Role.ADMIN, place_id=own.canteen_id)
    found = await shop.office.http.post("/staff/cardholders/searches", json={}, headers=headers)
    assert found.json()["people"] == []
    answer = await shop.office.http.get(f"/staff/cardholders/{own.holder_id}", headers=headers)
    assert answer.status_code == 404
