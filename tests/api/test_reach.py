"""Roles that end at a place: every route × every role × own and other, out of the matrix itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from backend.domain.access import Role
from backend.tables.place import AppointmentRow, PlaceRow
from backend.tables.staff import StaffRow
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.settlements.settle_day import settle_day
from campus_code import business_day
from tests.api.access_callers import Caller, Row
from tests.api.access_rows import MATRIX, PERSONAL
from tests.rig.office import Office
from tests.rig.places import CHARGED_FEN, QUOTA_OFFICE, Campus, make_campus
from tests.rig.shop import Shop

_numbers = itertools.count(1)
OFFICES = ("/staff", "/admin", "/merchant")
NAMED = (
    "merchant_id",
    "terminal_id",
    "payment_id",
    "request_id",
    "drawer_id",
    "alert_id",
    "holder_id",
    "card_id",
    "card_request_id",
)
FOR_ANYBODY = ("/staff/sessions", "/staff/recovery-codes", "/staff/own-sessions", "/admin/progress")
REFUSED = {403, 404}


def key() -> str:
    return f"reach-{next(_numbers):04}"


def correction(campus: Campus, fen: int) -> dict[str, object]:
    return {
        "request_key": key(),
        "payment_id": campus.payment_id,
        "amount_fen": fen,
        "reason": "菜品有误",
    }


@dataclass(frozen=True)
class Case:
    """How a scoped route is tried: what is sent to name something of a campus, what own answers."""

    own: int
    body: Callable[[Campus], dict[str, object]] | None = None
    """None: the matrix's own, which names nothing of a campus."""
    shows: str = ""
    """A list: which of a campus's ids it must show, and never another's."""


def enrolment(campus: Campus) -> dict[str, object]:
    return {"name": "新窗口机", "merchant_id": campus.merchant_id, "group_id": "canteen"}


def new_place(campus: Campus) -> dict[str, object]:
    return {"kind": "canteen", "name": key(), "parent_id": campus.place_id}


def second_card(campus: Campus) -> dict[str, object]:
    return {
        "request_key": key(),
        "kind": "secondary",
        "office": QUOTA_OFFICE,
        "cardholder_id": campus.holder_id,
        "reason": "门禁",
    }


HOLDER, CARD = "/staff/cardholders/<holder_id:int>", "/staff/cards/<card_id:int>"
PEOPLE = {
    "POST /staff/lookups": Case(200, lambda one: {"number": one.number}),
    "POST /staff/cardholders/searches": Case(200, shows="cardholder_id"),
    "POST /staff/cardholders/exports": Case(200),  # test_people_reach.py
    "GET /staff/card-requests": Case(200, shows="cardholder_id"),
    "GET /staff/card-requests/export": Case(200),  # test_list_files.py
    "POST /staff/card-requests": Case(201, second_card),
    "POST /staff/card-requests/<request_id:int>/approvals": Case(201),
    "POST /staff/card-requests/<request_id:int>/rejections": Case(409),  # approved just before
    "GET /staff/card-quotas": Case(200),
    f"POST {HOLDER}/cards": Case(409),  # he has one
    f"GET {HOLDER}": Case(200),
    f"GET {HOLDER}/payments": Case(200),
    f"GET {HOLDER}/payments/<payment_id:int>": Case(200),
    f"GET {HOLDER}/top-ups": Case(200),
    f"GET {HOLDER}/disputes": Case(200),
    f"GET {HOLDER}/trail": Case(200),
    f"GET {HOLDER}/limits": Case(200),
    f"GET {HOLDER}/card-requests": Case(200),
    f"PUT {HOLDER}/end": Case(200),
    f"PUT {HOLDER}/pin": Case(200),
    f"GET {HOLDER}/guardians": Case(200),
    f"GET {HOLDER}/zones": Case(200),
    f"PUT {HOLDER}/zones": Case(200),
    f"POST {HOLDER}/passages": Case(200),
    f"POST {HOLDER}/guardian-codes": Case(201),
    f"POST {HOLDER}/contacts": Case(201),
    f"DELETE {HOLDER}/guardians/<guardian_id:int>": Case(404),
    f"GET {HOLDER}/lots": Case(200),
    f"POST {HOLDER}/credits": Case(201),
    f"POST {CARD}/bindings": Case(201),
    f"POST {CARD}/freezes": Case(201),
    f"DELETE {CARD}/freezes": Case(200),
    f"POST {CARD}/emergency-codes": Case(201),
    f"POST {CARD}/chips": Case(201),
    f"GET {CARD}/chips": Case(200),
    f"DELETE {CARD}/chips": Case(200),
    f"POST {CARD}/losses": Case(201),
    f"POST {CARD}/replacements": Case(201),
    f"POST {CARD}/closures": Case(409),  # replaced just before
}
CASES = PEOPLE | {
    "GET /admin/places": Case(200, shows="place_id canteen_id window_id"),
    "POST /admin/places": Case(201, new_place),
    "PUT /admin/places/<place_id:int>": Case(
        200, lambda one: {"name": key(), "parent_id": one.place_id}
    ),
    "DELETE /admin/places/<place_id:int>": Case(409),
    "PUT /admin/merchants/<merchant_id:int>/place": Case(
        200, lambda one: {"place_id": one.canteen_id, "reason": "搬迁"}
    ),
    "GET /staff/drawers": Case(200, shows="drawer_id"),
    "POST /staff/drawers": Case(201, lambda one: {"opened_fen": 0, "place_id": one.place_id}),
    "POST /staff/drawers/<drawer_id:int>/closings": Case(404, lambda _: {"counted_fen": 0}),
    "POST /staff/drawers/<drawer_id:int>/approvals": Case(201),
    "GET /admin/rules": Case(200),
    "POST /admin/merchants": Case(201, lambda one: {"name": key(), "place_id": one.window_id}),
    "GET /admin/merchants": Case(200, shows="merchant_id"),
    "GET /admin/terminals": Case(200, shows="terminal_id"),
    "GET /admin/terminals/<terminal_id:int>": Case(200, shows="terminal_id"),
    "POST /admin/terminals/enrolments": Case(201, enrolment),
    "POST /admin/terminals/<terminal_id:int>/rolls": Case(201),
    "POST /admin/terminals/<terminal_id:int>/revocations": Case(200, lambda _: {"reason": "换新"}),
    "POST /staff/refunds": Case(201, lambda one: correction(one, 1)),
    "POST /staff/voids": Case(201, lambda one: correction(one, CHARGED_FEN)),
    "GET /staff/corrections": Case(200, shows="payment_id"),
    "POST /staff/corrections/<request_id:int>/approvals": Case(201),
    "GET /staff/disputes": Case(200, shows="payment_id"),
    "POST /staff/disputes/<payment_id:int>/decisions": Case(201, lambda _: {"decision": "upheld"}),
    "GET /staff/disputes/<payment_id:int>/evidence": Case(200),
    "GET /admin/live/now": Case(200, shows="terminal_id"),
    "GET /admin/alerts": Case(200, shows="alert_id"),
    "POST /admin/alerts/<alert_id:int>/closings": Case(201, lambda _: {"reason": "误报"}),
    "GET /merchant/totals": Case(200, shows="merchant_id"),
    "GET /merchant/settlements": Case(200, shows="merchant_id"),
    "GET /merchant/today": Case(200, shows="terminal_id"),
    "GET /merchant/payments": Case(200, shows="payment_id"),
    "GET /merchant/refunds": Case(200, shows="request_id"),
    "GET /admin/settlements": Case(200, shows="merchant_id"),
    "GET /admin/payments": Case(200, shows="payment_id merchant_id"),
    "GET /admin/payments/export": Case(200),  # within the same reach: test_reports.py
    "GET /admin/settlements/export": Case(200),
    "GET /admin/reports/<kind:str>/export": Case(200),
    "GET /admin/shifts": Case(200, shows="terminal_id"),
    "GET /admin/shifts/export": Case(200),
    "GET /admin/terminals/export": Case(200),  # test_list_files.py
    "GET /admin/alerts/export": Case(200),
    "GET /staff/corrections/export": Case(200),
    "GET /staff/drawers/export": Case(200),
    "GET /admin/reports": Case(200),
    "GET /admin/reports/<kind:str>": Case(200, shows="merchant_id"),
    "POST /staff/corrections/<request_id:int>/rejections": Case(409),  # approved just before
}
"""A scoped route without a case fails below: say how a foreign thing is named to it."""
STREAMS = ("/admin/live",)
"""What does not end by itself: what it tells to whom is in test_live.py."""
LAST = ("/revocations", "/approvals", "/rejections", "/losses", "/replacements", "/closures")
"""What ends a thing that other cases still name."""


def cases() -> list[Row]:
    """The scoped rows, what ends things at the end."""
    ended = [row for row in MATRIX if row.scoped and row.path not in STREAMS]
    return sorted(ended, key=lambda row: row.path.endswith(LAST))


async def send(
    office: Office, row: Row, named: Campus, standing_in: Campus, headers: dict[str, str]
) -> httpx.Response:
    """Call a route with the ids of `named` in its path; its body names what is `standing_in`'s."""
    path = row.path.replace("card-requests/<request_id:int>", "card-requests/<card_request_id:int>")
    for name in NAMED:
        path = path.replace(f"<{name}:int>", str(getattr(named, name)))
    path = path.replace("<guardian_id:int>", "1")
    path = path.replace("<place_id:int>", str(named.canteen_id)).replace("<kind:str>", "merchants")
    made = CASES[f"{row.method} {row.path}"].body
    body = row.body() if made is None else made(standing_in)
    content: dict[str, Any] = {"json": body} if row.method in {"POST", "PUT"} else {}
    return await office.http.request(row.method, path, headers=headers, **content)


def ids_in(told: object) -> set[tuple[str, int]]:
    """Every `…_id` of an answer with its number."""
    if isinstance(told, dict):
        own = {(name, value) for name, value in told.items() if name.endswith("_id")}
        return own.union(*(ids_in(value) for value in told.values()))
    return set().union(*(ids_in(one) for one in told)) if isinstance(told, list) else set()


def shown(told: object, campus: Campus, names: str) -> list[bool]:
    """Whether each of a campus's ids is in an answer; places share one name there."""
    found = ids_in(told)
    return [
        ("place_id" if name in {"canteen_id", "window_id"} else name, getattr(campus, name))
        in found
        for name in names.split()
    ]


async def two(shop: Shop) -> tuple[Campus, Campus]:
    made = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    await roll_up()
    today = business_day(shop.office.at, shop.office.parts.rules.bundle)
    for campus in made:
        await settle_day(shop.ledger, shop.office.clock, campus.merchant_id, today)
    return made


def test_every_scoped_route_has_a_case() -> None:
    assert {f"{row.method} {row.path}" for row in cases()} == set(CASES)


@pytest.mark.timeout(180)
async def test_what_is_for_the_whole_school_is_not_for_a_place(shop: Shop) -> None:
    own = await make_campus(shop, "东校区")
    got_in = []
    for role in Role:
        headers = await own.staff(shop, role)
        for row in MATRIX:
            is_theirs = row.path.startswith(OFFICES) and not row.path.startswith(FOR_ANYBODY)
            if not is_theirs or row.may == frozenset(Caller) or row.scoped:
                continue
            path = row.path
            for piece in [one for one in path.split("/") if one.startswith("<")]:
                path = path.replace(piece, "1" if ":int" in piece else "x")
            answer = await shop.office.http.request(row.method, path, headers=headers)
            word = "beyond_reach" if Caller(role.value) in row.may else "not_permitted"
            if (answer.status_code, answer.json().get("error")) != (403, word):
                got_in.append(f"{row.method} {row.path} by {role}: {answer.status_code}")
    assert got_in == []


@pytest.mark.timeout(180)
@pytest.mark.parametrize("role", list(Role))
async def test_nothing_of_another_campus_is_seen_or_touched(shop: Shop, role: Role) -> None:
    own, other = await two(shop)
    headers = await own.staff(shop, role)
    wrong = []
    for row in cases():
        name = f"{row.method} {row.path}"
        case = CASES[name]
        # an own thing and a foreign place in the body is as foreign as the thing itself
        for named, standing_in in ((other, other), (other, own), (own, other)):
            if named is own and (case.body is None or case.body(own) == case.body(other)):
                continue
            answer = await send(shop.office, row, named, standing_in, headers)
            if Caller(role.value) not in row.may:
                is_right = answer.status_code == 403
            elif case.shows:
                is_right = not any(shown(answer.json(), other, case.shows))
            elif ":int>" not in row.path and (row.method == "GET" or row.path.endswith("/exports")):
                is_right = True  # the same for everybody, or a file: it has no id of a place
            elif "<" not in row.path and standing_in is own:
                continue
            elif row.path.startswith(PERSONAL):
                is_right = answer.json()["error"] in {"unknown_cardholder", "unknown_card"}
            else:
                is_right = answer.status_code in REFUSED
            if not is_right:
                wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []


@pytest.mark.timeout(180)
@pytest.mark.parametrize("role", list(Role))
async def test_the_own_campus_is_served(shop: Shop, role: Role) -> None:
    own, _ = await two(shop)
    headers = await own.staff(shop, role)
    wrong = []
    for row in cases():
        if Caller(role.value) not in row.may:
            continue
        name = f"{row.method} {row.path}"
        case = CASES[name]
        answer = await send(shop.office, row, own, own, headers)
        is_right = answer.status_code == case.own
        if role is Role.CASHIER and "place_id" in case.shows:
            is_right = answer.json() == {"places": []}  # a cashier is at a merchant, at no place
        elif case.shows:
            is_right = is_right and all(shown(answer.json(), own, case.shows))
        if not is_right:
            wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []


async def test_a_person_has_several_roles_each_with_its_own_reach(shop: Shop) -> None:
    own, other = await two(shop)
    office = shop.office
    staff_id, login = await office.hire(Role.AUDITOR, place_id=own.place_id)
    admin = await office.staff(Role.ADMIN)
    headers = await office.log_in(login)
    path = f"/admin/staff/{staff_id}/appointments"
    given = {"role": "finance", "place_id": other.place_id, "reason": "兼任西校区财务"}
    asked = correction(other, 1)
    answer = await office.http.post("/staff/refunds", json=asked, headers=headers)
    assert answer.status_code == 403
    made = await office.http.post(path, json=given, headers=admin)
    assert made.status_code == 201
    assert (await office.http.post(path, json=given, headers=admin)).status_code == 409
    # at once, without a new session; and at that campus only
    answer = await office.http.post("/staff/refunds", json=asked, headers=headers)
    assert answer.status_code == 201
    answer = await office.http.post("/staff/refunds", json=correction(own, 1), headers=headers)
    assert answer.status_code == 404
    told = (await office.http.get("/admin/terminals", headers=headers)).json()
    assert len(told["terminals"]) == 2  # both roles read terminals
    end = f"{path}/{made.json()['appointment_id']}/ends"
    answer = await office.http.post(end, json={"reason": "期满"}, headers=admin)
    assert answer.status_code == 201
    asked = correction(other, 2)
    answer = await office.http.post("/staff/refunds", json=asked, headers=headers)
    assert answer.status_code == 403
    (row,) = await StaffRow.filter(id=staff_id)
    told = (await office.http.get("/admin/staff", headers=admin)).json()["staff"]
    (mine,) = [one for one in told if one["staff_id"] == row.id]
    assert (mine["place_id"], mine["further"]) == (own.place_id, [])


async def test_nobody_appoints_himself(office: Office) -> None:
    staff_id, login = await office.hire(Role.ADMIN)
    headers = await office.log_in(login)
    given = {"role": "finance", "reason": "方便"}
    path = f"/admin/staff/{staff_id}/appointments"
    answer = await office.http.post(path, json=given, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "two_people")


async def test_a_merchant_that_moves_takes_its_things_along(shop: Shop) -> None:
    own, other = await two(shop)
    admin, local = await shop.office.staff(Role.ADMIN), await own.staff(shop, Role.AUDITOR)
    moved = {"place_id": own.canteen_id, "reason": "搬到东校区"}
    path = f"/admin/merchants/{other.merchant_id}/place"
    answer = await shop.office.http.put(path, json=moved, headers=admin)
    assert answer.json()["place_id"] == own.canteen_id
    told = (await shop.office.http.get("/admin/terminals", headers=local)).json()
    assert {one["terminal_id"] for one in told["terminals"]} == {
        own.terminal_id,
        other.terminal_id,
    }


async def test_nobody_moves_the_place_his_own_right_ends_at(shop: Shop) -> None:
    own, _ = await two(shop)
    local = await own.staff(shop, Role.ADMIN)
    path = f"/admin/places/{own.place_id}"
    changed = {"name": "中校区", "parent_id": 0}
    for answer in (
        await shop.office.http.put(path, json=changed, headers=local),
        await shop.office.http.delete(path, headers=local),
    ):
        assert answer.status_code == 404


async def test_nobody_takes_his_canteen_out_of_another_campus(shop: Shop) -> None:
    own, other = await two(shop)
    staff_id, login = await shop.office.hire(Role.ADMIN, place_id=own.place_id)
    await AppointmentRow.create(
        staff_id=staff_id, role="admin", place_id=other.canteen_id, merchant_id=0,
        made_by="tests", made_at=shop.office.at,
    )  # fmt: skip
    answer = await shop.office.http.put(
        f"/admin/places/{other.canteen_id}",
        json={"name": "中食堂", "parent_id": own.place_id},
        headers=await shop.office.log_in(login),
    )
    assert answer.status_code == 404
    assert (await PlaceRow.get(id=other.canteen_id)).parent_id == other.place_id
