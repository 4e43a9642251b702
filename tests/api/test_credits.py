"""Money over the counter, over real HTTP: once per key, whole fen, into a purse that is there."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from backend.domain.access import Role
from backend.domain.accounts import SchoolAccount
from backend.tables.account import CreditRow, PostingRow
from backend.tables.drawer import DrawerRow
from backend.tables.rollup import balance_of
from backend.tables.staff import AuditRow
from backend.tables.top_up import LotRow
from backend.usecases.ledger.credit_by_hand import HAND_CREDIT_FEN_MAX
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.shop import Shop

BODY = {"request_key": "counter-1", "purse": "cash", "amount_fen": 500, "reason": "现金' -- 充值"}


async def cashier(shop: Shop) -> dict[str, str]:
    """Somebody of finance with an open drawer."""
    headers = await shop.office.staff(Role.FINANCE)
    opened = await shop.office.http.post(
        "/staff/drawers", json={"opened_fen": 20_000}, headers=headers
    )
    assert opened.status_code == 201, opened.text
    return headers


async def bring(
    shop: Shop, headers: dict[str, str], holder_id: int, **changes: object
) -> httpx.Response:
    path = f"/staff/cardholders/{holder_id}/credits"
    return await shop.office.http.post(path, json={**BODY, **changes}, headers=headers)


async def test_a_repeat_brings_nothing_more(shop: Shop) -> None:
    student, finance = await shop.student(), await cashier(shop)
    first = await bring(shop, finance, student.holder_id)
    again = await bring(shop, finance, student.holder_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["balance_fen"] == shop.balance(student) == 10_500
    row = await CreditRow.get()
    assert (row.id, row.reason) == (first.json()["entry_id"], "现金' -- 充值")
    assert row.made_by.startswith("staff:")
    assert await AuditRow.filter(verb="purses.credit").count() == 1
    trail = await shop.office.http.get("/student/trail", headers=student.headers)
    assert trail.json()["trail"][0]["verb"] == "purses.credit", "the holder can see it"


async def test_ten_at_once_bring_one(shop: Shop) -> None:
    student, finance = await shop.student(), await cashier(shop)
    answers = await asyncio.gather(*(bring(shop, finance, student.holder_id) for _ in range(10)))
    assert sorted(one.status_code for one in answers) == [200] * 9 + [201]
    assert shop.balance(student) == 10_500


@pytest.mark.parametrize(
    "field, value", [("amount_fen", 501), ("purse", "benefit"), ("holder_id", 0)]
)
async def test_a_key_that_was_used_for_something_else(
    shop: Shop, field: str, value: object
) -> None:
    student, other = await shop.student(), await shop.student()
    finance = await cashier(shop)
    await bring(shop, finance, student.holder_id)
    wanted = other.holder_id if field == "holder_id" else student.holder_id
    changes = {} if field == "holder_id" else {field: value}
    answer = await bring(shop, finance, wanted, **changes)
    assert (answer.status_code, answer.json()["error"]) == (409, "key_used")
    assert (shop.balance(student), shop.balance(other)) == (10_500, 10_000)


@pytest.mark.parametrize(
    "field, value",
    [
        ("amount_fen", 0),
        ("amount_fen", -1),
        ("amount_fen", HAND_CREDIT_FEN_MAX + 1),
        ("amount_fen", 1.5),
        ("purse", "bank"),
        ("reason", ""),
        ("request_key", "short"),
        ("request_key", "key'; --xx"),
    ],
)
async def test_what_is_no_credit_is_named(shop: Shop, field: str, value: object) -> None:
    student, finance = await shop.student(), await cashier(shop)
    answer = await bring(shop, finance, student.holder_id, **{field: value})
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, field)
    assert shop.balance(student) == 10_000


async def test_nobody_has_no_purse(shop: Shop) -> None:
    finance = await cashier(shop)
    answer = await bring(shop, finance, 77_777)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_cardholder")
    assert not await CreditRow.exists()
    assert not await PostingRow.exists()


async def test_cash_goes_into_an_open_drawer_and_becomes_a_lot(shop: Shop) -> None:
    student, finance = await shop.student(), await shop.office.staff(Role.FINANCE)
    refused = await bring(shop, finance, student.holder_id)
    assert (refused.status_code, refused.json()["error"]) == (409, "no_open_drawer")
    assert (shop.balance(student), await LotRow.exists()) == (10_000, False)
    other = await cashier(shop)
    assert (await bring(shop, finance, student.holder_id)).status_code == 409, "another's drawer"
    made = await bring(shop, other, student.holder_id)
    lot, credit = await LotRow.get(), await CreditRow.get()
    assert (lot.id, lot.origin, lot.amount_fen) == (made.json()["entry_id"], "cash", 500)
    assert credit.drawer_id == (await DrawerRow.get()).id


async def test_each_purse_has_its_own_source(shop: Shop) -> None:
    student, finance = await shop.student(), await cashier(shop)
    await bring(shop, finance, student.holder_id)
    benefit = await bring(
        shop, finance, student.holder_id, purse="benefit", request_key="counter-2", amount_fen=800
    )
    assert benefit.json()["balance_fen"] == 800
    assert await balance_of(int(SchoolAccount.CASH_DRAWER)) == -500
    assert await balance_of(int(SchoolAccount.BENEFIT_SOURCE)) == -800


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credit SET amount_fen = 1",
        "DELETE FROM credit",
        "INSERT INTO credit VALUES (1, 'another-key', 1, 'benefit', 0, 8, '', 'a', 0, 0)",
    ],
)
async def test_the_database_keeps_what_was_brought(
    shop: Shop, migrated_url: str, statement: str
) -> None:
    student, finance = await shop.student(), await cashier(shop)
    await bring(shop, finance, student.holder_id)
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement)
