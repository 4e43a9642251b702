"""A day of a school with money in all its places: for pages that must have something to show."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Role
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.store import make_store
from backend.usecases.settlements.roll_up import roll_up
from tests.rig.office import Office
from tests.rig.shop import Book, Shop

NEW_YEAR = 20260101
DAY = 86_400
Headers = dict[str, str]
WINDOWS = ("一食堂面馆", "一食堂自选", "二食堂川湘风味", "清真餐厅", "图书馆咖啡")


@dataclass
class CounterDay:
    """What was made: the shop, two clerks and the payments."""

    shop: Shop
    first: Headers
    second: Headers
    paid: list[int]


async def make_counter_day(office: Office, url: str) -> CounterDay:
    """Sell, refund, deliver late, count a drawer, settle a day; then it is the next noon."""
    ledger = Ledger(make_store(DatabaseUrl.parse(url)), office.clock, "counter-day")
    await ledger.open()
    try:
        return await _make(Shop(office, url, ledger))
    finally:
        await ledger.close()


async def _make(shop: Shop) -> CounterDay:
    office = shop.office
    tills = [await shop.till(name) for name in WINDOWS]
    students = [await shop.student(20_000) for _ in range(6)]
    for student, name in zip(students, ("物理学院", "文学院", "医学院") * 2, strict=True):
        await CardholderRow.filter(id=student.holder_id).update(department=name)
    paid = []
    for number in range(24):
        office.clock.now += 31
        till, student = tills[number % len(tills)], students[number % len(students)]
        fen = 650 + number * 85
        paid.append((await shop.pay(till, shop.code(student), fen))["payment_id"])
    await _deliver_late(shop)
    first, second = await office.staff(Role.FINANCE), await office.staff(Role.FINANCE)
    await _correct(office, paid, first, second)
    await _count(office, first)
    merchant = await MerchantRow.get(name=WINDOWS[0])
    rate = {"begins_on": NEW_YEAR, "basis_points": 250, "reason": "2026 年经营合同"}
    path = f"/admin/merchants/{merchant.id}/commissions"
    assert (await office.http.post(path, json=rate, headers=first)).status_code == 201
    office.clock.now += DAY
    first, second = await office.staff(Role.FINANCE), await office.staff(Role.FINANCE)
    settled = await office.http.post(
        "/admin/settlements", json={"business_on": NEW_YEAR}, headers=first
    )
    assert settled.status_code == 201, settled.text
    for till in tills[:3]:  # their sessions ended overnight
        assert (await till.open_session(office.http, office.at)).status_code == 201
    for number in range(6):
        office.clock.now += 31
        await shop.pay(tills[number % 3], shop.code(students[number]), 900 + number * 110)
    asked = {"request_key": "counter-day-1", "merchant_id": merchant.id, "through_on": NEW_YEAR}
    remitted = await office.http.post(
        "/admin/remittances", json={**asked, "reason": "元旦结算款"}, headers=first
    )
    assert remitted.status_code == 201, remitted.text
    await roll_up()
    return CounterDay(shop, first, second, paid)


async def _deliver_late(shop: Shop) -> None:
    """What was sold offline to somebody without money: the school is owed it."""
    poor = await shop.student(100)
    book = Book(shop, await shop.till("一食堂夜宵"))
    book.pay(poor, 1_350, shop.office.at)
    assert (await book.upload(book.signed())).status_code == 200


async def _correct(office: Office, paid: list[int], first: Headers, second: Headers) -> None:
    for number, (fen, reason) in enumerate(
        ((300, "少打一份菜"), (200, "菜品凉了"), (150, "价格打错"))
    ):
        asked = {"payment_id": paid[number], "amount_fen": fen, "reason": reason}
        key = {"request_key": f"counter-refund-{number}"}
        answer = await office.http.post("/staff/refunds", json={**asked, **key}, headers=first)
        assert answer.status_code == 201, answer.text
        if number == 0:
            path = f"/staff/corrections/{answer.json()['request_id']}/approvals"
            assert (await office.http.post(path, headers=second)).status_code == 201


async def _count(office: Office, who: Headers) -> None:
    opened = await office.http.post("/staff/drawers", json={"opened_fen": 20_000}, headers=who)
    path = f"/staff/drawers/{opened.json()['drawer_id']}/closings"
    body = {"counted_fen": 19_950, "note": "找零少五角"}
    assert (await office.http.post(path, json=body, headers=who)).status_code == 201
