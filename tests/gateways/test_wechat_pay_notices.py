"""Notices: the true schedule, and each way in which one can go wrong on its way."""

from __future__ import annotations

import itertools

import pytest

from backend.domain.top_up import Mismatch, Paid, TopUp, judge
from backend.domain.wechat_pay import NoticeFault
from simulators.wechat_pay.notices import RETRY_SECONDS
from tests.rig.notices import DAY_SECONDS, fault_of, sealed, signed
from tests.rig.wechat_pay import (
    APP_ID,
    MCHID,
    OPENID,
    SimulatedPay,
)

SCHEDULE = [0, *itertools.accumulate(RETRY_SECONDS)]


def ours(pay: SimulatedPay, amount_fen: int = 5_000) -> TopUp:
    return TopUp("tu-order-1", APP_ID, MCHID, OPENID, amount_fen, int(pay.clock()) + 1800)


async def test_a_payment_is_noticed_and_is_our_order(pay: SimulatedPay) -> None:
    order = await pay.paid()
    verdict = judge(ours(pay), pay.address.payments[0])
    assert verdict == Paid(order.transaction_id, 5_000, int(pay.clock()))
    assert pay.sim.postman.notices[0].state == "taken"


@pytest.mark.parametrize("key", ["public_key", "certificate"])
async def test_both_of_their_keys_are_believed(pay: SimulatedPay, key: str) -> None:
    await pay.steer("keys", signs_with=key)
    await pay.paid()
    assert len(pay.address.payments) == 1
    serial = dict(pay.address.came[0][0])["wechatpay-serial"]
    assert serial.startswith("PUB_KEY_ID_") == (key == "public_key")


async def test_the_true_schedule_is_kept_when_nobody_takes_it(pay: SimulatedPay) -> None:
    pay.address.answers = [500] * 16
    began = pay.clock()
    await pay.paid()
    answer = await pay.steer("clock", seconds=2 * DAY_SECONDS)
    assert answer.json()["waiting"] == 0
    notice = pay.sim.postman.notices[0]
    assert [round(one.at - began) for one in notice.attempts] == SCHEDULE
    assert SCHEDULE[-1] == 24 * 3600 + 4 * 60
    assert len(pay.address.payments) == 16  # each of them verified: signed anew, same content
    assert len(set(pay.address.payments)) == 1
    assert notice.state == "given_up"


async def test_it_ends_when_it_is_taken(pay: SimulatedPay) -> None:
    pay.address.answers = [500, 503, 400]
    await pay.paid()
    await pay.sim.timeline.advance(DAY_SECONDS)
    assert [one.status for one in pay.sim.postman.notices[0].attempts] == [500, 503, 400, 204]


async def test_one_that_is_never_sent_is_found_by_asking(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="never")
    await pay.paid()
    await pay.sim.timeline.advance(2 * DAY_SECONDS)
    assert pay.address.came == []
    assert isinstance(judge(ours(pay), await pay.gateway.find("tu-order-1")), Paid)


async def test_duplicates_come_at_once_and_tell_the_same(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="duplicate", copies=16)
    await pay.paid()
    assert len(pay.address.payments) == 16
    assert len(set(pay.address.payments)) == 1


async def test_duplicates_that_nobody_takes_end_too(pay: SimulatedPay) -> None:
    pay.address.answers = [500] * 100
    await pay.steer("faults", what="notices", kind="duplicate", copies=3)
    await pay.paid()
    await pay.sim.timeline.advance(2 * DAY_SECONDS)
    assert len(pay.address.payments) == 3 * len(SCHEDULE)
    assert pay.sim.postman.notices[0].state == "given_up"


async def test_a_hundred_at_once_tell_the_same(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="duplicate", copies=100)
    await pay.paid()
    assert len(pay.address.payments) == 100
    assert len(set(pay.address.payments)) == 1


async def test_one_that_is_not_answered_comes_again(pay: SimulatedPay) -> None:
    await pay.gateway.prepay(pay.order())
    pay.held().asked["notify_url"] = "http://127.0.0.1:1/"
    notice = pay.sim.pay(pay.held(), OPENID)
    await pay.sim.timeline.advance(15)
    assert [one.status for one in notice.attempts] == [0, 0]
    assert notice.attempts[0].how == "ConnectError"


async def test_a_late_one_comes_late(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="late", seconds=DAY_SECONDS)
    await pay.paid()
    await pay.sim.timeline.advance(DAY_SECONDS - 1)
    assert pay.address.came == []
    await pay.sim.timeline.advance(1)
    assert len(pay.address.payments) == 1


async def test_reordered_ones_come_the_other_way_round(pay: SimulatedPay) -> None:
    await pay.steer("faults", what="notices", kind="reordered")
    await pay.paid("tu-order-1")
    await pay.paid("tu-order-2")
    await pay.sim.timeline.advance(1)
    assert [one.out_trade_no for one in pay.address.payments] == ["tu-order-2", "tu-order-1"]


@pytest.mark.parametrize(
    "kind, fault",
    [
        ("wrong_signature", NoticeFault.SIGNATURE),
        ("other_key", NoticeFault.SIGNATURE),
        ("signtest", NoticeFault.PROBE),
    ],
)
async def test_a_wrong_one_is_refused_and_the_next_is_taken(
    pay: SimulatedPay, kind: str, fault: NoticeFault
) -> None:
    await pay.steer("faults", what="notices", kind=kind)
    await pay.paid()
    await pay.sim.timeline.advance(60)
    assert [one.fault for one in pay.address.refused] == [fault]
    assert len(pay.address.payments) == 1
    statuses = [one.status for one in pay.sim.postman.notices[0].attempts]
    assert statuses == [401, 204]


@pytest.mark.parametrize(
    "field, value, differing",
    [
        ("amount/total", 5_001, "amount"),
        ("amount/total", 1, "amount"),
        ("amount/currency", "HKD", "currency"),
        ("appid", "wx00000000000000xx", "appid"),
        ("mchid", "1900000110", "mchid"),
        ("out_trade_no", "tu-order-2", "out_trade_no"),
        ("trade_type", "NATIVE", "trade_type"),
        ("payer/openid", "o-somebody", "openid"),
    ],
)
async def test_wrong_content_under_a_right_signature_is_a_mismatch(
    pay: SimulatedPay, field: str, value: object, differing: str
) -> None:
    await pay.steer("faults", what="notices", kind="content", field=field, value=value)
    await pay.paid()
    assert judge(ours(pay), pay.address.payments[0]) == Mismatch((differing,))


@pytest.mark.parametrize(
    "field, value",
    [
        ("trade_state", "REFUND"),
        ("trade_state", "NOTPAY"),
        ("trade_state", "WHATEVER"),
        ("trade_state", None),
        ("amount/total", "5000"),
        ("amount/total", 5000.0),
        ("amount/total", True),
        ("amount/total", -1),
        ("amount/total", None),
        ("amount", [5000]),
        ("amount/currency", None),
        ("transaction_id", ""),
        ("transaction_id", 42),
        ("out_trade_no", None),
        ("appid", None),
        ("mchid", {"a": 1}),
        ("payer", None),
        ("success_time", "yesterday"),
        ("success_time", "2026-09-01T12:00:00"),
    ],
)
async def test_content_that_cannot_be_read_is_refused(
    pay: SimulatedPay, field: str, value: object
) -> None:
    await pay.steer("faults", what="notices", kind="content", field=field, value=value)
    await pay.paid()
    assert pay.address.payments == []
    assert pay.address.refused[0].fault is NoticeFault.CONTENT


async def test_a_captured_notice_is_worthless_after_five_minutes(pay: SimulatedPay) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    await pay.sim.timeline.advance(300)
    assert pay.address.notices.payment(headers, body).total_fen == 5_000  # the last second
    for _ in range(2):  # 6 minutes, then a year
        await pay.sim.timeline.advance(1)
        assert fault_of(pay.address.notices.payment, headers, body) is NoticeFault.TIMESTAMP
        await pay.sim.timeline.advance(365 * DAY_SECONDS)


async def test_one_from_the_future_is_refused(pay: SimulatedPay) -> None:
    body = sealed({})
    headers = signed(pay, body, late_seconds=-301)
    assert fault_of(pay.address.notices.payment, headers, body) is NoticeFault.TIMESTAMP
