"""A school in which something has happened, for the office's web to show.

Every text that a person may type anywhere is made by `say`, so that a test can type what it likes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.domain.access import Role
from backend.domain.shift import ToldShift
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.shifts import sums_of
from backend.tables.store import make_store
from backend.tables.terminal import TerminalRow
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.terminals.record_shifts import record_shifts
from tests.rig.office import Office
from tests.rig.shop import Shop
from tests.rig.web_scene import Say, WebSchool
from tests.rig.web_system import build_places, fill_system

__all__ = ["Say", "WebSchool", "open_web_school", "plainly"]

PEOPLE = 6
PRICES_FEN = (1250, 880, 300, 1500, 620)
MINUTE = 60

NAMES = {
    "cardholder": ("林晓雨", "周子涵", "王一鸣", "陈思远", "赵若溪", "吴桐"),
    "merchant": ("面食窗口", "一楼快餐", "校园超市"),
    "benefit": ("三月助学金",),
    "reason": ("按通知办理",),
    "title": ("一食堂二楼明日停业", "校园卡服务时间调整"),
}


def plainly(kind: str, room: int) -> str:
    """What a school might type."""
    return NAMES.get(kind, (kind,))[0][:room]


@asynccontextmanager
async def open_web_school(office: Office, url: str, say: Say = plainly) -> AsyncIterator[WebSchool]:
    """Let something happen at an office that serves the web."""
    ledger = Ledger(make_store(DatabaseUrl.parse(url)), office.clock, "web")
    await ledger.open()
    try:
        shop = Shop(office, url, ledger)
        made = WebSchool(shop, await office.staff(Role.ADMIN))
        await _open_tills(made, say)
        places = await build_places(made, say)  # before anything is taken: books are kept by campus
        await _let_in(made, say)
        await _eat(made)
        await _have_troubles(made, say)
        await _give(made, say)
        await fill_system(made, say, places)
        yield made
    finally:
        await ledger.close()


async def _open_tills(school: WebSchool, say: Say) -> None:
    for number, name in enumerate(NAMES["merchant"]):
        text = name if say is plainly else say("merchant", 50) + str(number)
        school.tills.append(await school.shop.till(text))
    assert await MerchantRow.all().count() >= len(school.tills)


async def _let_in(school: WebSchool, say: Say) -> None:
    for number in range(PEOPLE):
        student = await school.shop.student(cash_fen=8000 + 1000 * number)
        text = NAMES["cardholder"][number] if say is plainly else say("cardholder", 60)
        await CardholderRow.filter(id=student.holder_id).update(name=text)
        school.students.append(student)


async def _eat(school: WebSchool) -> None:
    office = school.shop.office
    for number, student in enumerate(school.students):
        for price in PRICES_FEN[: 2 + number % 3]:
            office.clock.now += MINUTE
            till = school.tills[(number + price) % len(school.tills)]
            await school.shop.pay(till, school.shop.code(student), price)
    await roll_up()  # as the worker does
    for till in school.tills[1:]:  # the first one has not been heard for a while
        numbers = [one.sequence for one in school.shop.sent if one.terminal_id == till.terminal_id]
        await till.sync(office.http, office.at, highest_sequence=max(numbers))
    await _end_shifts(school)


async def _end_shifts(school: WebSchool) -> None:
    """One till's cashier counted and went, the other's is still there."""
    office, (_, first, second) = school.shop.office, school.tills
    terminals = {row.id: row.merchant_id for row in await TerminalRow.all()}
    merchant_id = terminals[first.terminal_id]
    cashier, _ = await office.hire(Role.CASHIER, merchant_id=merchant_id)
    numbers = [one.sequence for one in school.shop.sent if one.terminal_id == first.terminal_id]
    sums = await sums_of(first.terminal_id, 1, None)
    begun = office.at - 3600
    ended = ToldShift(begun, cashier, 1, max(numbers), office.at, sums.stands_fen, sums.stands_fen)
    await record_shifts(first.terminal_id, merchant_id, [ended], max(numbers))
    open_one = ToldShift(begun + 60, 7, 1, 0, closed_at=None, stands_fen=0, counted_fen=None)
    await record_shifts(second.terminal_id, terminals[second.terminal_id], [open_one], 0)


async def _give(school: WebSchool, say: Say) -> None:
    """A list of benefits waits for a second person."""
    holders = await CardholderRow.all().order_by("id").limit(3)
    lines = "".join(f"{one.number},{100 + 20 * n}\n" for n, one in enumerate(holders))
    said: dict[str, str | int] = {
        "dry_run": 0,
        "request_key": "benefits-of-march",
        "title": say("benefit", 60),
        "reason": say("reason", 100),
    }
    answer = await school.shop.office.http.post(
        "/admin/benefits", params=said, content=f"number,amount\n{lines}", headers=school.headers
    )
    assert answer.is_success, answer.text


async def _have_troubles(school: WebSchool, say: Say) -> None:
    office, http = school.shop.office, school.shop.office.http
    frozen, lost, contesting, *_ = school.students
    for path, body in (
        (f"/staff/cards/{frozen.card_id}/freezes", {"parts": ["money", "doors"]}),
        (f"/staff/cards/{lost.card_id}/losses", {}),
        ("/admin/announcements", _announcement(office, say)),
    ):
        answer = await http.post(path, json=body, headers=school.headers)
        assert answer.is_success, (path, answer.text)
    paid = await http.get("/student/payments", headers=contesting.headers)
    contested = {"payment_id": paid.json()["payments"][0]["payment_id"], "reason": "not_me"}
    answer = await http.post("/student/disputes", json=contested, headers=contesting.headers)
    assert answer.is_success, answer.text


def _announcement(office: Office, say: Say) -> dict[str, object]:
    day = 86_400
    return {
        "title_zh": say("title", 40),
        "title_en": say("title", 80),
        "text_zh": say("text", 400),
        "text_en": say("text", 400),
        "opens_at": office.at - day,
        "closes_at": office.at + day,
    }
