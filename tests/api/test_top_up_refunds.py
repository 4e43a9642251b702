"""Money back to whoever paid it, over the wire to the simulated WeChat Pay and back."""

from __future__ import annotations

import asyncio

import pytest

from backend.tables.account import PostingRow
from backend.tables.staff import AuditRow
from backend.tables.top_up import RefundRow
from tests.rig.desk import open_desk
from tests.rig.paying import Paying
from tests.rig.wechat_pay import MCHID

PATH = "/v3/refund/domestic/refunds"
HOUR = 3_600


async def test_asked_approved_sent_and_arrived(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    lot = await desk.top_up(student, 5_000)
    row = await desk.booked(lot, 2_000)
    assert (await desk.balance(student), desk.held(row)) == (3_000, None)
    assert await desk.work() == {"processing": 1}
    held = desk.held(row)
    assert held is not None
    assert (held.amount_fen, held.order.transaction_id) == (2_000, lot.transaction_id)
    assert await desk.work() == {}, "it is asked about later"
    await paying.advance(60)  # the notice comes by itself
    row = await RefundRow.get(id=row.id)
    assert (row.state, row.refund_id, row.due_at) == ("done", held.refund_id, 0)
    assert (await desk.balance(student), await desk.work()) == (3_000, {})
    told = await desk.get("/student/leaving", student.headers)
    assert [(one["amount_fen"], one["state"]) for one in told["refunds"]] == [(2_000, "done")]
    verbs = await AuditRow.filter(verb__startswith="refunds.").order_by("id").values_list("verb")
    assert [verb for (verb,) in verbs] == ["refunds.ask", "refunds.approve", "refunds.done"]


async def test_nobody_approves_his_own(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    told = (await desk.ask(await desk.top_up(student, 5_000), 2_000)).json()
    answer = await desk.post(f"/staff/top-up-refunds/{told['refund_id']}/approvals")
    assert (answer.status_code, answer.json()["error"]) == (403, "two_people")
    assert (await desk.work(), await desk.balance(student)) == ({}, 5_000)


async def test_twenty_approvals_at_once_over_http(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    lot = await desk.top_up(student, 4_000)
    ids = [(await desk.ask(lot, 600)).json()["refund_id"] for _ in range(20)]
    answers = await asyncio.gather(
        *(desk.post(f"/staff/top-up-refunds/{one}/approvals", who=desk.other) for one in ids)
    )
    assert sorted(one.status_code for one in answers) == [201] * 6 + [409] * 14
    assert await desk.balance(student) == 400
    for _ in range(8):  # a minute apart, WeChat Pay takes each of them
        await desk.work(61)
    await paying.advance(60)
    back = [one.amount_fen for one in paying.sim.orders.refunds.values()]
    assert back == [600] * 6
    assert await RefundRow.filter(state="done").count() == 6


async def test_parts_of_one_order_wait_for_each_other_whoever_is_late(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    lot = await desk.top_up(student, 4_000)
    rows = [await desk.booked(lot, 100) for _ in range(2)]
    assert await desk.work(600) == {"processing": 1, "waiting": 1}, "the worker was away"
    assert desk.held(rows[1]) is None
    waiting = await RefundRow.get(id=rows[1].id)
    assert (waiting.due_at, waiting.tries, waiting.fault) == (paying.at + 60, 0, "")
    await desk.work(60)
    assert desk.held(rows[1]) is not None
    await paying.advance(60)


async def test_without_a_notice_the_query_ends_it(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 5_000)
    paying.plan(what="notices", kind="never")
    await desk.work()
    assert await desk.work(120) == {"done": 1}
    assert (await RefundRow.get(id=row.id)).state == "done"


async def test_the_notice_may_come_often_and_late(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 1_000)
    paying.plan(what="notices", kind="duplicate", copies=16)
    await desk.work()
    await paying.advance(HOUR)
    await desk.work(HOUR)
    row = await RefundRow.get(id=row.id)
    assert (row.state, row.fault, await desk.balance(student)) == ("done", "", 4_000)
    assert await PostingRow.filter(kind="top_up_back").count() == 1


@pytest.mark.parametrize("kind", ["system_error", "unavailable", "garbage"])
async def test_no_answer_is_asked_again_under_the_same_number(paying: Paying, kind: str) -> None:
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 1_000)
    paying.plan(what="calls", path=PATH, kind=kind, times=3)
    for _ in range(3):
        await desk.work(HOUR)
    waiting = await RefundRow.get(id=row.id)
    assert (waiting.state, await desk.balance(student)) == ("booked", 4_000)
    assert waiting.fault == "wechat_pay_away"
    assert waiting.due_at > paying.at
    await desk.work(HOUR)
    await desk.work(HOUR)
    row = await RefundRow.get(id=row.id)
    assert (row.state, row.fault, await desk.balance(student)) == ("done", "", 4_000)
    assert list(paying.sim.orders.refunds) == [(MCHID, row.out_refund_no)]


async def test_the_first_back_off_is_short(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 1_000)
    paying.plan(what="calls", path=PATH, kind="system_error", times=2)
    waits = []
    for _ in range(2):
        assert await desk.work() == {"waiting": 1}
        row = await RefundRow.get(id=row.id)
        waits.append(row.due_at - paying.at)
        await paying.advance(waits[-1])
    assert waits == [15, 30]


async def test_what_wechat_pay_refuses_is_in_the_purse_again(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    lot = await desk.top_up(student, 5_000)
    await desk.booked(lot, 4_000)
    await desk.work()
    elsewhere = paying.held(lot.reference)  # somebody gave more back on WeChat Pay's own site
    (done,) = elsewhere.refunds
    done.asked["amount"]["refund"] = 4_500
    row = await desk.booked(lot, 1_000)
    await desk.work(120)
    row = await RefundRow.get(id=row.id)
    assert (row.state, row.fault) == ("refused", "INVALID_REQUEST")
    assert (await desk.balance(student), desk.held(row)) == (1_000, None)
    done.asked["amount"]["refund"] = 4_000
    await paying.advance(120)


async def test_taken_on_although_the_answer_was_a_no(paying: Paying) -> None:
    """The first answer was lost, and the second call is refused: what WeChat Pay holds counts."""
    desk, student = await open_desk(paying), await paying.student()
    lot = await desk.top_up(student, 5_000)
    row = await desk.booked(lot, 1_000)
    paying.plan(what="calls", path=PATH, kind="wrong_signature")
    await desk.work()
    held = desk.held(row)
    assert held is not None, "taken on, and we could not believe the answer"
    held.asked["reason"] = "changed"  # so that the repeated call is refused
    paying.plan(what="notices", kind="never", times=10)
    await desk.work(30)
    assert ((await RefundRow.get(id=row.id)).state, await desk.balance(student)) == ("done", 4_000)


@pytest.mark.parametrize("is_told", [True, False])
async def test_closed_is_in_the_purse_again(paying: Paying, is_told: bool) -> None:  # noqa: FBT001
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 1_000)
    paying.plan(what="refunds", kind="closed")
    if not is_told:
        paying.plan(what="notices", kind="never")
    await desk.work()
    await desk.work(HOUR)
    assert ((await RefundRow.get(id=row.id)).state, await desk.balance(student)) == (
        "closed",
        5_000,
    )


async def test_abnormal_is_listed_and_settled(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 1_000)
    paying.plan(what="refunds", kind="abnormal")
    await desk.work()
    await paying.advance(60)
    (told,) = (await desk.get("/staff/top-up-refunds?state=abnormal"))["refunds"]
    assert (told["refund_id"], told["fault"]) == (row.id, "abnormal")
    path, body = f"/staff/top-up-refunds/{row.id}/settlements", {"note": "已在商户平台退到银行卡"}
    assert (await desk.post(path, body)).status_code == 403
    settled = await desk.post(path, body, desk.other)
    assert (settled.status_code, settled.json()["state"]) == (201, "done")
    assert await desk.balance(student) == 4_000


async def test_a_forged_or_foreign_notice_does_nothing(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    row = await desk.booked(await desk.top_up(student, 5_000), 1_000)
    paying.plan(what="notices", kind="wrong_signature")
    await desk.work()
    await paying.advance(10)
    assert (await RefundRow.get(id=row.id)).state == "processing"
    answer = await paying.http.post("/webhooks/wechat-pay/refunds", json={"id": "forged"})
    assert answer.status_code == 401
    await paying.advance(60)  # the true one, sent again
    assert (await RefundRow.get(id=row.id)).state == "done"


async def test_lots_are_shown_oldest_first_and_warned_of(paying: Paying) -> None:
    desk, student = await open_desk(paying), await paying.student()
    lots = [await desk.top_up(student, fen) for fen in (1_000, 2_000)]
    told = await desk.get(f"/staff/cardholders/{student.holder_id}/lots")
    assert told["balance_fen"] == 3_000
    assert [(one["lot_id"], one["left_fen"]) for one in told["lots"]] == [
        (lots[0].id, 1_000),
        (lots[1].id, 2_000),
    ]
    assert told["lots"][0]["refundable_until"] == lots[0].paid_at + 365 * 86_400
    assert (await desk.get("/staff/passing-lots"))["lots"] == []
