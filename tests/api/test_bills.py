"""The finance clerk's morning over HTTP: days, bills, differences, what is in transit."""

from __future__ import annotations

import gzip

import httpx
import pytest

from backend.api.parts import Parts
from backend.domain.access import Role
from backend.jobs import JOBS, WorkerParts
from backend.tables.bill import DifferenceRow
from backend.tables.staff import AuditRow
from campus_code.days import day_number
from tests.rig.billing import Billing


async def clerk(billing: Billing) -> dict[str, str]:
    return await billing.paying.office.staff(Role.FINANCE)


def worker_parts(parts: Parts) -> WorkerParts:
    """What the worker's jobs get, made of the server's."""
    return WorkerParts(
        parts.config,
        parts.clock,
        parts.randomness,
        parts.vault,
        parts.bus,
        parts.ledger,
        parts.rules,
        parts.wechat,
        parts.pay,
    )


async def run_job(billing: Billing, name: str) -> object:
    (job,) = (one for one in JOBS if one.name == name)
    return await job.run(worker_parts(billing.paying.office.parts))


async def test_a_morning(billing: Billing) -> None:
    http, day_on = billing.paying.http, day_number(billing.today)
    await billing.paid(5_000)
    missed = await billing.paid(700, hear=False)
    await billing.morning_after(billing.today)
    who = await clerk(billing)
    listed = (await http.get("/admin/bills", headers=who)).json()
    assert (listed["days"][0]["day_on"], listed["days"][0]["state"]) == (day_on, "missing")
    made = await http.post(f"/admin/bills/{day_on}/fetches", headers=who)
    assert made.status_code == 201, made.text
    told = made.json()
    side = {"paid_fen": 5_700, "returned_fen": 0, "payments": 2, "refunds": 0}
    assert (told["bill"], told["orders"]) == (side, side)
    assert told["ledger"] == side | {"paid_fen": 5_000, "payments": 1}  # the other is of today
    assert (told["proven_fen"], told["fee_fen"], told["account_fen"]) == (5_700, 34, 5_666)
    (one,) = told["differences"]
    assert (one["cause"], one["reference"], one["state"]) == ("late_notice", missed, "settled")
    again = await http.post(f"/admin/bills/{day_on}/fetches", headers=who)
    assert (again.status_code, again.json()) == (
        201,
        told | {"reconciled_at": again.json()["reconciled_at"]},
    )
    listed = (await http.get("/admin/bills", headers=who)).json()
    assert listed["days"][0]["state"] == "agrees"
    assert (await http.get("/admin/in-transit", headers=who)).json() == {
        "total_fen": 0,
        "items": [],
        "next_after": None,
    }
    assert await AuditRow.filter(verb="bills.fetch").count() == 2


async def test_two_people_settle_over_http(billing: Billing) -> None:
    http, day = billing.paying.http, billing.today
    number = await billing.paid(5_000)
    billing.paying.held(number).asked["amount"] = {"total": 5_001}
    await billing.morning(day)
    (row,) = await DifferenceRow.filter(state="open", subject="payment")
    first, second = await clerk(billing), await clerk(billing)
    path = f"/admin/differences/{row.id}"
    body = {"way": "hold", "note": "多收一分，待查"}
    for wrong in ({"way": "hold"}, body | {"way": "forget"}, body | {"named_id": "1"}):
        assert (await http.post(f"{path}/requests", json=wrong, headers=first)).status_code == 400
    asked = await http.post(f"{path}/requests", json=body, headers=first)
    assert (asked.status_code, asked.json()["state"], asked.json()["ways"]) == (201, "asked", [])
    own = await http.post(f"{path}/approvals", headers=first)
    assert (own.status_code, own.json()["error"]) == (403, "two_people")
    refused = await http.post(f"{path}/rejections", headers=second)
    assert (refused.status_code, refused.json()["ways"]) == (201, ["hold"])
    await http.post(f"{path}/requests", json=body, headers=first)
    done = await http.post(f"{path}/approvals", headers=second)
    assert done.status_code == 201, done.text
    told = done.json()
    assert (told["state"], told["bill_fen"], told["ledger_fen"]) == ("held", 5_001, 5_000)
    repeated = await http.post(f"{path}/approvals", headers=second)
    assert (repeated.status_code, repeated.json()["entry_id"]) == (201, told["entry_id"])
    verbs = [one.verb for one in await AuditRow.filter(subject=f"difference:{row.id}")]
    assert verbs.count("differences.approve") == 1


async def test_an_uploaded_file_has_the_same_checks_and_reasons(billing: Billing) -> None:
    http, day = billing.paying.http, billing.today
    await billing.paid(5_000)
    await billing.morning_after(day)
    who = await clerk(billing)
    trade = billing.raw_bill(day)
    funds = gzip.compress(billing.raw_bill(day, "fundflowbill"))
    where = f"/admin/bills/uploads?day_on={day_number(day)}"

    async def upload(kind: str, raw: bytes) -> httpx.Response:
        return await http.post(f"{where}&kind={kind}", content=raw, headers=who)

    torn = await upload("trade", trade[:-40])
    assert (torn.status_code, torn.json()["error"]) == (409, "bill_refused")
    first = await upload("trade", trade)
    assert (first.status_code, first.json()["is_reconciled"]) == (201, False)
    again = await upload("trade", trade)
    assert (again.status_code, again.json()["evidence"]["fault"]) == (409, "repeated_file")
    crossed = await upload("fund_flow", billing.raw_bill(day, fault="one_fen"))
    assert crossed.status_code == 409
    second = await upload("fund_flow", funds)
    assert (second.status_code, second.json()["is_reconciled"]) == (201, True)
    assert billing.balances()[3] == 0


@pytest.mark.parametrize("path", ["/admin/bills/20261332", "/admin/bills?before=20260231"])
async def test_a_day_that_is_none_is_refused(billing: Billing, path: str) -> None:
    answer = await billing.paying.http.get(path, headers=await clerk(billing))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_input")


async def test_what_is_in_transit_is_named_one_by_one(billing: Billing) -> None:
    numbers = [await billing.paid(fen) for fen in (5_000, 700)]
    who = await clerk(billing)
    told = (await billing.paying.http.get("/admin/in-transit", headers=who)).json()
    assert told["total_fen"] == 5_700 == sum(one["amount_fen"] for one in told["items"])
    assert [one["number"] for one in told["items"]] == numbers
    assert {one["day_on"] for one in told["items"]} == {day_number(billing.today)}


async def test_the_worker_fetches_what_it_missed_and_looks_again_at_what_changed(
    billing: Billing,
) -> None:
    assert await run_job(billing, "fetch bills") == "0 of 0 days"
    first = billing.today
    await billing.paid(5_000)
    await billing.paying.advance(3 * 86_400)  # the worker was down
    last = billing.today
    await billing.paid(700)
    await billing.morning_after(last)
    assert await run_job(billing, "fetch bills") == "4 of 4 days"
    assert billing.balances()[3] == 0
    assert await run_job(billing, "fetch bills") == "0 of 0 days"
    calls = sum(billing.paying.sim.calls.values())
    assert await run_job(billing, "fetch bills") == "0 of 0 days"
    assert sum(billing.paying.sim.calls.values()) == calls
    assert first != last


async def test_a_day_whose_bill_fails_does_not_stop_the_others(billing: Billing) -> None:
    await billing.paid(5_000)
    await billing.paying.advance(86_400)
    second = billing.today
    await billing.paid(700)
    await billing.morning_after(second)
    billing.paying.plan(what="bills", kind="wrong_sum")
    assert await run_job(billing, "fetch bills") == "1 of 2 days"
    assert billing.balances()[3] == -5_000
    assert await run_job(billing, "fetch bills") == "1 of 1 days"
    assert billing.balances()[3] == 0


async def test_shipping_is_behind_its_switch(billing: Billing) -> None:
    await billing.paid(5_000)
    assert await run_job(billing, "ship") == "not wanted"
    assert billing.paying.wechat.partner.shipments == {}
