"""Top-ups over the wire: ordered, paid, credited once by whoever tells it first."""

from __future__ import annotations

import itertools
from typing import Any

from tests.rig.guardians import Guardian
from tests.rig.office import Student
from tests.rig.paying import Paying
from tests.rig.raw_books import select

Json = dict[str, Any]

_keys = itertools.count(1)


def base_of(who: Student | Guardian, holder_id: int = 0) -> str:
    return f"/guardian/children/{holder_id}" if isinstance(who, Guardian) else "/student"


async def order(
    paying: Paying, who: Student | Guardian, amount_fen: int = 5_000, holder_id: int = 0
) -> Json:
    """An order that must be taken."""
    body = {"request_key": f"request-{next(_keys)}", "amount_fen": amount_fen}
    path = f"{base_of(who, holder_id)}/top-ups"
    answer = await paying.http.post(path, json=body, headers=who.headers)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


async def check(paying: Paying, who: Student | Guardian, number: str, holder_id: int = 0) -> Json:
    path = f"{base_of(who, holder_id)}/top-ups/{number}/checks"
    answer = await paying.http.post(path, headers=who.headers)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def credited(paying: Paying) -> list[tuple[int, str]]:
    """Every lot: (fen, our order number)."""
    (rows,) = select(paying.url, "SELECT amount_fen, reference FROM lot ORDER BY id")
    return [(fen, number) for fen, number in rows]


def state(paying: Paying, number: str) -> tuple[str, str, str]:
    (rows,) = select(
        paying.url,
        f"SELECT state, held_because, proven_by FROM top_up WHERE out_trade_no='{number}'",
    )
    return rows[0]


async def test_a_notice_credits_and_the_money_is_there(paying: Paying) -> None:
    student = await paying.student()
    told = await order(paying, student)
    assert told["state"] == "pending"
    assert told["sheet"]["package"].startswith("prepay_id=")
    assert told["balance_fen"] == 0
    paying.pay(told["number"])
    await paying.advance(0)
    assert credited(paying) == [(5_000, told["number"])]
    again = await check(paying, student, told["number"])
    assert (again["state"], again["balance_fen"], again["sheet"]) == ("paid", 5_000, None)
    assert state(paying, told["number"]) == ("paid", "", "notice")
    listed = (await paying.http.get("/student/top-ups", headers=student.headers)).json()
    assert listed["is_on"]
    assert (listed["last_amount_fen"], len(listed["top_ups"])) == (5_000, 1)
    assert listed["amounts_fen"] == [5_000, 10_000, 20_000, 30_000, 50_000, 100_000]


async def test_the_own_query_credits_when_no_notice_comes(paying: Paying) -> None:
    student = await paying.student()
    paying.plan(what="notices", kind="never")
    told = await order(paying, student)
    paying.pay(told["number"])
    assert (await check(paying, student, told["number"]))["state"] == "paid"
    assert state(paying, told["number"])[2] == "query"
    assert len(credited(paying)) == 1


async def test_ok_from_a_phone_that_paid_nothing_credits_nothing(paying: Paying) -> None:
    student = await paying.student()
    told = await order(paying, student)
    for _ in range(3):
        assert (await check(paying, student, told["number"]))["state"] == "pending"
    assert credited(paying) == []
