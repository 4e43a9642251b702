"""Guardians' limits over real HTTP: who sets and sees them, and how terminals hear of them."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest

from backend.domain.access import Role
from backend.domain.guardian import LOOK_SECONDS
from backend.tables.cardholder import CardholderRow
from backend.tables.guardian import GuardianshipRow
from backend.tables.staff import AuditRow
from backend.usecases.rules.publish_rules import publish_rules
from campus_code import DocumentKind, GroupRules, HolderLimits, to_json
from tests.api.test_push import listening
from tests.rig.campus import make_rules
from tests.rig.device import Device
from tests.rig.guardians import Guardian, new_guardian, new_minor
from tests.rig.office import Office
from tests.rig.shop import Shop
from tests.rig.tills import terminal

KINDS = [
    {"id": "canteen", "zh": "食堂", "en": "Canteens"},
    {"id": "tuck", "zh": "书报亭、小卖部", "en": "Kiosk, Tuck shop"},
]
NOTHING: dict[str, Any] = {"day_fen": None, "weekday_fen": [None] * 7, "kinds": {}}
SOME: dict[str, Any] = {
    "day_fen": 3000,
    "weekday_fen": [None, None, None, 2000, None, 0, 0],
    "kinds": {"tuck": 0, "canteen": None},
}


async def use_kinds(office: Office) -> None:
    """Publish rules that know a canteen, two groups of one kind, and one of none."""
    groups = {
        "canteen": GroupRules("canteen", "食堂", "Canteen", kind="canteen"),
        "tuck": GroupRules("tuck", "小卖部", "Tuck shop", kind="tuck"),
        "kiosk": GroupRules("kiosk", "书报亭", "Kiosk", kind="tuck"),
        "gate": GroupRules("gate", "门口", "Gate"),
    }
    rules = replace(make_rules(groups=groups), version=office.parts.rules.bundle.version + 1)
    await publish_rules(to_json(rules), published_by="x", at=office.at, bus=office.parts.bus)
    await office.parts.rules.refresh()


async def up_to_date(office: Office) -> Device:
    """A terminal that holds everything, and has said so."""
    device = await terminal(office)
    for _ in range(2):
        await device.sync(office.http, office.at)
    return device


def path_of(holder_id: int) -> str:
    return f"/guardian/children/{holder_id}/limits"


async def put(
    office: Office, guardian: Guardian, holder_id: int, body: dict[str, Any]
) -> httpx.Response:
    return await office.http.put(path_of(holder_id), json=body, headers=guardian.headers)


async def test_a_guardian_sets_and_all_of_the_family_sees(office: Office) -> None:
    await use_kinds(office)
    child = await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    father = await new_guardian("oFather", office.at, child.holder_id)
    await GuardianshipRow.filter(guardian_id=father.id).update(name="爸爸")
    empty = {**NOTHING, "set_by": "", "set_at": None, "merchant_kinds": KINDS}
    own = await office.http.get("/student/limits", headers=child.headers)
    seen = await office.http.get(path_of(child.holder_id), headers=mother.headers)
    assert own.json() == seen.json() == empty
    answer = await put(office, father, child.holder_id, SOME)
    assert answer.status_code == 200, answer.text
    wanted = {
        **SOME, "kinds": {"tuck": 0}, "set_by": "爸爸", "set_at": office.at,
        "merchant_kinds": KINDS,
    }  # fmt: skip
    own = await office.http.get("/student/limits", headers=child.headers)
    seen = await office.http.get(path_of(child.holder_id), headers=mother.headers)
    assert answer.json() == own.json() == seen.json() == wanted
    lifted = await put(office, mother, child.holder_id, NOTHING)
    told = {**empty, "set_by": "妈妈", "set_at": office.at}
    assert lifted.json() == told


async def test_looks_and_changes_are_in_the_childs_trail(office: Office) -> None:
    child = await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    for _ in range(2):
        await office.http.get(path_of(child.holder_id), headers=mother.headers)
    await put(office, mother, child.holder_id, {**NOTHING, "day_fen": 1})
    await put(office, mother, child.holder_id, {**NOTHING, "day_fen": 1})
    subject = f"cardholder:{child.holder_id}"
    rows = AuditRow.filter(subject=subject, verb__startswith="guardians.l").order_by("id")
    verbs = [row.verb for row in await rows]
    assert verbs == ["guardians.look_at_limits", "guardians.limit"]
    assert LOOK_SECONDS > 0


async def test_nobody_else_sees_or_sets(office: Office) -> None:
    child, other = await new_minor(office), await new_minor(office)
    stranger = await new_guardian("oStranger", office.at, other.holder_id)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    for answer in (
        await office.http.get(path_of(child.holder_id), headers=stranger.headers),
        await put(office, stranger, child.holder_id, NOTHING),
    ):
        assert (answer.status_code, answer.json()["error"]) == (404, "unknown_child")
    await CardholderRow.filter(id=child.holder_id).update(is_adult=True)
    for answer in (
        await office.http.get(path_of(child.holder_id), headers=mother.headers),
        await put(office, mother, child.holder_id, {**NOTHING, "day_fen": 0}),
    ):
        assert (answer.status_code, answer.json()["error"]) == (403, "adult_limits")
    own = await office.http.get("/student/limits", headers=child.headers)
    assert (own.status_code, own.json()["day_fen"]) == (200, None)
    method = await office.http.put("/student/limits", json=NOTHING, headers=child.headers)
    assert method.status_code == 405


@pytest.mark.parametrize(
    "changed, field",
    [
        ({"day_fen": -1}, "day_fen"),
        ({"day_fen": 10_000_001}, "day_fen"),
        ({"day_fen": True}, "day_fen"),
        ({"day_fen": 1.5}, "day_fen"),
        ({"day_fen": "100"}, "day_fen"),
        ({"weekday_fen": [None] * 6}, "weekday_fen"),
        ({"weekday_fen": [None] * 8}, "weekday_fen"),
        ({"weekday_fen": [*[None] * 6, -1]}, "weekday_fen.6"),
        ({"weekday_fen": None}, "weekday_fen"),
        ({"kinds": {"casino": 1}}, "kinds.casino"),
        ({"kinds": {"": 1}}, "kinds"),
        ({"kinds": {"tuck": -1}}, "kinds.tuck"),
        ({"kinds": {"gate": 1}}, "kinds.gate"),
        ({"kinds": {str(number): 1 for number in range(9)}}, "kinds"),
        ({"more": 1}, "more"),
    ],
)
async def test_wrong_limits_are_named_and_change_nothing(
    office: Office, changed: dict[str, Any], field: str
) -> None:
    await use_kinds(office)
    child = await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    answer = await put(office, mother, child.holder_id, {**NOTHING, **changed})
    assert answer.status_code == 400, answer.text
    assert answer.json()["evidence"]["field"].startswith(field)
    own = await office.http.get("/student/limits", headers=child.headers)
    assert own.json()["set_at"] is None


async def test_a_limit_decides_the_next_tap(shop: Shop) -> None:
    child = await shop.student()
    await CardholderRow.filter(id=child.holder_id).update(is_adult=False)
    mother = await new_guardian("oMother", shop.office.at, child.holder_id)
    till = await shop.till()
    code = shop.code(child)
    await put(shop.office, mother, child.holder_id, {**NOTHING, "day_fen": 500})
    refused = await shop.pay(till, code, 501)
    assert (refused["outcome"], refused["reason"]) == ("declined", "guardian_day_limit")
    assert refused["evidence"] == {"limit_fen": 500, "spent_fen": 0, "charged_fen": 501}
    assert (await shop.pay(till, code, 500))["outcome"] == "approved"
    assert shop.balance(child) == 9500


async def test_terminals_hear_of_it_and_say_what_they_hold(office: Office) -> None:
    child, other = await new_minor(office), await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    aunt = await new_guardian("oAunt", office.at, other.holder_id)
    device = await up_to_date(office)
    assert device.versions["limits"] == 0
    limits = HolderLimits(100, (None,) * 6 + (0,))
    body = {**NOTHING, "day_fen": 100, "weekday_fen": [*[None] * 6, 0]}
    async with listening(office, device) as ear:
        await put(office, mother, child.holder_id, body)
        assert await ear.next() == ("limits", {"version": 1})
    await device.sync(office.http, office.at)
    assert dict(device.limits) == {child.card_number: limits}
    await put(office, aunt, other.holder_id, body)
    await put(office, mother, child.holder_id, NOTHING)
    (paper,) = (await device.sync(office.http, office.at))["documents"]
    assert paper["kind"] == DocumentKind.LIMITS
    assert dict(device.limits) == {other.card_number: limits}
    assert (await device.sync(office.http, office.at))["documents"] == []
    admin = await office.staff(Role.ADMIN)
    told = (await office.http.get("/admin/terminals", headers=admin)).json()
    assert told["versions"]["limits"] == told["terminals"][0]["versions"]["limits"] == 3
    fresh = await terminal(office)
    await fresh.sync(office.http, office.at)
    assert dict(fresh.limits) == dict(device.limits)


async def test_what_a_terminal_missed_is_told_when_it_connects(office: Office) -> None:
    child = await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    device = await up_to_date(office)
    await put(office, mother, child.holder_id, {**NOTHING, "day_fen": 0})
    async with listening(office, device) as ear:
        assert await ear.next() == ("limits", {"version": 1})


async def test_an_older_terminal_is_not_sent_what_it_cannot_read(office: Office) -> None:
    child = await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    await put(office, mother, child.holder_id, {**NOTHING, "day_fen": 0})
    device = await terminal(office)
    report = device.report(office.at)
    del report["versions"]["limits"]
    answer = await device.post(office.http, "/terminal/sync", report)
    assert answer.status_code == 200, answer.text
    kinds = {one["kind"] for one in answer.json()["documents"]}
    assert DocumentKind.LIMITS not in kinds
    assert DocumentKind.CARD_DIRECTORY in kinds


async def test_the_list_names_no_person(office: Office) -> None:
    child = await new_minor(office)
    mother = await new_guardian("oMother", office.at, child.holder_id)
    await put(office, mother, child.holder_id, {**NOTHING, "day_fen": 100})
    device = await terminal(office)
    documents = (await device.sync(office.http, office.at))["documents"]
    (raw,) = (one["b64"] for one in documents if one["kind"] == DocumentKind.LIMITS)
    row = await CardholderRow.get(id=child.holder_id)
    for text in (row.name, row.number, "妈妈"):
        assert text.encode() not in base64.b64decode(raw)
