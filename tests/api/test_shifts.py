"""Cashiers' shifts at windows: told by the terminal, counted from the books, final once."""

from __future__ import annotations

from typing import Any

import pytest

from backend.domain.access import Role
from backend.tables.shift import ShiftRow
from backend.usecases.settlements.roll_up import roll_up
from tests.rig.device import Device
from tests.rig.places import make_campus
from tests.rig.shop import Book, Shop
from tests.rig.tills import refused

Json = dict[str, Any]


def told(opened_at: int, sequences: tuple[int, int], **changes: Any) -> Json:
    """A shift that ended after an hour, as a terminal says it."""
    first, last = sequences
    return {
        "opened_at": opened_at, "cashier": 0, "first_sequence": first, "last_sequence": last,
        "closed_at": opened_at + 3600, "payments": 0, "charged_fen": 0, "offline": 0, "voided": 0,
        "voided_fen": 0, "counted_fen": None, **changes,
    }  # fmt: skip


def still(opened_at: int, first: int, **changes: Any) -> Json:
    """One that is open."""
    return told(opened_at, (first, 0), closed_at=None, **changes)


async def sync(shop: Shop, till: Device, *shifts: Json) -> int:
    """What the server says it has of them."""
    body = {**till.report(shop.office.at), "shifts": list(shifts)}
    answer = await till.post(shop.office.http, "/terminal/sync", body)
    assert answer.status_code == 200, answer.text
    through: int = answer.json()["shifts_through"]
    return through


async def listed(shop: Shop, query: str = "", headers: dict[str, str] | None = None) -> list[Json]:
    headers = headers or await shop.office.staff(Role.FINANCE)
    answer = await shop.office.http.get(f"/admin/shifts{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    shifts: list[Json] = answer.json()["shifts"]
    return shifts


async def test_a_shift_is_counted_from_the_books(shop: Shop) -> None:
    till = await shop.till()
    student = await shop.student()
    start = shop.office.at - 600
    assert await sync(shop, till, still(start, 1, cashier=7)) == 0
    journal = Book(shop, till)
    for back, fen in ((300, 500), (240, 300)):
        journal.pay(student, fen, shop.office.at - back)
    assert (await journal.upload(journal.signed())).status_code == 200
    (open_one,) = await listed(shop)
    assert (open_one["payments"], open_one["charged_fen"]) == (2, 800)
    assert (open_one["closed_at"], open_one["told_fen"], open_one["cashier"]) == (None, None, 7)
    ended = told(start, (1, 2), cashier=7, payments=2, charged_fen=800, offline=2, counted_fen=790)
    assert await sync(shop, till, ended) == start
    assert await sync(shop, till, ended) == start  # the answer was lost
    (one,) = await listed(shop)
    assert (one["payments"], one["offline_payments"], one["stands_fen"]) == (2, 2, 800)
    assert (one["told_fen"], one["counted_fen"], one["difference_fen"]) == (800, 790, -10)
    assert not one["is_contested"]


async def test_it_waits_for_its_last_record(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    start = shop.office.at - 600
    ended = told(start, (1, 1), payments=1, charged_fen=500, offline=1)
    later = told(start + 4000, (2, 1))
    assert await sync(shop, till, ended, later) == 0
    journal = Book(shop, till)
    journal.pay(student, 500, shop.office.at - 300)
    assert (await journal.upload(journal.signed())).status_code == 200
    assert await sync(shop, till, later, ended) == start + 4000
    rows = await ShiftRow.all().order_by("opened_at")
    assert [(row.is_counted, row.charged_fen) for row in rows] == [(True, 500), (True, 0)]


async def test_what_ended_is_never_overwritten(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    await shop.pay(till, shop.code(student), 400)
    start = shop.office.at - 600
    journal = Book(shop, till)
    ended = told(start, (1, 0), cashier=3)
    assert await sync(shop, till, ended) == start
    for other in ({"cashier": 4}, {"counted_fen": 1}, {"charged_fen": 9}):
        assert await sync(shop, till, {**ended, **other}) == start
        row = await ShiftRow.get()
        assert (row.cashier, row.counted_fen, row.told_fen) == (3, None, 0)
        assert row.is_contested
        await ShiftRow.all().update(is_contested=False)
    assert journal.records == []


async def test_two_shifts_of_the_same_records_are_contested(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    start = shop.office.at - 600
    journal = Book(shop, till)
    journal.pay(student, 500, shop.office.at - 300)
    assert (await journal.upload(journal.signed())).status_code == 200
    assert await sync(shop, till, told(start, (1, 1)), told(start + 5, (1, 1))) == start + 5
    rows = await ShiftRow.all().order_by("opened_at")
    assert [row.is_contested for row in rows] == [False, True]


async def test_who_is_no_cashier_there_has_no_name(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    cashier_id, _ = await shop.office.hire(Role.CASHIER, merchant_id=east.merchant_id)
    for campus in (east, west):
        for cashier, at in ((cashier_id, 10), (0, 20), (999_999, 30)):
            await sync(shop, campus.till, still(shop.office.at - at, 1, cashier=cashier))
    every = await listed(shop)
    named = {(one["merchant_id"], one["cashier"]) for one in every if one["name"]}
    assert named == {(east.merchant_id, cashier_id)}
    own = await listed(shop, headers=await east.staff(shop, Role.CASHIER))
    assert {one["merchant_id"] for one in own} == {east.merchant_id}
    (chosen,) = await listed(shop, f"?cashier={cashier_id}&merchant_id={west.merchant_id}")
    assert chosen["terminal_id"] == west.terminal_id


async def test_the_report_leads_to_shifts_and_they_to_their_payments(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    journal = Book(shop, till)
    start = shop.office.at - 900
    for back, fen in ((600, 500), (540, 300), (200, 900)):
        journal.pay(student, fen, shop.office.at - back)
    assert (await journal.upload(journal.signed())).status_code == 200
    first = told(start, (1, 2), cashier=5, counted_fen=850)
    await sync(shop, till, first, told(start + 600, (3, 3), cashier=6), still(start + 700, 4))
    await roll_up()
    headers, http = await shop.office.staff(Role.FINANCE), shop.office.http
    span = "first_on=20260101&last_on=20260101"
    report = (await http.get(f"/admin/reports/window-cashiers?{span}", headers=headers)).json()
    cells = [line["cells"] for line in report["lines"]]
    assert [(one["name"], one["stands_fen"], one["open"]) for one in cells] == [
        ("未登记", 0, 1), ("编号 5", 800, 0), ("编号 6", 900, 0),
    ]  # fmt: skip
    assert cells[1]["difference_fen"] == 50
    trace = report["lines"][1]["trace"]
    assert trace["list"] == "shifts"
    asked = "&".join(f"{name}={value}" for name, value in trace["filters"].items())
    (one,) = await listed(shop, f"?{asked}", headers)
    for sequences, charged in (("1-2", [300, 500]), ("2-", [300, 900])):
        query = f"terminal_id={one['terminal_id']}&sequences={sequences}&{span}"
        paid = (await http.get(f"/admin/payments?{query}", headers=headers)).json()["payments"]
        assert sorted(row["charged_fen"] for row in paid) == charged


@pytest.mark.parametrize(
    "change", [{"closed_at": 0}, {"cashier": -1}, {"payments": None}, {"other": 1}]
)
async def test_what_is_no_shift_is_refused(shop: Shop, change: Json) -> None:
    till = await shop.till()
    body = {**till.report(shop.office.at), "shifts": [{**told(100, (1, 1)), **change}]}
    refused(await till.post(shop.office.http, "/terminal/sync", body), 400, "invalid_input")
    assert await ShiftRow.all().count() == 0
