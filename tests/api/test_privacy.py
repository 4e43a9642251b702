"""Names and student numbers stay where they belong: not in logs, URLs, or what terminals hold."""

from __future__ import annotations

import logging
import re
from typing import Any

import httpx
import pytest
from sanic import Sanic

from backend.api.app import AUDIENCES
from backend.domain.access import Role
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.staff import AuditRow
from backend.tables.versions import read_versions
from tests.rig.office import Office

NUMBER = "CANARY20260007"
NAME = "金丝雀测试"
DEPARTMENT = "鸟类学院"
PIN = "739126"
CSV = f"number,name,department,class\n{NUMBER},{NAME},{DEPARTMENT},1\n"
WRONG_CSV = f"number,name,department,class\n={NUMBER},={NAME},{DEPARTMENT},9\n"
CANARIES = (NUMBER, NAME, DEPARTMENT, NUMBER.lower(), PIN)


async def tour(office: Office) -> tuple[int, set[str]]:
    """Everything an office and a student do, wrong calls too; the card and the URLs called."""
    urls: set[str] = set()

    async def remember(request: httpx.Request) -> None:
        urls.add(str(request.url))

    office.http.event_hooks["request"].append(remember)
    clerk = await office.staff(Role.CARD_OFFICE)
    for csv in (CSV, WRONG_CSV):
        path = "/admin/rosters?dry_run=0&cards=1&choice=good"
        await office.http.post(path, content=csv.encode(), headers=clerk)
    for number in (NUMBER, f"{NUMBER}9", NUMBER * 9):
        await office.http.post("/staff/lookups", json={"number": number}, headers=clerk)
    holder = await CardholderRow.get(number=NUMBER)
    card = await CardRow.get(holder_id=holder.id)
    for pin in (PIN, f"{PIN}9", NAME):
        path = f"/staff/cardholders/{holder.id}/pin"
        await office.http.put(path, json={"pin": pin}, headers=clerk)
    student = await office.bind(card)
    for path in ("/student/card", "/student/trail", "/student/payments", "/student/secrets"):
        await office.http.get(path, headers=student.headers)
    for body in ({"parts": ["money"]}, {"parts": [NAME]}, {NAME: NUMBER}):
        await office.http.post("/student/freezes", json=body, headers=student.headers)
    for verb in ("losses", "replacements", "closures"):
        await office.http.post(f"/staff/cards/{card.id}/{verb}", headers=clerk)
    await office.http.post("/staff/sessions", json={"login": NUMBER, "password": NAME, "totp": PIN})
    return card.id, urls


async def test_no_person_is_named_in_a_log_or_a_url(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        _, urls = await tour(office)
    assert len(urls) > 12
    said = caplog.text + "".join(str(record.args) for record in caplog.records) + str(urls)
    assert [canary for canary in CANARIES if canary in said] == []
    assert [url for url in urls if "%" in url] == []


IMPERSONAL = {
    *("number", "day_on", "business_on", "word"),  # an order's random number, days, mail or sms
    *("kind", "figure", "version"),  # of reports, of what is explained, of rules
    "name",  # of a job, a setting or a feature
    "watch_key",  # a random key of a page that waits
}


def test_no_path_has_a_place_for_a_person() -> None:
    app: Sanic[Any, Any] = Sanic("privacy", configure_logging=False)
    for audience in AUDIENCES:
        app.blueprint(audience.blueprint)
    paths = [str(route.path) for route in app.router.routes]
    Sanic.unregister_app(app)
    places = {place for path in paths for place in re.findall(r"<(\w+)", path)}
    assert {"card_id", "holder_id"} <= places
    assert {place for place in places if not place.endswith("_id")} == IMPERSONAL


async def test_terminals_hold_no_person(office: Office) -> None:
    await tour(office)
    now = await read_versions()
    assert (now.directory, now.denylist) > (0, 0)
    shelf = office.parts.documents
    papers = [
        await shelf.rules(now.rules),
        await shelf.denylist(0, now.denylist),
        *await shelf.directory(0, now.directory),
    ]
    raw = b"".join(paper.raw for paper in papers)
    assert [canary for canary in CANARIES if canary.encode() in raw] == []
    assert [canary for canary in CANARIES if canary.encode("gb18030") in raw] == []


async def test_the_trail_names_nobody(office: Office) -> None:
    await tour(office)
    lines = str(await AuditRow.all().values())
    assert len(lines) > 500
    assert [canary for canary in CANARIES if canary in lines] == []
