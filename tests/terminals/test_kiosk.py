"""The kiosk's service against a real server: who is here, until when, and what a page is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.domain.access import Role
from backend.domain.visit import VISIT_SECONDS
from backend.tables.card import CardRow
from backend.tables.staff import AuditRow, SessionRow
from backend.tables.terminal import TerminalRow
from backend.tables.visit import VisitRow
from backend.usecases.cards.report_loss import report_loss
from campus_code import CardState
from qr_terminals import SOFTWARE
from qr_terminals.config import read_identity
from qr_terminals.kiosk.visitors import IDLE_SECONDS
from tests.rig.kiosk import Inside, KioskProcess, inside, open_kiosk
from tests.rig.office import PASSWORD, SYSTEM, Student

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody listens."""
LOOKS_MAX = 100


@pytest_asyncio.fixture
async def kiosk(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[KioskProcess]:
    """An enrolled kiosk with a server; its program is not running."""
    async with open_kiosk(tmp_path, sqlite_template) as made:
        yield made


@pytest_asyncio.fixture
async def here(kiosk: KioskProcess) -> AsyncIterator[Inside]:
    """The program's parts in this process."""
    async with inside(kiosk) as parts:
        yield parts


@pytest_asyncio.fixture
async def student(kiosk: KioskProcess) -> Student:
    """Somebody with 100 yuan who has eaten once."""
    made = await kiosk.shop.student()
    till = await kiosk.shop.till()
    assert (await kiosk.shop.pay(till, kiosk.code(made), 1250))["outcome"] == "approved"
    return made


async def open_visits() -> int:
    """How many visits nobody has ended at the server."""
    return await VisitRow.filter(ended_at=0).count()


async def test_a_page_is_told_what_it_shows_and_nothing_more(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    told = await here.scan(kiosk.code(student))
    assert (told["screen"], told["visit"], told["seconds_left"]) == ("visit", 1, IDLE_SECONDS)
    card = await here.ask("card")
    assert card.json()["purses_fen"] == {"cash": 8750, "benefit": 0}
    assert (card.json()["name"], card.json()["state"]) == (f"{student.name[0]}**", "active")
    page = await here.ask("payments", month=0, before=0)
    (line,) = page.json()["payments"]
    assert (line["charged_fen"], line["merchant"]) == (1250, "Noodles")
    receipt = await here.ask("receipt", payment_id=line["payment_id"])
    assert "12.50" in receipt.json()["text"]
    everything = str(told) + card.text + page.text + receipt.text
    for secret in (student.card_number, student.name, student.number, kiosk.scanner.path):
        assert secret not in everything
    unknown = await here.ask("receipt", payment_id=line["payment_id"] + 8)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "not_shown")


async def test_time_forgets_a_person_here_and_at_the_server(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    number = (await here.scan(kiosk.code(student)))["visit"]
    here.clock.now += IDLE_SECONDS - 1
    assert (await here.ask("touch")).status_code == 200, "a touch begins his time anew"
    here.clock.now += IDLE_SECONDS - 1
    await asyncio.to_thread(here.visitors.tick)
    told = await here.screen()
    assert (told["screen"], told["seconds_left"]) == ("visit", 1)
    here.clock.now += 1
    late = await here.ask("card", visit=number)
    assert (late.status_code, late.json()["error"]) == (409, "visit_over"), "not a tick too long"
    assert await open_visits() == 1
    await asyncio.to_thread(here.visitors.tick)
    assert await here.screen() == {"screen": "idle", "refusal": None}
    assert await open_visits() == 0


async def test_no_touch_keeps_a_visit_longer_than_the_server_does(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    await here.scan(kiosk.code(student))
    for _ in range(VISIT_SECONDS // 50 - 1):
        here.clock.now += 50
        assert (await here.ask("touch")).status_code == 200
    assert (await here.screen())["seconds_left"] == 50
    here.clock.now += 50
    await asyncio.to_thread(here.visitors.tick)
    assert (await here.screen())["screen"] == "idle"


async def test_another_code_forgets_the_first_person_and_his_page_does_nothing_more(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    first = (await here.scan(kiosk.code(student)))["visit"]
    other = await kiosk.shop.student()
    second = (await here.scan(kiosk.code(other)))["visit"]
    late = await here.ask("freeze", visit=first)
    assert (late.status_code, late.json()["error"]) == (409, "visit_over")
    for one in (student, other):
        assert (await CardRow.get(id=one.card_id)).state == CardState.ACTIVE
    assert (await here.ask("freeze", visit=second)).json()["state"] == "frozen"
    assert (await CardRow.get(id=student.card_id)).state == CardState.ACTIVE
    assert await open_visits() == 1


async def test_a_wrong_code_forgets_whoever_was_here_and_says_why(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    code = kiosk.code(student)
    await here.scan(code)
    told = await here.scan(code)
    assert told["screen"] == "idle"
    assert told["refusal"]["zh"]
    assert told["refusal"]["en"]
    assert await open_visits() == 0


async def test_leaving_forgets(kiosk: KioskProcess, here: Inside, student: Student) -> None:
    number = (await here.scan(kiosk.code(student)))["visit"]
    assert (await here.ask("leave")).status_code == 200
    assert (await here.screen())["screen"] == "idle"
    assert await open_visits() == 0
    assert (await here.ask("card", visit=number)).status_code == 409


async def test_when_the_server_ends_the_visit_the_person_is_forgotten(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    await here.scan(kiosk.code(student))
    office = kiosk.office
    await report_loss(student.card_id, actor=SYSTEM, at=office.at, bus=office.parts.bus)
    over = await here.ask("card")
    assert (over.status_code, over.json()["error"]) == (409, "visit_over")
    assert (await here.screen())["screen"] == "idle"


async def test_a_page_must_say_for_whom(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    await here.scan(kiosk.code(student))
    for number in (None, 0, 2, "1", True, 1.0, [1]):
        answer = await here.http.post("/visit/card", json={"visit": number})
        assert answer.status_code == 409, number


async def test_a_clerk_helps_and_is_logged_out_at_once(
    kiosk: KioskProcess, here: Inside, student: Student
) -> None:
    staff_id, login = await kiosk.office.hire(Role.CARD_OFFICE)
    body = {"login": login, "password": PASSWORD, "number": student.number}
    wrong = await here.http.post("/help", json={**body, "totp": "000000"})
    assert (wrong.status_code, (await here.screen())["screen"]) == (401, "idle")
    kiosk.office.clock.now += 30
    body["totp"] = await kiosk.office.totp(login)
    helped = await here.http.post("/help", json=body)
    assert (helped.status_code, helped.json()) == (200, {})
    told = await here.screen()
    assert (told["screen"], told["is_helped"]) == ("visit", True)
    assert await SessionRow.filter(audience="staff", ended_at=None).count() == 0
    assert (await here.ask("card")).json()["card_tail"] == student.card_number[-4:]
    lines = await AuditRow.filter(actor=f"staff:{staff_id}").order_by("id")
    verbs = [line.verb for line in lines if not line.verb.startswith("staff.")]
    assert verbs == ["cardholders.look_up", "visits.open", "visits.see_card"]
    missing = await here.http.post("/help", json={"login": login})
    assert (missing.status_code, missing.json()["error"]) == (400, "wrong_field")


async def test_a_clerk_is_logged_out_when_nobody_has_that_number(
    kiosk: KioskProcess, here: Inside
) -> None:
    _, login = await kiosk.office.hire(Role.CARD_OFFICE)
    kiosk.office.clock.now += 30
    body = {"login": login, "password": PASSWORD, "totp": await kiosk.office.totp(login)}
    refused = await here.http.post("/help", json={**body, "number": "NOBODY"})
    assert (refused.status_code, refused.json()["error"]) == (404, "unknown_cardholder")
    assert await SessionRow.filter(audience="staff", ended_at=None).count() == 0


async def test_without_a_server_it_says_so_and_holds_nobody(
    kiosk: KioskProcess, student: Student
) -> None:
    async with inside(kiosk, NOWHERE) as away:
        told = await away.scan(kiosk.code(student))
        assert told["screen"] == "idle"
        assert told["refusal"]["en"]
        await asyncio.to_thread(away.visitors.leave)
        body = {"login": "a", "password": "b", "totp": "1", "number": "2"}
        refused = await away.http.post("/help", json=body)
        assert (refused.status_code, refused.json()["error"]) == (502, "offline")


async def test_the_office_sees_that_it_runs(kiosk: KioskProcess) -> None:
    row = before = await TerminalRow.get(id=read_identity(kiosk.home).terminal_id)
    await kiosk.start()
    try:
        for _ in range(LOOKS_MAX):
            row = await TerminalRow.get(id=before.id)
            if row.seen_at is not None:
                break
            await asyncio.sleep(0.1)
    finally:
        await kiosk.stop()
    assert (before.seen_at, row.seen_at is not None) == (None, True)
    assert ("reader" in row.readiness, row.software) == (True, SOFTWARE)
    assert (row.denylist_version, row.keyring_version) == (0, 0)


async def test_only_what_was_shown_is_printed(
    kiosk: KioskProcess, here: Inside, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(kiosk.printer.folder), prepend=":")
    await here.scan(kiosk.code(student))
    assert (await here.ask("card")).json()["has_printer"] is True
    early = await here.ask("print-emergency-code")
    assert (early.status_code, early.json()["error"]) == (404, "not_shown")
    code = (await here.ask("emergency-code")).json()["code"]
    assert (await here.ask("print-emergency-code")).status_code == 200
    assert code in kiosk.printer.printed.replace(" ", "")
    kiosk.printer.jam()
    jammed = await here.ask("print-emergency-code")
    assert (jammed.status_code, jammed.json()["error"]) == (502, "not_printed")
    assert "out of paper" in jammed.json()["en"]
