"""wechatpayv3, which others wrote, as a witness: it and we agree on every signature, both ways."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from wechatpayv3.async_ import (  # type: ignore[import-untyped]  # it has none
    AsyncWeChatPay,
    WeChatPayType,
)
from wechatpayv3.async_.utils import rsa_verify  # type: ignore[import-untyped]

from backend.domain.wechat_pay import TradeState
from simulators.wechat_pay.keys import private_pem, public_pem
from tests.rig.wechat_pay import APP_ID, JSAPI, MCHID, OPENID, SERIAL, V3_KEY, SimulatedPay

# Its signatures carry the true time, so WeChat Pay's clock is put to it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:wechatpayv3.*")


@pytest_asyncio.fixture
async def witness(pay: SimulatedPay) -> AsyncIterator[Any]:
    """Its client for the same merchant, in public-key mode."""
    pay.clock.put_forward(time.time())
    platform = pay.sim.platform
    client = AsyncWeChatPay(
        WeChatPayType.MINIPROG,
        MCHID,
        private_pem(pay.merchant_key).decode(),
        SERIAL,
        APP_ID,
        V3_KEY.decode(),
        notify_url=pay.account.payment_notify_url,
        public_key=public_pem(platform.key.public_key()).decode(),
        public_key_id=platform.key_id,
        timeout=(2, 5),
    )
    client._core._gate_way = pay.url
    async with client as entered:
        yield entered


async def test_the_simulator_takes_its_requests_and_it_takes_the_answers(
    pay: SimulatedPay, witness: Any
) -> None:
    asked = {"amount": {"total": 5_000}, "payer": {"openid": OPENID}}
    status, text = await witness.pay(description="校园卡充值", out_trade_no="tu-order-1", **asked)
    assert status == 200
    assert pay.held().prepay_id == json.loads(text)["prepay_id"]
    status, text = await witness.query(out_trade_no="tu-order-1")
    assert (status, json.loads(text)["trade_state"]) == (200, "NOTPAY")
    pay.sim.pay(pay.held(), OPENID)
    amount = {"refund": 100, "total": 5_000, "currency": "CNY"}
    status, text = await witness.refund("rf-refund-1", amount, out_trade_no="tu-order-1")
    assert (status, json.loads(text)["status"]) == (200, "PROCESSING")
    status, text = await witness.query_refund("rf-refund-1")
    assert status == 200
    status, text = await witness.query(out_trade_no="tu-nothing")
    assert (status, json.loads(text)["code"]) == (404, "ORDER_NOT_EXIST")
    # what it ordered, our own client finds
    assert (await pay.gateway.find("tu-order-1")).trade_state is TradeState.REFUND


async def test_it_closes_what_we_ordered(pay: SimulatedPay, witness: Any) -> None:
    await pay.gateway.prepay(pay.order())
    status, _ = await witness.close("tu-order-1")
    assert status == 204
    assert (await pay.gateway.find("tu-order-1")).trade_state is TradeState.CLOSED


async def test_the_sheet_is_signed_as_it_signs(pay: SimulatedPay, witness: Any) -> None:
    sheet = await pay.gateway.prepay(pay.order())
    said = [sheet.app_id, sheet.timestamp, sheet.nonce, sheet.package]
    assert witness.sign(said) == sheet.pay_sign  # PKCS#1 v1.5 has one signature for one text


async def test_our_authorization_is_its_authorization(pay: SimulatedPay, witness: Any) -> None:
    body = json.dumps({"a": "校园卡"}).encode()
    target, at = f"{JSAPI}?x=1&y=%2F", 1_767_000_000
    header = pay.gateway._signer.authorization("POST", target, body, at, "n")
    parts = dict(piece.split("=", 1) for piece in header.partition(" ")[2].split(","))
    message = ["POST", target, str(at), "n", body.decode()]
    assert parts["signature"].strip('"') == witness.sign(message)


async def test_both_believe_the_same_notice(pay: SimulatedPay, witness: Any) -> None:
    await pay.paid()
    headers, body = pay.address.came[0]
    told = witness.callback(dict(headers), body)
    assert told["resource"]["transaction_id"] == pay.address.payments[0].transaction_id
    assert told["resource"]["amount"]["total"] == pay.address.payments[0].total_fen
    public = pay.sim.platform.key.public_key()
    said = dict(headers)
    assert rsa_verify(
        said["wechatpay-timestamp"],
        said["wechatpay-nonce"],
        body.decode(),
        said["wechatpay-signature"],
        public,
    )


async def test_where_it_believes_too_much_we_do_not(pay: SimulatedPay, witness: Any) -> None:
    """Why the checks of notices are our own."""
    await pay.paid()
    headers, body = pay.address.came[0]
    await pay.sim.timeline.advance(86_400)
    assert witness.callback(dict(headers), body)["event_type"] == "TRANSACTION.SUCCESS"
    with pytest.raises(Exception, match="timestamp"):
        pay.address.notices.payment(headers, body)
