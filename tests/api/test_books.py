"""Each campus has books of its own, and one cardholder crosses them."""

from __future__ import annotations

from typing import Any

import pytest

from backend.domain.access import Role
from backend.domain.accounts import SchoolAccount, merchant_account, purse_account
from backend.tables.account import AccountRow
from backend.tables.cardholder import CardholderRow
from backend.tables.report import BookFlowRow
from backend.tables.terminal import TerminalRow
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.merchants.place_merchant import place_merchant
from backend.usecases.settlements.roll_up import roll_up
from tests.rig.campus import STUDENT
from tests.rig.office import SYSTEM, Student
from tests.rig.places import CHARGED_FEN, Campus, make_campus
from tests.rig.shop import Book, Shop
from tests.rig.tills import refused

Json = dict[str, Any]


async def student_of(shop: Shop, campus: Campus, cash_fen: int) -> Student:
    """Somebody whose purses were opened in a campus' book."""
    student = await shop.office.student()
    await AccountRow.filter(holder_id=student.holder_id).update(book_id=campus.place_id)
    paid = [(student.holder_id, cash_fen)]
    await credit_purse(shop.ledger, "cash", SchoolAccount.OPENING, paid)
    return student


async def balance(shop: Shop, headers: dict[str, str], book: str) -> dict[str, int]:
    """A trial balance: what each line closes with, credit above 0; it must come to nothing."""
    path = f"/admin/reports/trial-balance?first_on=20260101&last_on=20260101&book_id={book}"
    answer = await shop.office.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    lines = {}
    for line in answer.json()["lines"]:
        cells = line["cells"]
        lines[cells["name"]] = cells["closing_credit_fen"] - cells["closing_debit_fen"]
    assert sum(lines.values()) == 0
    return lines


async def test_a_student_of_one_campus_pays_at_the_other(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    headers, http = await shop.office.staff(Role.FINANCE), shop.office.http
    student = await student_of(shop, east, 5_000)
    paid = await shop.pay(west.till, shop.code(student), 700)
    shop.office.clock.now += 60
    journal = Book(shop, await shop.till("西校区"))  # a till that took one alone
    journal.pay(student, 300, shop.office.at - 30)
    assert (await journal.upload(journal.signed())).status_code == 200
    body = {"request_key": "crossing-1", "payment_id": paid["payment_id"], "amount_fen": 200,
            "reason": "少了一个菜"}  # fmt: skip
    asked = (await http.post("/staff/refunds", json=body, headers=headers)).json()
    other = await shop.office.staff(Role.FINANCE)
    approve = f"/staff/corrections/{asked['request_id']}/approvals"
    assert (await http.post(approve, headers=other)).status_code == 201
    await roll_up()
    whole = await balance(shop, headers, "")
    own = await balance(shop, headers, str(east.place_id))
    foreign = await balance(shop, headers, str(west.place_id))
    school = await balance(shop, headers, "0")
    left_fen = (await AccountRow.get(id=purse_account(student.holder_id, "cash"))).balance_fen
    owed_fen = 5_000 - left_fen
    assert owed_fen == 700 + 300 - 200
    assert own["持卡人现金钱包"] == left_fen
    assert own["与西校区 campus往来"] == owed_fen
    assert own["与校本部往来"] == -5_000 - CHARGED_FEN
    assert foreign["与东校区 campus往来"] == -owed_fen
    assert foreign["应付商户 西校区"] == CHARGED_FEN + owed_fen
    assert not any("往来" in name for name in whole)
    merged: dict[str, int] = {}
    for lines in (own, foreign, school):
        for name, fen in lines.items():
            if "往来" not in name:
                merged[name] = merged.get(name, 0) + fen
    assert merged == whole
    between = f"between={east.place_id}-{west.place_id}&first_on=20260101&last_on=20260101"
    told = (await http.get(f"/admin/postings?{between}", headers=headers)).json()["postings"]
    assert {one["kind"] for one in told} >= {"payment", "correction"}
    signs = {"payment": 1, "correction": -1}
    assert sum(signs[one["kind"]] * one["amount_fen"] for one in told) == owed_fen


async def test_the_purses_of_a_book_lead_to_their_own_postings(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    headers, http = await shop.office.staff(Role.FINANCE), shop.office.http
    for campus, fen in ((east, 5_000), (west, 3_000)):
        student = await student_of(shop, campus, fen)
        await shop.pay(west.till, shop.code(student), 700)
    await roll_up()
    for book in ("", "0", str(east.place_id), str(west.place_id)):
        stands = (await balance(shop, headers, book))["持卡人现金钱包"]
        days = "first_on=20260101&last_on=20260101"
        report = f"/admin/reports/trial-balance?book_id={book}&{days}"
        lines = (await http.get(report, headers=headers)).json()["lines"]
        (leads,) = [
            one["trace"]["filters"] for one in lines if one["cells"]["name"] == "持卡人现金钱包"
        ]
        asked = "&".join(f"{name}={value}" for name, value in leads.items())
        told = (await http.get(f"/admin/postings?{asked}&limit=200", headers=headers)).json()
        came = sum(
            one["amount_fen"] if one["target"] == "purse:cash" else -one["amount_fen"]
            for one in told["postings"]
        )
        assert (told["next"], came) == (None, stands), book


async def test_whoever_is_at_a_campus_sees_its_book_alone(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    await roll_up()
    local = await east.staff(shop, Role.FINANCE)
    own = await balance(shop, local, str(east.place_id))
    assert own["应付商户 东校区"] == CHARGED_FEN
    path = "/admin/reports/trial-balance?book_id="
    for book in ("", "0", str(west.place_id)):
        answer = await shop.office.http.get(f"{path}{book}", headers=local)
        refused(answer, 403, "beyond_reach")
    answer = await shop.office.http.get(
        f"/admin/reports/merchants?book_id={east.place_id}", headers=local
    )
    refused(answer, 400, "invalid_input")


async def test_reports_of_the_merchants_at_a_place(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    await roll_up()
    admin, local = await shop.office.staff(Role.ADMIN), await east.staff(shop, Role.FINANCE)
    path = f"/admin/reports/merchants?place_id={west.canteen_id}"
    told = (await shop.office.http.get(path, headers=admin)).json()
    assert [line["cells"]["name"] for line in told["lines"]] == ["西校区"]
    refused(await shop.office.http.get(path, headers=local), 404, "unknown_place")


async def test_a_payable_stays_where_it_was_posted_to(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    fresh = await TerminalRow.get(id=(await shop.till("新窗口")).terminal_id)
    for merchant, book in ((fresh.merchant_id, west), (east.merchant_id, east)):
        await place_merchant(merchant, west.window_id, "搬迁", actor=SYSTEM, at=shop.office.at)
        account = await AccountRow.get(id=merchant_account(merchant))
        assert account.book_id == book.place_id


@pytest.mark.parametrize("is_rolled", [False, True])
async def test_what_is_not_rolled_up_counts_as_posted(shop: Shop, *, is_rolled: bool) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    if is_rolled:
        await roll_up()
    place = west.window_id
    await place_merchant(east.merchant_id, place, "搬迁", actor=SYSTEM, at=shop.office.at)
    account = await AccountRow.get(id=merchant_account(east.merchant_id))
    assert account.book_id == east.place_id


async def test_a_roster_says_where_somebody_is_at_home(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    headers, http = await shop.office.staff(Role.ADMIN), shop.office.http
    head = "number,name,department,class,campus\n"
    path = "/admin/rosters?dry_run=0"
    csv = f"{head}H1,甲,理学院,{STUDENT},东校区 campus\nH2,乙,理学院,{STUDENT},\n"
    told = (await http.post(path, content=csv.encode(), headers=headers)).json()
    assert (told["added"], told["errors"]) == (2, [])
    one, two = await CardholderRow.get(number="H1"), await CardholderRow.get(number="H2")
    assert (one.campus_id, two.campus_id) == (east.place_id, 0)
    accounts = {row.id: row.book_id for row in await AccountRow.all()}
    assert accounts[purse_account(one.id, "cash")] == east.place_id
    assert accounts[purse_account(two.id, "benefit")] == 0
    # who moves keeps his purses where they were opened
    csv = f"{head}H1,甲,理学院,{STUDENT},西校区 campus\n"
    told = (await http.post(path, content=csv.encode(), headers=headers)).json()
    (field,) = told["differences"][0]["fields"]
    assert field == {"field": "campus_id", "before": east.place_id, "after": west.place_id}
    assert (await CardholderRow.get(number="H1")).campus_id == west.place_id
    assert (await AccountRow.get(id=purse_account(one.id, "cash"))).book_id == east.place_id
    csv = f"{head}H3,丙,理学院,{STUDENT},北校区\n"
    told = (await http.post(path, content=csv.encode(), headers=headers)).json()
    assert [error["error"] for error in told["errors"]] == ["unknown_campus"]
    # a campus with people or books is not taken out of the tree
    admin = await http.delete(f"/admin/places/{west.place_id}", headers=headers)
    refused(admin, 409, "place_in_use")


async def test_a_school_of_one_book_writes_no_flows(shop: Shop) -> None:
    till, student = await shop.till(), await shop.student()
    await shop.pay(till, shop.code(student), 500)
    await roll_up()
    assert await BookFlowRow.all().count() == 0
