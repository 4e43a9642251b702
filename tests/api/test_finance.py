"""Commissions, remittances, closed days and corrections, as two people make them over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from backend.domain.access import Role
from backend.domain.accounts import SchoolAccount
from backend.tables.merchant import MerchantRow
from backend.tables.remittance import DayCloseRow, RemittanceRow
from backend.tables.rollup import balance_of
from backend.tables.staff import AuditRow
from backend.tables.terminal import TerminalRow
from tests.rig.office import Office
from tests.rig.raw_sql import RefusedSqlError, execute
from tests.rig.shop import Shop

NEW_YEAR = 20260101
DAY = 86_400
Headers = dict[str, str]


async def get(office: Office, path: str, who: Headers) -> Any:
    answer = await office.http.get(path, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(office: Office, path: str, who: Headers, **body: object) -> tuple[int, Any]:
    answer = await office.http.post(path, json=body, headers=who)
    return answer.status_code, answer.json()


async def sell(shop: Shop, fen: int = 10_000) -> int:
    """One lunch at the noodles; answers the merchant's id."""
    till, student = await shop.till("面馆"), await shop.student(20_000)
    await shop.pay(till, shop.code(student), fen)
    merchant_id: int = (await MerchantRow.get(name="面馆")).id
    return merchant_id


async def settle(shop: Shop, who: Headers) -> None:
    status, _ = await post(shop.office, "/admin/settlements", who, business_on=NEW_YEAR)
    assert status == 201


async def two(office: Office) -> tuple[Headers, Headers]:
    return await office.staff(Role.FINANCE), await office.staff(Role.FINANCE)


async def test_the_school_keeps_its_part_and_two_people_send_the_rest(shop: Shop) -> None:
    office = shop.office
    merchant_id = await sell(shop)
    first, second = await two(office)
    rates = f"/admin/merchants/{merchant_id}/commissions"
    rate = {"begins_on": NEW_YEAR, "basis_points": 250, "reason": "合同 3 号"}
    assert (await post(office, rates, first, **rate))[0] == 201
    assert (await post(office, rates, first, **rate))[1]["error"] == "rate_stands"
    office.clock.now += DAY
    first, second = await two(office)
    await settle(shop, first)
    assert await balance_of(int(SchoolAccount.COMMISSION_INCOME)) == 250
    (line,) = (await get(office, "/admin/settlements", first))["settlements"]
    assert (line["fee_fen"], line["net_fen"], line["state"]) == (250, 9_750, "owed")
    late = {**rate, "basis_points": 0}
    assert (await post(office, rates, first, **late))[1]["error"] == "settled_already"
    (owed,) = (await get(office, "/admin/remittances/owed", first))["owed"]
    assert (owed["merchant"], owed["owed_fen"], owed["settlements"]) == ("面馆", 9_750, 1)
    asked = {"merchant_id": merchant_id, "through_on": NEW_YEAR, "reason": "一月结算"}
    status, made = await post(
        office, "/admin/remittances", first, request_key="remit-0001", **asked
    )
    assert (status, made["state"], made["amount_fen"]) == (201, "waiting", 9_750)
    again = await post(office, "/admin/remittances", first, request_key="remit-0001", **asked)
    assert again[1]["remittance_id"] == made["remittance_id"]
    other = await post(office, "/admin/remittances", second, request_key="remit-0002", **asked)
    assert other[1]["error"] == "nothing_owed"
    path = f"/admin/remittances/{made['remittance_id']}"
    alone = await post(office, f"{path}/approvals", first, voucher="B-1")
    assert (alone[0], alone[1]["error"]) == (403, "two_people")
    assert await balance_of(int(SchoolAccount.MERCHANTS_PAID)) == 0
    for _ in range(2):
        done = await post(office, f"{path}/approvals", second, voucher="B-1")
        assert (done[0], done[1]["state"], done[1]["voucher"]) == (201, "approved", "B-1")
    assert await balance_of(int(SchoolAccount.MERCHANTS_PAID)) == 9_750
    assert await balance_of(int(SchoolAccount.MERCHANT_SETTLEMENT)) == 0
    (line,) = (await get(office, "/admin/settlements?state=paid", first))["settlements"]
    assert line["remittance_id"] == made["remittance_id"]
    told = await get(office, "/admin/remittances?state=approved", first)
    assert told["remittances"][0]["made_by"] in told["people"]
    verbs = [row.verb for row in await AuditRow.filter(verb__startswith="remittances.")]
    assert verbs == ["remittances.ask", "remittances.approved"]


async def test_a_rejected_remittance_lets_its_settlements_go(shop: Shop) -> None:
    office = shop.office
    merchant_id = await sell(shop)
    office.clock.now += DAY
    first, second = await two(office)
    await settle(shop, first)
    asked = {"merchant_id": merchant_id, "through_on": NEW_YEAR, "reason": "一月结算"}
    _, made = await post(office, "/admin/remittances", first, request_key="remit-0001", **asked)
    path = f"/admin/remittances/{made['remittance_id']}"
    assert (await post(office, f"{path}/rejections", first))[1]["error"] == "two_people"
    assert (await post(office, f"{path}/rejections", second))[1]["state"] == "rejected"
    late = await post(office, f"{path}/approvals", second, voucher="B-1")
    assert (late[0], late[1]["error"]) == (409, "decided_already")
    assert await balance_of(int(SchoolAccount.MERCHANTS_PAID)) == 0
    status, _ = await post(office, "/admin/remittances", first, request_key="remit-0003", **asked)
    assert status == 201


async def test_a_settlement_is_asked_for_once_by_many_at_once(shop: Shop) -> None:
    office = shop.office
    merchant_id = await sell(shop)
    office.clock.now += DAY
    first, _ = await two(office)
    await settle(shop, first)
    asked = {"merchant_id": merchant_id, "through_on": NEW_YEAR, "reason": "一月结算"}
    answers = await asyncio.gather(
        *(
            post(office, "/admin/remittances", first, request_key=f"remit-at-once-{n}", **asked)
            for n in range(5)
        )
    )
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409, 409]
    assert await RemittanceRow.all().count() == 1


REMITTANCE = (
    "INSERT INTO remittance (request_key, merchant_id, through_on, settlements, amount_fen, reason,"
    " made_by, made_at, decided_by, decided_at, decision, voucher, entry_id) VALUES"
)


COPIED_LINE = (
    "INSERT INTO remittance_line (remittance_id, settlement_id, standing_id, amount_fen)"
    " SELECT remittance_id, settlement_id, standing_id, amount_fen FROM remittance_line"
)
DEAR_RATE = (
    "INSERT INTO commission (merchant_id, begins_on, basis_points, reason, set_by, set_at)"
    " VALUES (1, 1, 3001, '', '', 0)"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"{REMITTANCE} ('k', 1, 1, 1, 5, '', 'staff:1', 0, 'staff:1', 1, 'approved', 'v', 8)",
        f"{REMITTANCE} ('k', 1, 1, 1, 5, '', 'staff:1', 0, '', 1, 'approved', 'v', 8)",
        f"{REMITTANCE} ('k', 1, 1, 1, 0, '', 'staff:1', 0, '', 0, '', '', 0)",
        "UPDATE remittance SET decided_by = made_by, decision = 'approved'",
        "UPDATE remittance SET made_by = 'staff:999'",
        "UPDATE remittance SET amount_fen = 1",
        "DELETE FROM remittance",
        COPIED_LINE,
        "UPDATE commission SET basis_points = 0",
        "DELETE FROM commission",
        "UPDATE settlement_fee SET fee_fen = 1",
        "DELETE FROM settlement_fee",
        DEAR_RATE,
    ],
)
async def test_the_database_keeps_the_two_apart(
    shop: Shop, migrated_url: str, statement: str
) -> None:
    office = shop.office
    merchant_id = await sell(shop)
    first, _ = await two(office)
    rates = f"/admin/merchants/{merchant_id}/commissions"
    await post(office, rates, first, begins_on=NEW_YEAR, basis_points=100, reason="合同")
    office.clock.now += DAY
    first, _ = await two(office)
    await settle(shop, first)
    asked = {"merchant_id": merchant_id, "through_on": NEW_YEAR, "reason": "一月结算"}
    status, _ = await post(office, "/admin/remittances", first, request_key="remit-raw1", **asked)
    assert status == 201
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement)


async def test_a_day_is_closed_once_with_its_missing_terminals_seen(
    shop: Shop, migrated_url: str
) -> None:
    office = shop.office
    await sell(shop, 1_200)
    first, second = await two(office)
    path = f"/admin/days/{NEW_YEAR}"
    early = await post(office, f"{path}/closes", first, missing=1, reason="核对无误")
    assert (early[0], early[1]["error"]) == (409, "day_not_over")
    office.clock.now += DAY
    first, second = await two(office)
    seen = await get(office, path, first)
    assert (seen["payments"], seen["charged_fen"], seen["is_over"]) == (1, 1_200, True)
    assert seen["debit_fen"] == seen["credit_fen"] > 0
    (missing,) = seen["missing"]
    assert (missing["merchant"], missing["name"]) == ("面馆", "面馆")
    wrong = await post(office, f"{path}/closes", first, missing=0, reason="核对无误")
    assert (wrong[0], wrong[1]["error"], wrong[1]["evidence"]["missing"]) == (
        409,
        "picture_changed",
        1,
    )
    answers = await asyncio.gather(
        post(office, f"{path}/closes", first, missing=1, reason="窗口停电，明日补传"),
        post(office, f"{path}/closes", second, missing=1, reason="窗口停电，明日补传"),
    )
    assert sorted(status for status, _ in answers) == [201, 409]
    assert next(body for status, body in answers if status == 409)["error"] == "closed_already"
    row = await DayCloseRow.get()
    assert (row.missing, row.charged_fen) == (1, 1_200)
    assert "面馆" in str(row.picture["missing"])
    (day,) = (await get(office, "/admin/days", first))["days"]
    assert (day["business_on"], day["close"]["reason"]) == (NEW_YEAR, "窗口停电，明日补传")
    for statement in ("UPDATE day_close SET missing = 0", "DELETE FROM day_close"):
        with pytest.raises(RefusedSqlError, match="append-only"):
            execute(migrated_url, statement)


async def test_a_terminal_that_has_delivered_is_not_missing(shop: Shop) -> None:
    office = shop.office
    await sell(shop, 1_200)
    office.clock.now += DAY
    first, _ = await two(office)
    row = await TerminalRow.get(name="面馆")
    later = row.enrolled_at.replace(year=2027)
    await TerminalRow.filter(id=row.id).update(seen_at=later, highest_sequence=0)
    seen = await get(office, f"/admin/days/{NEW_YEAR}", first)
    assert seen["missing"] == []
    await TerminalRow.filter(id=row.id).update(highest_sequence=row.journal_sequence + 3)
    (behind,) = (await get(office, f"/admin/days/{NEW_YEAR}", first))["missing"]
    assert behind["highest_sequence"] - behind["confirmed_sequence"] == 3


async def test_a_refund_is_refused_or_approved_by_another(shop: Shop) -> None:
    office = shop.office
    till, student = await shop.till(), await shop.student()
    payment = (await shop.pay(till, shop.code(student), 500))["payment_id"]
    first, second = await two(office)
    asked = {"payment_id": payment, "amount_fen": 200, "reason": "少菜"}
    _, one = await post(office, "/staff/refunds", first, request_key="refund-0001", **asked)
    path = f"/staff/corrections/{one['request_id']}"
    assert (await post(office, f"{path}/rejections", second))[1]["state"] == "rejected"
    no = await post(office, f"{path}/approvals", second)
    assert (no[0], no[1]["error"]) == (409, "decided_already")
    assert shop.balance(student) == 9_500
    _, two_ = await post(office, "/staff/refunds", first, request_key="refund-0002", **asked)
    path = f"/staff/corrections/{two_['request_id']}"
    assert (await post(office, f"{path}/approvals", second))[0] == 201
    assert (await post(office, f"{path}/rejections", second))[1]["error"] == "decided_already"
    assert shop.balance(student) == 9_700
    told = await get(office, "/staff/corrections?state=all", first)
    assert [line["state"] for line in told["corrections"]] == ["approved", "rejected"]
    assert told["corrections"][0]["merchant"] == "Noodles"
    page = await get(office, "/staff/corrections?state=all&limit=1", first)
    rest = await get(office, f"/staff/corrections?state=all&limit=1&after={page['next']}", first)
    assert [one["request_id"] for one in rest["corrections"]] == [one["request_id"]]


async def test_a_refund_is_refused_twice(shop: Shop) -> None:
    """The second time is the same answer, and no second line in the trail."""
    office = shop.office
    till, student = await shop.till(), await shop.student()
    payment = (await shop.pay(till, shop.code(student), 500))["payment_id"]
    first, second = await two(office)
    asked = {"payment_id": payment, "amount_fen": 200, "reason": "少菜"}
    _, one = await post(office, "/staff/refunds", first, request_key="refund-0001", **asked)
    path = f"/staff/corrections/{one['request_id']}/rejections"
    for _ in range(2):
        status, told = await post(office, path, second)
        assert (status, told["state"]) == (201, "rejected")
    assert await AuditRow.filter(verb="corrections.reject").count() == 1
