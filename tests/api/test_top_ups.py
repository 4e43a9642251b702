"""Top-ups over the wire: ordered, paid, credited once by whoever tells it first."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from backend.api.limits import Bucket
from backend.api.top_up_told import desk_of
from backend.domain.access import Role
from backend.domain.guardian import Sees
from backend.domain.invitation import DAY_SECONDS
from backend.domain.top_up import ASK_SECONDS, ORDER_SECONDS
from backend.tables.card import CardRow, PhoneRow
from backend.tables.top_up import TopUpRow
from backend.tables.top_up_orders import Payer, TopUpAsked, add_order
from backend.tables.top_ups import Outcome, ProvenBy, apply_told
from campus_code import CardState, issue_code
from tests.rig.guardians import choose, make_minor
from tests.rig.paying import Paying, open_paying
from tests.rig.shop import Shop
from tests.rig.top_ups import (
    NOTICES,
    check,
    credited,
    new_key,
    order,
    paid_in_silence,
    post,
    state,
    work,
    work_for,
)

QUERY = "/v3/pay/transactions/out-trade-no"
JSAPI = "/v3/pay/transactions/jsapi"
FIVE_MINUTES = 300
AMOUNTS: tuple[object, ...] = (
    *(0, -1, -5_000, 100_001, 2**31, 2**63, 2**64, 10**30, -(2**63)),
    *(0.001, 1.0, 50.0, 5e3, 1e5, 0.1 + 0.2, -0.0, 1e-9),
    *("5000", "１００", "1", "", "0x10", "5,000", "5000 ", "1e3", "NaN", "∞", "五千"),
    *(None, True, False, [], [5_000], {}, {"fen": 5_000}, [1, 2]),
    *("-1", "+1", "00005", "5_000"),
)
GOOD_AMOUNTS = (1, 2, 5_000, 99_999, 100_000)


async def test_a_notice_credits_and_the_money_is_there(paying: Paying) -> None:
    student = await paying.student()
    told = await order(paying, student)
    assert (told["state"], told["balance_fen"], told["paid_at"]) == ("pending", 0, None)
    assert told["expires_at"] - told["started_at"] == ORDER_SECONDS
    assert told["sheet"]["package"].startswith("prepay_id=")
    paying.pay(told["number"])
    await paying.advance(0)
    assert credited(paying) == [(5_000, told["number"])]
    again = await check(paying, student, told["number"])
    assert (again["state"], again["balance_fen"], again["sheet"]) == ("paid", 5_000, None)
    assert again["paid_at"] == paying.at
    assert state(paying, told["number"]) == ("paid", "", "notice")
    listed = (await paying.http.get("/student/top-ups", headers=student.headers)).json()
    assert (listed["is_on"], listed["amount_fen_max"]) == (True, 100_000)
    assert (listed["last_amount_fen"], len(listed["top_ups"])) == (5_000, 1)
    assert listed["amounts_fen"] == [5_000, 10_000, 20_000, 30_000, 50_000, 100_000]


async def test_it_is_spent_at_the_next_scan(paying: Paying) -> None:
    shop = Shop(paying.office, paying.url, paying.office.parts.ledger)
    till, student = await shop.till(), await paying.student()
    first = await shop.pay(till, issue_code(student.secrets[0], paying.at), 1_200)
    assert first["outcome"] == "declined"
    number = (await order(paying, student))["number"]
    paying.pay(number)
    await paying.advance(15)
    second = await shop.pay(till, issue_code(student.secrets[0], paying.at), 1_200)
    assert second["outcome"] == "approved"
    paying.sent += shop.sent


async def test_the_own_query_credits_when_no_notice_comes(paying: Paying) -> None:
    student = await paying.student()
    number = await paid_in_silence(paying, student)
    told = await check(paying, student, number)
    assert (told["state"], told["balance_fen"]) == ("paid", 5_000)
    assert state(paying, number) == ("paid", "", "query")
    assert len(credited(paying)) == 1


async def test_ok_from_a_phone_that_paid_nothing_credits_nothing(paying: Paying) -> None:
    """P7: whatever a phone says, only WeChat Pay is believed."""
    student, other = await paying.student(), await paying.student()
    number = (await order(paying, student))["number"]
    for _ in range(3):
        assert (await check(paying, student, number))["state"] == "pending"
    assert (await post(paying, other, f"/top-ups/{number}/checks")).status_code == 404
    assert (await post(paying, other, f"/top-ups/{number}/sheets")).status_code == 404
    assert credited(paying) == []


async def test_only_whole_fen_within_the_range_are_ordered(paying: Paying) -> None:
    """P10."""
    student = await paying.student()
    assert len(AMOUNTS) + len(GOOD_AMOUNTS) >= 40
    for wrong in AMOUNTS:
        body = {"request_key": new_key(), "amount_fen": wrong}
        try:
            answer = await post(paying, student, "/top-ups", body)
        except (ValueError, OverflowError):
            continue  # JSON has no such number
        assert answer.status_code == 400, wrong
    for text in ("1e309", "NaN", "Infinity", "0.001", "01", "5000n"):
        raw = f'{{"request_key":"{new_key()}","amount_fen":{text}}}'
        answer = await paying.http.post("/student/top-ups", content=raw, headers=student.headers)
        assert answer.status_code == 400, text
    assert await TopUpRow.all().count() == 0
    for right in GOOD_AMOUNTS:
        assert (await order(paying, student, right))["amount_fen"] == right


async def test_a_repeat_is_the_same_order_and_other_content_a_conflict(paying: Paying) -> None:
    student, other = await paying.student(), await paying.student()
    body = {"request_key": "the-same-key", "amount_fen": 700}
    answers = await asyncio.gather(*(post(paying, student, "/top-ups", body) for _ in range(5)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["number"] for one in answers}) == 1
    for who, wish in ((student, body | {"amount_fen": 701}), (other, body)):
        answer = await post(paying, who, "/top-ups", wish)
        assert (answer.status_code, answer.json()["error"]) == (409, "key_used")
    assert await TopUpRow.all().count() == 1
    me = Payer("student:1", 1, student.holder_id, sees_balance=True)
    asked, desk = TopUpAsked("another-key", 900), desk_of(paying.office.parts)
    rows = await asyncio.gather(
        *(add_order(asked, me, desk.account, at=1, randomness=os.urandom) for _ in range(5))
    )
    assert len({row.id for row in rows}) == 1


async def test_a_fresh_sheet_while_it_may_be_paid(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    assert (await post(paying, student, f"/top-ups/{number}/sheets")).json()["sheet"]
    paying.pay(number)
    await paying.advance(0)
    answer = await post(paying, student, f"/top-ups/{number}/sheets")
    assert (answer.status_code, answer.json()["error"]) == (409, "order_paid")
    second = (await order(paying, student))["number"]
    await paying.advance(ORDER_SECONDS)
    answer = await post(paying, student, f"/top-ups/{second}/sheets")
    assert (answer.status_code, answer.json()["error"]) == (409, "order_closed")


async def test_a_sheet_asked_for_late_finds_the_order_paid(paying: Paying) -> None:
    student = await paying.student()
    number = await paid_in_silence(paying, student)
    answer = await post(paying, student, f"/top-ups/{number}/sheets")
    assert (answer.status_code, answer.json()["state"]) == (201, "paid")
    assert answer.json()["sheet"] is None
    assert len(credited(paying)) == 1


async def test_a_phone_without_wechat_cannot_pay(paying: Paying) -> None:
    student = await paying.office.student()
    answer = await post(paying, student, "/top-ups", {"request_key": new_key(), "amount_fen": 1})
    assert (answer.status_code, answer.json()["error"]) == (409, "no_wechat")
    assert await PhoneRow.filter(wechat_id=None).count() == 1
    listed = await paying.http.get("/student/top-ups", headers=student.headers)
    assert listed.status_code == 200


async def test_a_holder_without_a_card_cannot_be_topped_up(paying: Paying) -> None:
    holder = await paying.office.holder()
    await make_minor(holder.id)
    mother = await paying.guardian(holder.id)
    body = {"request_key": new_key(), "amount_fen": 1}
    answer = await post(paying, mother, "/top-ups", body, holder.id)
    assert (answer.status_code, answer.json()["error"]) == (409, "no_card")


@pytest.mark.parametrize(
    "sees, balance_fen, lines", [(None, None, 1), (Sees.BALANCE, 8_000, 1), (Sees.ALL, 8_000, 2)]
)
async def test_a_guardian_tops_up_and_sees_what_is_shared(
    paying: Paying, sees: Sees | None, balance_fen: int | None, lines: int
) -> None:
    student = await paying.student()
    mother = await paying.guardian(student.holder_id)
    if sees is not None:
        await choose(student.holder_id, mother, sees)
    own = (await order(paying, student, 3_000))["number"]
    told = await order(paying, mother, 5_000, student.holder_id)
    paying.pay(own)
    paying.pay(told["number"])
    await paying.advance(0)
    told = await check(paying, mother, told["number"], student.holder_id)
    assert (told["state"], told["balance_fen"]) == ("paid", balance_fen)
    url = f"/guardian/children/{student.holder_id}/top-ups"
    listed = (await paying.http.get(url, headers=mother.headers)).json()
    assert (len(listed["top_ups"]), listed["last_amount_fen"]) == (lines, 5_000)
    # the child's own order is the child's to open, and to look at only where all is shared
    path = f"/top-ups/{own}"
    seen = await post(paying, mother, f"{path}/checks", None, student.holder_id)
    assert seen.status_code == (200 if sees is Sees.ALL else 404)
    opened = await post(paying, mother, f"{path}/sheets", None, student.holder_id)
    assert opened.status_code == 404


async def test_a_guardian_of_somebody_else_finds_nobody(paying: Paying) -> None:
    student, other = await paying.student(), await paying.student()
    mother = await paying.guardian(other.holder_id)
    body = {"request_key": new_key(), "amount_fen": 500}
    answer = await post(paying, mother, "/top-ups", body, student.holder_id)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_child")
    number = (await order(paying, mother, 500, other.holder_id))["number"]
    answer = await post(paying, mother, f"/top-ups/{number}/checks", None, student.holder_id)
    assert answer.status_code == 404


async def test_nothing_is_silent_longer_than_five_minutes(paying: Paying) -> None:
    student = await paying.student()
    number = await paid_in_silence(paying, student)
    await work_for(paying, FIVE_MINUTES)
    assert state(paying, number) == ("paid", "", "query")
    assert max(ASK_SECONDS) < FIVE_MINUTES
    later = (await order(paying, student))["number"]  # paid late in its life, again in silence
    await work_for(paying, 1_000, every=10)
    paying.plan(what="notices", kind="never")
    paying.pay(later)
    await work_for(paying, FIVE_MINUTES)
    assert state(paying, later)[0] == "paid"


async def test_what_is_credited_is_never_asked_about_again(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    paying.pay(number)
    await paying.advance(0)
    await work_for(paying, 2 * ORDER_SECONDS, every=60)
    assert paying.sim.calls[f"{QUERY}/{number}"] == 0
    assert paying.sim.calls[f"{QUERY}/{number}/close"] == 0
    assert (await check(paying, student, number))["state"] == "paid"
    assert paying.sim.calls[f"{QUERY}/{number}"] == 0


async def test_an_order_nobody_pays_is_closed_on_both_sides(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    await work_for(paying, ORDER_SECONDS + 300, every=60)
    assert state(paying, number)[0] == "closed"
    assert paying.held(number).state == "CLOSED"
    assert (await check(paying, student, number))["state"] == "closed"
    calls = paying.sim.calls.total()
    await work_for(paying, ORDER_SECONDS, every=300)
    assert paying.sim.calls.total() == calls


async def test_paid_in_the_last_second_is_credited_and_not_closed(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    await paying.advance(ORDER_SECONDS)
    paying.plan(what="notices", kind="never")
    paying.pay(number)
    await work_for(paying, FIVE_MINUTES)
    assert state(paying, number) == ("paid", "", "query")


async def test_while_closing_is_unknown_it_is_tried_again(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    await paying.advance(ORDER_SECONDS)
    paying.plan(path=f"{QUERY}/{number}/close", kind="system_error", times=2)
    assert await work(paying) == {"away": 1}
    assert state(paying, number)[0] == "closing"
    told = await check(paying, student, number)
    assert told["state"] == "pending"
    answer = await post(paying, student, f"/top-ups/{number}/sheets")
    assert answer.json()["error"] == "order_closed"
    await work_for(paying, 2 * FIVE_MINUTES)
    assert state(paying, number)[0] == "closed"


async def test_an_order_that_never_arrived_is_closed_by_us_alone(paying: Paying) -> None:
    student = await paying.student()
    paying.plan(path=JSAPI, kind="unavailable")
    body = {"request_key": "never-arrived", "amount_fen": 500}
    answer = await post(paying, student, "/top-ups", body)
    assert (answer.status_code, answer.json()["error"]) == (503, "wechat_pay_away")
    row = await TopUpRow.get(request_key="never-arrived")
    assert row.state == "started"  # ours stands before WeChat Pay hears of it
    assert (await check(paying, student, row.out_trade_no))["state"] == "pending"
    again = await post(paying, student, "/top-ups", body)
    assert (again.status_code, again.json()["number"]) == (201, row.out_trade_no)
    assert again.json()["sheet"]
    paying.plan(path=JSAPI, kind="unavailable")
    await post(paying, student, "/top-ups", body | {"request_key": "never-again"})
    await work_for(paying, ORDER_SECONDS + 60, every=30)
    assert (await TopUpRow.get(request_key="never-again")).state == "closed"


async def test_one_order_that_fails_does_not_hold_up_the_others(paying: Paying) -> None:
    student = await paying.student()
    first = await paid_in_silence(paying, student)
    second = await paid_in_silence(paying, student)
    paying.plan(path=f"{QUERY}/{first}", kind="hang", seconds=1)
    await paying.advance(ASK_SECONDS[0])
    await work(paying)
    assert state(paying, second)[0] == "paid"
    await work_for(paying, FIVE_MINUTES)
    assert state(paying, first)[0] == "paid"


async def test_orders_and_checks_are_counted(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    for _ in range(Bucket.TOP_UP.allowed - 1):
        await post(paying, student, f"/top-ups/{number}/sheets")
    for path in ("/top-ups", f"/top-ups/{number}/sheets", "/top-up-invitations"):
        body = {"request_key": new_key(), "amount_fen": 1}
        if path.endswith("invitations"):
            body = {"amount_fen_max": 1, "days": 1}
        assert (await post(paying, student, path, body)).status_code == 429
    for _ in range(Bucket.TOP_UP_CHECK.allowed):
        await paying.office.parts.limits.take(Bucket.TOP_UP_CHECK, f"student:{student.card_id}")
    assert (await post(paying, student, f"/top-ups/{number}/checks")).status_code == 429


async def test_paid_for_a_purse_that_is_gone_waits_itemised(paying: Paying) -> None:
    student = await paying.student()
    number = (await order(paying, student))["number"]
    await CardRow.filter(id=student.card_id).update(state=CardState.CLOSED)
    paying.pay(number)
    await paying.advance(0)
    await paying.advance(15)
    assert state(paying, number) == ("held", "no_purse", "notice")
    told = await paying.office.parts.pay.find(number)
    parts = paying.office.parts
    ways: tuple[ProvenBy, ...] = ("notice", "query", "bill")
    for proven_by in ways:
        again = await apply_told(parts.ledger, parts.clock, told, proven_by)
        assert again.outcome is Outcome.REPEATED
    assert credited(paying) == []
    books = await paying.audit()
    assert books.balances[13] == 5_000
    assert [item[1:4] for item in books.items] == [(13, -5_000, "no_purse")]
    admin = await paying.office.staff(Role.FINANCE)
    held = (await paying.http.get("/staff/held-top-ups", headers=admin)).json()["top_ups"]
    assert [(one["number"], one["held_because"]) for one in held] == [(number, "no_purse")]


async def test_a_school_takes_no_more_than_it_says(migrated_url: str, tmp_path: Path) -> None:
    async with open_paying(migrated_url, tmp_path, XIAOMA_TOP_UP_FEN_MAX="7000") as paying:
        student = await paying.student()
        listed = (await paying.http.get("/student/top-ups", headers=student.headers)).json()
        assert (listed["amount_fen_max"], listed["amounts_fen"]) == (7_000, [5_000])
        body = {"request_key": new_key(), "amount_fen": 7_001}
        assert (await post(paying, student, "/top-ups", body)).status_code == 400
        assert (await order(paying, student, 7_000))["state"] == "pending"
        body = {"amount_fen_max": 7_001, "days": 1}
        assert (await post(paying, student, "/top-up-invitations", body)).status_code == 400


async def test_a_school_without_a_merchant_number_says_so(
    migrated_url: str, tmp_path: Path
) -> None:
    async with open_paying(migrated_url, tmp_path, XIAOMA_PAY_MCHID="") as paying:
        student = await paying.student()
        listed = (await paying.http.get("/student/top-ups", headers=student.headers)).json()
        assert not listed["is_on"]
        body = {"request_key": new_key(), "amount_fen": 100}
        answer = await post(paying, student, "/top-ups", body)
        assert (answer.status_code, answer.json()["error"]) == (503, "wechat_pay_off")
        answer = await paying.http.post(NOTICES, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (503, "FAIL")
        assert await work(paying) == {}


async def test_the_page_says_how_long_the_money_lasts(paying: Paying) -> None:
    """Ten yuan on each of six days, five left: nothing usual today, and too little tomorrow."""
    shop = Shop(paying.office, paying.url, paying.office.parts.ledger)
    till, student = await shop.till(), await paying.student()
    mother = await paying.guardian(student.holder_id)
    number = (await order(paying, student, 6_500))["number"]
    paying.pay(number)
    await paying.advance(0)
    for _ in range(6):
        epoch = next(one for one in student.secrets if paying.at < one.valid_until)
        assert (await shop.pay(till, issue_code(epoch, paying.at), 1_000))["outcome"] == "approved"
        await paying.advance(DAY_SECONDS)
        await till.open_session(paying.http, paying.at)
    paying.sent += shop.sent
    told = (await paying.http.get("/student/top-ups", headers=student.headers)).json()
    assert (told["days_left"], told["is_low"]) == (1, True)
    url = f"/guardian/children/{student.holder_id}/top-ups"
    unshared = (await paying.http.get(url, headers=mother.headers)).json()
    assert (unshared["days_left"], unshared["is_low"]) == (None, False)
