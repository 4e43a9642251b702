"""The gateway to WeChat Pay, against the simulator: what works, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace

import pytest

from backend.domain.top_up import Paid, TopUp, Unpaid, judge
from backend.domain.wechat_pay import (
    OrderClosedError,
    OrderPaidError,
    OrderUsedError,
    RefundOrder,
    RefundRefusedError,
    RefundStatus,
    TradeState,
    UnknownToWechatPayError,
    WechatPayAwayError,
    WechatPayFaultError,
)
from backend.gateways import wechat_pay_wire
from backend.gateways.wechat_pay import WechatPayGateway
from tests.rig.wechat_pay import APP_ID, JSAPI, MCHID, OPENID, SERIAL, V3_KEY, SimulatedPay

ORDERS = "/v3/pay/transactions/out-trade-no"


def refund_of(transaction_id: str, number: str = "rf-refund-1", fen: int = 2_000) -> RefundOrder:
    return RefundOrder(number, transaction_id, fen, 5_000, "离校退款")


async def test_an_order_is_made_paid_and_found(pay: SimulatedPay) -> None:
    order = pay.order()
    sheet = await pay.gateway.prepay(order)
    ours = TopUp(order.out_trade_no, APP_ID, MCHID, OPENID, 5_000, order.expires_at)
    assert judge(ours, await pay.gateway.find(order.out_trade_no)) == Unpaid(is_over=False)
    shown = {
        "appId": sheet.app_id,
        "timeStamp": sheet.timestamp,
        "nonceStr": sheet.nonce,
        "package": sheet.package,
        "signType": sheet.sign_type,
        "paySign": sheet.pay_sign,
    }
    for wrong in ({"nonceStr": "another"}, {"appId": "wx1"}, {"signType": "MD5"}, {"package": ""}):
        forged = await pay.steer("payments", sheet=shown | wrong, openid=OPENID)
        assert forged.status_code == 400
        assert pay.held().state == "NOTPAY"
    del shown["appId"]  # wx.requestPayment is not told: the mini-program knows who it is
    answer = await pay.steer("payments", sheet=shown, openid=OPENID)
    assert answer.json()["errMsg"] == "requestPayment:ok"
    told = await pay.gateway.find(order.out_trade_no)
    verdict = judge(ours, told)
    assert isinstance(verdict, Paid)
    assert verdict.transaction_id == answer.json()["transaction_id"]
    assert await pay.gateway.find_transaction(verdict.transaction_id) == told


async def test_a_description_that_is_too_long_is_not_sent(pay: SimulatedPay) -> None:
    with pytest.raises(ValueError, match="127"):
        await pay.gateway.prepay(replace(pay.order(), description="饭" * 128))
    assert not pay.sim.calls


async def test_a_payer_who_cancels_has_not_paid(pay: SimulatedPay) -> None:
    await pay.gateway.prepay(pay.order())
    answer = await pay.steer("payments", mchid=MCHID, out_trade_no="tu-order-1", outcome="cancel")
    assert answer.json()["errMsg"] == "requestPayment:fail cancel"
    assert (await pay.gateway.find("tu-order-1")).trade_state is TradeState.NOTPAY


async def test_the_same_order_may_be_asked_for_again_and_no_other(pay: SimulatedPay) -> None:
    order = pay.order()
    first = await pay.gateway.prepay(order)
    again = await pay.gateway.prepay(order)
    assert first.package != again.package  # a new prepay_id of one order
    with pytest.raises(OrderUsedError):
        await pay.gateway.prepay(replace(order, amount_fen=1))
    assert pay.held().total_fen == 5_000


async def test_a_paid_order_is_neither_asked_for_nor_closed(pay: SimulatedPay) -> None:
    order = pay.order()
    await pay.paid()
    with pytest.raises(OrderPaidError):
        await pay.gateway.prepay(order)
    with pytest.raises(OrderPaidError):
        await pay.gateway.close_order(order.out_trade_no)


async def test_a_closed_order_cannot_be_paid(pay: SimulatedPay) -> None:
    await pay.gateway.prepay(pay.order())
    await pay.gateway.close_order("tu-order-1")
    await pay.gateway.close_order("tu-order-1")  # once more changes nothing
    assert (await pay.gateway.find("tu-order-1")).trade_state is TradeState.CLOSED
    with pytest.raises(OrderClosedError):
        await pay.gateway.prepay(pay.order())
    with pytest.raises(ValueError, match="订单已关闭"):
        pay.sim.pay(pay.held(), OPENID)


async def test_what_is_not_there_is_told_so(pay: SimulatedPay) -> None:
    with pytest.raises(UnknownToWechatPayError, match="order"):
        await pay.gateway.find("tu-nothing")
    with pytest.raises(UnknownToWechatPayError, match="order"):
        await pay.gateway.find_transaction("4200000000000000000000000000")
    with pytest.raises(UnknownToWechatPayError, match="order"):
        await pay.gateway.close_order("tu-nothing")
    with pytest.raises(UnknownToWechatPayError, match="refund"):
        await pay.gateway.find_refund("rf-nothing")


async def test_a_refund_is_taken_on_then_done(pay: SimulatedPay) -> None:
    paid = await pay.paid()
    told = await pay.gateway.refund(refund_of(paid.transaction_id))
    assert (told.status, told.refund_fen, told.total_fen) == (RefundStatus.PROCESSING, 2_000, 5_000)
    assert await pay.gateway.refund(refund_of(paid.transaction_id)) == told  # the same one
    assert len(pay.sim.orders.refunds) == 1
    await pay.sim.timeline.advance(60)
    done = await pay.gateway.find_refund("rf-refund-1")
    assert done.status is RefundStatus.SUCCESS
    assert [one.status for one in pay.address.refunds] == [RefundStatus.SUCCESS]
    assert (await pay.gateway.find("tu-order-1")).trade_state is TradeState.REFUND


@pytest.mark.parametrize("kind", ["abnormal", "closed"])
async def test_a_refund_that_does_not_arrive_is_told(pay: SimulatedPay, kind: str) -> None:
    paid = await pay.paid()
    await pay.steer("faults", what="refunds", kind=kind)
    await pay.gateway.refund(refund_of(paid.transaction_id))
    await pay.sim.timeline.advance(60)
    assert (await pay.gateway.find_refund("rf-refund-1")).status.value == kind.upper()
    assert [one.status.value for one in pay.address.refunds] == [kind.upper()]


async def test_refunds_never_exceed_what_was_paid(pay: SimulatedPay) -> None:
    paid = await pay.paid()
    await pay.paid("tu-other-payers", 90_000)
    for number in range(3):
        await pay.gateway.refund(refund_of(paid.transaction_id, f"rf-part-{number}", 1_500))
        with pytest.raises(WechatPayAwayError):  # a minute must pass between two
            await pay.gateway.refund(refund_of(paid.transaction_id, f"rf-soon-{number}", 1))
        await pay.sim.timeline.advance(60)
    with pytest.raises(RefundRefusedError):
        await pay.gateway.refund(refund_of(paid.transaction_id, "rf-part-3", 501))
    await pay.gateway.refund(refund_of(paid.transaction_id, "rf-part-4", 500))
    assert paid.refunded_fen == 5_000


async def test_a_refund_after_a_year_or_of_another_total_is_refused(pay: SimulatedPay) -> None:
    paid = await pay.paid()
    with pytest.raises(RefundRefusedError):
        await pay.gateway.refund(replace(refund_of(paid.transaction_id), total_fen=5_001))
    await pay.sim.timeline.advance(366 * 86_400)
    with pytest.raises(RefundRefusedError):
        await pay.gateway.refund(refund_of(paid.transaction_id))


@pytest.mark.parametrize("kind", ["wrong_signature", "other_key", "unsigned", "stale"])
async def test_an_answer_without_a_good_signature_is_no_answer(
    pay: SimulatedPay, kind: str
) -> None:
    await pay.paid()
    await pay.steer("faults", path=ORDERS, kind=kind, times=1)
    with pytest.raises(WechatPayAwayError) as caught:
        await pay.gateway.find("tu-order-1")
    assert caught.value.how.startswith("unsigned_")


@pytest.mark.parametrize(
    "kind, how",
    [
        ("system_error", "busy"),
        ("busy", "busy"),
        ("unavailable", "http_503"),
        ("garbage", "unsigned_headers"),
        ("redirect", "http_302"),
        ("long", "too_long"),
        ("signed_garbage", "content"),
    ],
)
async def test_a_broken_answer_is_no_answer(pay: SimulatedPay, kind: str, how: str) -> None:
    await pay.paid()
    await pay.steer("faults", path=ORDERS, kind=kind, times=1)
    with pytest.raises(WechatPayAwayError) as caught:
        await pay.gateway.find("tu-order-1")
    assert caught.value.how == how
    assert (await pay.gateway.find("tu-order-1")).trade_state is TradeState.SUCCESS


async def test_a_wrong_prepay_id_opens_no_sheet(pay: SimulatedPay) -> None:
    await pay.steer("faults", path=JSAPI, kind="signed_garbage")
    with pytest.raises(WechatPayAwayError):
        await pay.gateway.prepay(pay.order())


async def test_a_redirect_is_not_followed(pay: SimulatedPay) -> None:
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.settimeout(0.2)
        value = f"http://127.0.0.1:{trap.getsockname()[1]}/x"
        await pay.steer("faults", path=ORDERS, kind="redirect", value=value)
        with pytest.raises(WechatPayAwayError):
            await pay.gateway.find("tu-order-1")
        with pytest.raises(TimeoutError):
            trap.accept()


async def test_one_that_hangs_is_not_waited_for(
    pay: SimulatedPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat_pay_wire, "CALL_SECONDS_MAX", 0.3)
    await pay.steer("faults", path=ORDERS, kind="hang", seconds=3)
    with pytest.raises(WechatPayAwayError, match="does not answer") as caught:
        await asyncio.wait_for(pay.gateway.find("tu-order-1"), 2)
    assert caught.value.how == "timeout"


async def test_the_standby_address_is_asked_when_the_first_is_away(pay: SimulatedPay) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    account = replace(pay.account, urls=(dead, pay.url))
    gateway = WechatPayGateway(account, clock=pay.clock, randomness=lambda size: b"r" * size)
    try:
        await gateway.prepay(pay.order())
        assert (await gateway.find("tu-order-1")).trade_state is TradeState.NOTPAY
    finally:
        await gateway.close()
    account = replace(pay.account, urls=(pay.url, pay.url))
    gateway = WechatPayGateway(account, clock=pay.clock, randomness=lambda size: b"r" * size)
    try:
        await pay.steer("faults", path=ORDERS, kind="unavailable", times=1)
        assert (await gateway.find("tu-order-1")).trade_state is TradeState.NOTPAY
    finally:
        await gateway.close()


async def test_both_addresses_away_is_said(pay: SimulatedPay) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
    account = replace(pay.account, urls=(dead, dead))
    gateway = WechatPayGateway(account, clock=pay.clock, randomness=lambda size: b"r" * size)
    try:
        with pytest.raises(WechatPayAwayError) as caught:
            await gateway.find("tu-order-1")
        assert caught.value.how == "ConnectError"
    finally:
        await gateway.close()


@pytest.mark.parametrize("serial, mchid", [("0123456789ABCDEF0123", MCHID), (SERIAL, "1900000110")])
async def test_a_wrong_setting_of_ours_is_a_fault_of_ours(
    pay: SimulatedPay, serial: str, mchid: str
) -> None:
    account = replace(pay.account, serial=serial, mchid=mchid)
    gateway = WechatPayGateway(account, clock=pay.clock, randomness=lambda size: b"r" * size)
    try:
        with pytest.raises(WechatPayFaultError) as caught:
            await gateway.find("tu-order-1")
        assert caught.value.code == "SIGN_ERROR"
    finally:
        await gateway.close()


@pytest.mark.parametrize(
    "number",
    ["", "abc", "a" * 33, "../../x-y", "tu-1?a=b", "tu-1/close", "订单号码一二三", "tu 123"],
)
async def test_nothing_but_a_number_goes_into_an_address(pay: SimulatedPay, number: str) -> None:
    with pytest.raises(ValueError, match="number"):
        await pay.gateway.find(number)
    with pytest.raises(ValueError, match="number"):
        await pay.gateway.close_order(number)
    assert not pay.sim.calls


async def test_an_answer_about_another_order_is_no_answer(pay: SimulatedPay) -> None:
    await pay.paid("tu-order-1", 100)
    await pay.paid("tu-order-2", 50_000)
    swapped = pay.sim.orders.orders
    swapped[MCHID, "tu-order-1"] = swapped[MCHID, "tu-order-2"]
    with pytest.raises(WechatPayAwayError) as caught:
        await pay.gateway.find("tu-order-1")
    assert caught.value.how == "other_answer"


async def test_no_secret_is_in_logs_or_reprs(
    pay: SimulatedPay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sheet = await pay.gateway.prepay(pay.order())
    await pay.steer("faults", path=ORDERS, kind="system_error")
    with pytest.raises(WechatPayAwayError) as caught:
        await pay.gateway.find("tu-order-1")
    wire = pay.gateway._wire
    shown = "\n".join(
        [caplog.text, repr(sheet), repr(vars(pay.gateway)), repr(vars(wire)), repr(caught.value)]
    )
    pem = pay.account.key_file.read_text(encoding="utf-8")
    assert V3_KEY.decode() not in shown
    assert pem.splitlines()[1] not in shown
    assert sheet.pay_sign not in shown
