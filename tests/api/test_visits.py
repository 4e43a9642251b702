"""Visits to a kiosk of the hall: who gets in, what may be done, and when it is over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from backend.domain.access import Actor, Audience, Role
from backend.domain.card import FOUND_AFTER_SECONDS, Part
from backend.domain.place import PlaceKind
from backend.domain.visit import DEEDS, VISIT_SECONDS, Deed, Shown
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.staff import AuditRow, StaffRow
from backend.tables.terminal import TerminalRow
from backend.tables.visit import VisitRow
from backend.usecases.access.expire_secrets import KEPT_SECONDS, expire_secrets
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.report_loss import report_loss
from backend.usecases.merchants.place_merchant import place_merchant
from backend.usecases.places.make_place import make_place
from campus_code import CardState
from tests.rig.hall import Kiosk, build_hall, new_kiosk, shown_by
from tests.rig.office import SYSTEM, Office
from tests.rig.shop import Shop

MONEY = {"parts": ["money"]}


@pytest_asyncio.fixture
async def kiosk(office: Office) -> Kiosk:
    """A kiosk in a school whose rules have a hall."""
    await build_hall(office)
    return await new_kiosk(office)


async def trail(card_id: int) -> list[tuple[str, str]]:
    """Who did what to a card since it was bound."""
    rows = await AuditRow.filter(subject=f"card:{card_id}").order_by("id")
    lines = [(row.actor, row.verb) for row in rows]
    return lines[lines.index((f"student:{card_id}", "phones.bind")) + 1 :]


async def test_a_visit_sees_what_the_phone_sees_and_leaves_its_lines(kiosk: Kiosk) -> None:
    office = kiosk.office
    student = await office.student()
    visit = await kiosk.visit(student)
    for path in ("/card", "/payments?month=202601&limit=10", "/freezes"):
        here = await kiosk.ask("GET", visit + path)
        phone = await office.http.get(f"/student{path}", headers=student.headers)
        assert (here.status_code, here.json()) == (200, phone.json())
    await kiosk.ask("GET", f"{visit}/card")
    code = await kiosk.ask("POST", f"{visit}/emergency-codes")
    phone = await office.http.get("/student/emergency-code", headers=student.headers)
    assert (code.status_code, code.json()) == (201, phone.json())
    assert (await kiosk.ask("DELETE", "/terminal/visits")).status_code == 200
    terminal = f"terminal:{kiosk.device.terminal_id}"
    assert await trail(student.card_id) == [
        (terminal, "visits.open"),
        (terminal, "visits.see_card"),
        (terminal, "visits.see_payments"),
        (f"student:{student.card_id}", "cards.emergency"),
        (terminal, "visits.end"),
    ]
    told = await office.http.get("/student/trail", headers=student.headers)
    assert {line["verb"] for line in told.json()["trail"]} >= {"visits.open", "visits.end"}


async def test_a_freeze_and_found_at_the_kiosk_are_the_holders_own(kiosk: Kiosk) -> None:
    office = kiosk.office
    student = await office.student()
    visit = await kiosk.visit(student)
    frozen = await kiosk.ask("POST", f"{visit}/freezes", MONEY)
    assert (frozen.status_code, frozen.json()["state"]) == (201, "frozen")
    card = (await kiosk.ask("GET", f"{visit}/card")).json()
    assert (card["state"], card["is_lift_mine"]) == ("frozen", True)
    refused = await kiosk.ask("POST", f"{visit}/emergency-codes")
    assert (refused.status_code, refused.json()["error"]) == (409, "card_not_active")
    early = await kiosk.ask("DELETE", f"{visit}/freezes")
    assert (early.status_code, early.headers["retry-after"]) == (429, str(FOUND_AFTER_SECONDS))
    office.clock.now += FOUND_AFTER_SECONDS
    again = await kiosk.visit(student)  # a frozen card's holder gets in, to say that it was found
    assert (await kiosk.ask("DELETE", f"{again}/freezes")).json()["state"] == "active"


async def test_a_code_opens_one_visit_at_one_kiosk(kiosk: Kiosk) -> None:
    office = kiosk.office
    student, other = await office.student(), await new_kiosk(office)
    code = shown_by(student, office.at)
    assert (await kiosk.open(code)).status_code == 201
    for where in (kiosk, other):
        again = await where.open(code)
        assert (again.status_code, again.json()["error"]) == (422, "already_used")


async def test_a_code_that_paid_opens_no_visit_and_one_that_opened_a_visit_pays(
    office: Office, shop: Shop
) -> None:
    await build_hall(office)
    kiosk, till, student = await new_kiosk(office), await shop.till(), await shop.student()
    code = shop.code(student)
    assert (await shop.pay(till, code, 500))["outcome"] == "approved"
    refused = await kiosk.open(code)
    assert (refused.status_code, refused.json()["error"]) == (422, "already_used")
    office.clock.now += 15
    fresh = shop.code(student)
    assert (await kiosk.open(fresh)).status_code == 201
    assert (await shop.pay(till, fresh, 500))["outcome"] == "approved"


@pytest.mark.parametrize("place, word", [(33, "wrong_code"), (20, "wrong_code")])
async def test_both_keys_are_asked(kiosk: Kiosk, place: int, word: str) -> None:
    code = shown_by(await kiosk.office.student(), kiosk.office.at)
    forged = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
    refused = await kiosk.open(forged)
    assert (refused.status_code, refused.json()["error"]) == (422, word)
    assert await VisitRow.all().count() == 0


async def test_an_emergency_code_opens_no_visit(kiosk: Kiosk) -> None:
    student = await kiosk.office.student()
    visit = await kiosk.visit(student)
    code = (await kiosk.ask("POST", f"{visit}/emergency-codes")).json()["code"]
    assert (await kiosk.open(code)).status_code == 422
    body = {"credential": code, "credential_kind": "emergency"}
    assert (await kiosk.ask("POST", "/terminal/visits", body)).status_code == 400


async def test_a_till_opens_no_visit(kiosk: Kiosk) -> None:
    office = kiosk.office
    till, student = await new_kiosk(office, "canteen"), await office.student()
    refused = await till.open(shown_by(student, office.at))
    assert (refused.status_code, refused.json()["error"]) == (403, "no_kiosk")
    clerk = await office.staff(Role.CARD_OFFICE)
    body = {"card_id": student.card_id}
    helped = await till.ask("POST", "/terminal/helped-visits", body, **clerk)
    assert (helped.status_code, helped.json()["error"]) == (403, "no_kiosk")


async def test_a_kiosk_is_sent_no_keys(kiosk: Kiosk) -> None:
    till = await new_kiosk(kiosk.office, "canteen")
    for one in (kiosk, till):
        await one.device.sync(kiosk.office.http, kiosk.office.at)
    assert (kiosk.device.keyring, set(kiosk.device.versions.values())) == (None, {0})
    assert till.device.keyring is not None


async def test_a_kiosk_is_told_of_no_list(kiosk: Kiosk) -> None:
    told = await kiosk.ask("GET", "/terminal/events")
    assert (told.status_code, told.json()["error"]) == (403, "no_documents")


async def test_a_visit_is_its_own_terminals(kiosk: Kiosk) -> None:
    visit, other = await kiosk.visit(await kiosk.office.student()), await new_kiosk(kiosk.office)
    assert (await kiosk.ask("GET", f"{visit}/card")).status_code == 200
    for path in (f"{visit}/card", "/terminal/visits/999/card"):
        stranger = await other.ask("GET", path)
        assert (stranger.status_code, stranger.json()["error"]) == (401, "visit_over")
    await other.ask("DELETE", "/terminal/visits")
    assert (await kiosk.ask("GET", f"{visit}/card")).status_code == 200


async def test_a_visit_ends_by_time_by_leaving_and_by_the_next_one(kiosk: Kiosk) -> None:
    office = kiosk.office
    one, other = await office.student(), await office.student()
    first = await kiosk.visit(one)
    office.clock.now += VISIT_SECONDS - 1
    assert (await kiosk.ask("GET", f"{first}/card")).status_code == 200
    office.clock.now += 1
    assert (await kiosk.ask("GET", f"{first}/card")).status_code == 401
    second = await kiosk.visit(one)
    third = await kiosk.visit(other)
    assert (await kiosk.ask("GET", f"{second}/card")).status_code == 401
    assert (await kiosk.ask("GET", f"{third}/card")).json()["name"] == other.name
    for _ in range(2):
        assert (await kiosk.ask("DELETE", "/terminal/visits")).status_code == 200
    assert (await kiosk.ask("POST", f"{third}/freezes", MONEY)).status_code == 401
    await expire_secrets(office.at + VISIT_SECONDS + KEPT_SECONDS + 1)
    assert await VisitRow.all().count() == 0


async def test_whoever_else_freezes_the_card_ends_the_visit(kiosk: Kiosk) -> None:
    office = kiosk.office
    student = await office.student()
    parts, bus = frozenset({Part.MONEY}), office.parts.bus
    own = Actor(Audience.STUDENT, student.card_id, "phone")
    visit = await kiosk.visit(student)
    await freeze_card(student.card_id, parts, actor=own, at=office.at, bus=bus)
    assert (await kiosk.ask("GET", f"{visit}/card")).status_code == 200, "his own phone did"
    other = await office.student()
    visit = await kiosk.visit(other)
    await freeze_card(other.card_id, parts, actor=SYSTEM, at=office.at, bus=bus)
    over = await kiosk.ask("GET", f"{visit}/card")
    assert (over.status_code, over.json()["error"]) == (401, "visit_over")


async def test_a_loss_and_a_new_phone_end_the_visit_and_old_codes_open_none(kiosk: Kiosk) -> None:
    office = kiosk.office
    student = await office.student()
    visit = await kiosk.visit(student)
    await office.bind(await CardRow.get(id=student.card_id))
    assert (await kiosk.ask("GET", f"{visit}/card")).status_code == 401
    office.clock.now += 15
    old = await kiosk.open(shown_by(student, office.at))
    assert (old.status_code, old.json()["error"]) == (422, "replaced_credential")
    lost = await office.student()
    await report_loss(lost.card_id, actor=SYSTEM, at=office.at, bus=office.parts.bus)
    assert (await kiosk.open(shown_by(lost, office.at))).status_code == 422


async def test_help_is_given_by_the_office_and_done_in_its_name(kiosk: Kiosk) -> None:
    office = kiosk.office
    student = await office.student()
    staff_id, login = await office.hire(Role.CARD_OFFICE)
    clerk = await office.log_in(login)
    await office.http.post("/staff/lookups", json={"number": student.number}, headers=clerk)
    body = {"card_id": student.card_id}
    opened = await kiosk.ask("POST", "/terminal/helped-visits", body, **clerk)
    assert opened.status_code == 201, opened.text
    await office.http.delete("/staff/sessions", headers=clerk)  # the clerk's rights do not stay
    visit = f"/terminal/visits/{opened.json()['visit_id']}"
    assert (await kiosk.ask("GET", f"{visit}/card")).json()["name"] == student.name
    assert (await kiosk.ask("POST", f"{visit}/emergency-codes")).status_code == 201
    assert (await kiosk.ask("POST", f"{visit}/freezes", MONEY)).status_code == 201
    assert (await CardRow.get(id=student.card_id)).frozen_by == f"staff:{staff_id}"
    lines = await trail(student.card_id)
    assert {actor for actor, _ in lines} == {f"staff:{staff_id}"}
    assert [verb for _, verb in lines][:2] == ["visits.open", "visits.see_card"]
    await StaffRow.filter(id=staff_id).update(is_active=False)
    assert (await kiosk.ask("GET", f"{visit}/card")).status_code == 401


async def test_a_clerk_of_one_campus_helps_those_at_home_there(kiosk: Kiosk) -> None:
    office = kiosk.office
    ours, theirs = [
        await make_place(PlaceKind.CAMPUS, name, 0, actor=SYSTEM, at=office.at)
        for name in ("东校区", "西校区")
    ]
    terminal = await TerminalRow.get(id=kiosk.device.terminal_id)
    await place_merchant(terminal.merchant_id, ours.id, "开张", actor=SYSTEM, at=office.at)
    clerk = await office.staff(Role.CARD_OFFICE, place_id=ours.id)
    for place, status in ((theirs, 404), (ours, 201)):
        student = await office.student()
        await CardholderRow.filter(id=student.holder_id).update(campus_id=place.id)
        body = {"card_id": student.card_id}
        opened = await kiosk.ask("POST", "/terminal/helped-visits", body, **clerk)
        assert opened.status_code == status, opened.text


@pytest.mark.parametrize("role, status", [(Role.CASHIER, 403), (Role.AUDITOR, 403), (None, 401)])
async def test_nobody_else_helps(kiosk: Kiosk, role: Role | None, status: int) -> None:
    student = await kiosk.office.student()
    headers = await kiosk.office.staff(role) if role else student.headers
    body = {"card_id": student.card_id}
    refused = await kiosk.ask("POST", "/terminal/helped-visits", body, **headers)
    assert refused.status_code == status


async def test_what_is_not_on_the_list_of_what_was_shown_is_refused(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await kiosk.visit(await kiosk.office.student())
    monkeypatch.setitem(DEEDS, Shown.CODE, frozenset({Deed.SEE_CARD}))
    assert (await kiosk.ask("GET", f"{visit}/card")).status_code == 200
    refused = await kiosk.ask("POST", f"{visit}/freezes", MONEY)
    assert (refused.status_code, refused.json()["error"]) == (403, "not_in_visit")


@pytest.mark.parametrize(
    "path", ["/secrets", "/trail", "/top-ups", "/disputes", "/purses", "/emergency-code"]
)
async def test_a_visit_reaches_nothing_else_of_the_holder(kiosk: Kiosk, path: str) -> None:
    visit = await kiosk.visit(await kiosk.office.student())
    assert (await kiosk.ask("GET", f"{visit}{path}")).status_code == 404


async def test_the_query_is_signed(kiosk: Kiosk) -> None:
    visit = await kiosk.visit(await kiosk.office.student())
    path = f"{visit}/payments?limit=1"
    signed = kiosk.device.headers("GET", path)
    http = kiosk.office.http
    assert (await http.get(path, headers=signed)).status_code == 200
    for other in (f"{visit}/payments?limit=2", f"{visit}/payments"):
        changed = await http.get(other, headers=signed)
        assert (changed.status_code, changed.json()["error"]) == (401, "wrong_mac")


async def test_a_card_is_looked_into_so_often_and_no_more(kiosk: Kiosk) -> None:
    office = kiosk.office
    student = await office.student()
    statuses = []
    for _ in range(21):
        statuses.append((await kiosk.open(shown_by(student, office.at))).status_code)
        office.clock.now += 15
    assert statuses == [201] * 20 + [429]
    assert (await kiosk.open(shown_by(await office.student(), office.at))).status_code == 201


async def test_the_hall_shows_what_the_school_announces_in_its_time(kiosk: Kiosk) -> None:
    office = kiosk.office
    clerk = await office.staff(Role.CARD_OFFICE)
    words = {"title_zh": "停水", "title_en": "No water", "text_zh": "今晚", "text_en": "Tonight"}

    async def publish(opens_at: int, closes_at: int) -> Any:
        body = {**words, "opens_at": opens_at, "closes_at": closes_at}
        return await office.http.post("/admin/announcements", json=body, headers=clerk)

    at = office.at
    made = await publish(at, at + 60)
    assert (made.status_code, made.json()["title_zh"]) == (201, "停水")
    await publish(at + 60, at + 120)
    for opens_at, closes_at in ((at, at), (at, at + 366 * 86_400 + 1)):
        assert (await publish(opens_at, closes_at)).status_code == 400
    for moment, count in ((at, 1), (at + 59, 1), (at + 60, 1), (at + 120, 0)):
        office.clock.now = moment
        shown = (await kiosk.ask("GET", "/terminal/announcements")).json()["announcements"]
        assert len(shown) == count, moment
    office.clock.now = at
    path = f"/admin/announcements/{made.json()['announcement_id']}"
    for _ in range(2):
        assert (await office.http.delete(path, headers=clerk)).status_code == 200
    assert (await kiosk.ask("GET", "/terminal/announcements")).json()["announcements"] == []
    listed = (await office.http.get("/admin/announcements", headers=clerk)).json()
    assert len(listed["announcements"]) == 2


async def test_two_kiosks_with_one_code_at_once(kiosk: Kiosk) -> None:
    office = kiosk.office
    other, student = await new_kiosk(office), await office.student()
    code = shown_by(student, office.at)
    answers = await asyncio.gather(*(where.open(code) for where in (kiosk, other) * 3))
    assert sorted(one.status_code for one in answers) == [201] + [422] * 5
    assert (await CardRow.get(id=student.card_id)).state == CardState.ACTIVE
