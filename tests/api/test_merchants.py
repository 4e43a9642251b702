"""Merchants and their settlements, as the offices make them over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from backend.domain.access import Role
from backend.domain.accounts import SchoolAccount, merchant_account
from backend.tables.account import AccountRow
from backend.tables.merchant import MerchantRow, SettlementRow
from backend.tables.rollup import balance_of
from backend.tables.staff import AuditRow
from tests.rig.office import Office
from tests.rig.shop import Shop

NEW_YEAR = 20260101
DAY = 86_400


async def test_a_new_merchant_is_owed_what_it_sells(shop: Shop) -> None:
    office = shop.office
    admin, finance = await office.staff(Role.ADMIN), await office.staff(Role.FINANCE)
    made = await office.http.post("/admin/merchants", json={"name": " 面馆 "}, headers=admin)
    assert made.status_code == 201
    merchant_id = made.json()["merchant_id"]
    assert await AccountRow.exists(id=merchant_account(merchant_id), kind="merchant")
    assert await AuditRow.exists(verb="merchants.create", subject=f"merchant:{merchant_id}")
    till, student = await shop.till("面馆"), await shop.student()
    await shop.pay(till, shop.code(student), 500)
    body = {"business_on": NEW_YEAR}
    early = await office.http.post("/admin/settlements", json=body, headers=finance)
    assert (early.status_code, early.json()["error"]) == (409, "day_not_over")
    assert not await SettlementRow.exists()
    office.clock.now += DAY
    finance = await office.staff(Role.FINANCE)
    answers = [
        await office.http.post("/admin/settlements", json=body, headers=finance) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    (settled,) = answers[0].json()["settlements"]
    assert (settled["merchant_id"], settled["net_fen"], settled["payments"]) == (
        merchant_id,
        500,
        1,
    )
    assert answers[1].json() == {"settlements": []}
    assert await balance_of(merchant_account(merchant_id)) == 0
    assert await balance_of(int(SchoolAccount.MERCHANT_SETTLEMENT)) == 500


async def test_two_offices_settle_once(shop: Shop) -> None:
    office = shop.office
    till, student = await shop.till(), await shop.student()
    await shop.pay(till, shop.code(student), 700)
    office.clock.now += DAY
    finance = await office.staff(Role.FINANCE)
    body = {"business_on": NEW_YEAR}
    answers = await asyncio.gather(
        *(office.http.post("/admin/settlements", json=body, headers=finance) for _ in range(5))
    )
    assert {one.status_code for one in answers} == {201}
    settled = [one for answer in answers for one in answer.json()["settlements"]]
    assert [one["net_fen"] for one in settled] == [700]
    assert await SettlementRow.all().count() == 1


@pytest.mark.parametrize("business_on", [20260230, 1, 20261301, 0, "20260101"])
async def test_a_day_there_is_not_is_named(office: Office, business_on: object) -> None:
    finance = await office.staff(Role.FINANCE)
    body = {"business_on": business_on}
    answer = await office.http.post("/admin/settlements", json=body, headers=finance)
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, "business_on")


async def test_one_name_is_one_merchant(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    answers = await asyncio.gather(
        *(
            office.http.post("/admin/merchants", json={"name": "面馆"}, headers=admin)
            for _ in range(5)
        )
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 4
    assert await MerchantRow.filter(name="面馆").count() == 1
    assert await AccountRow.filter(kind="merchant").count() == 1


@pytest.mark.parametrize("name", ["", "   ", "长" * 65, "面\u0000馆", "面\n馆"])
async def test_a_name_nobody_can_read_is_refused(office: Office, name: str) -> None:
    admin = await office.staff(Role.ADMIN)
    answer = await office.http.post("/admin/merchants", json={"name": name}, headers=admin)
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, "name")


async def test_a_cashier_sees_the_own_merchant(office: Office) -> None:
    admin, cashier = await office.staff(Role.ADMIN), await office.staff(Role.CASHIER)
    await office.http.post("/admin/merchants", json={"name": "面馆"}, headers=admin)
    told = (await office.http.get("/admin/merchants", headers=admin)).json()["merchants"]
    assert [one["name"] for one in told][-1] == "面馆"
    own = (await office.http.get("/admin/merchants", headers=cashier)).json()["merchants"]
    assert len(told) == 2
    assert own == told[:1]
