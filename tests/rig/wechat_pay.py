"""The WeChat Pay simulator at work on a loopback port, and a merchant who uses it."""

from __future__ import annotations

import functools
import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from sanic import HTTPResponse, Request, Sanic

from backend.domain.wechat_pay import NoticeRefusedError, PaymentTold, Prepay, RefundTold
from backend.domain.wechat_pay_account import PAYMENT_NOTICES, REFUND_NOTICES, WechatPayAccount
from backend.gateways.wechat_pay import WechatPayGateway
from backend.gateways.wechat_pay_notice import Notices
from simulators.wechat_pay.app import Gateway, build_app
from simulators.wechat_pay.clock import BEIJING, SteeredClock
from simulators.wechat_pay.keys import Merchant, Platform, new_key, new_platform, write_files
from simulators.wechat_pay.orders import Order
from simulators.wechat_pay.steering import add_steering
from tests.rig.clients import new_client
from tests.rig.office import serving

MCHID = "1900000109"
APP_ID = "wx00000000000000te"
SERIAL = "5157F09EFDC096DE15EBE81A47057A72A7B5A1F1"
V3_KEY = b"canary-of-the-apiv3-key-32-bytes"
OPENID = "o-payer-1"
START = datetime(2026, 9, 1, 12, 0, tzinfo=BEIJING).timestamp()
MORNING = datetime(2026, 9, 2, 10, 0, 1, tzinfo=BEIJING).timestamp()
DAY = datetime(2026, 9, 1, tzinfo=BEIJING).date()
JSAPI = "/v3/pay/transactions/jsapi"

_numbers = itertools.count(1)


@functools.cache
def keys(at: float = START) -> tuple[Platform, rsa.RSAPrivateKey]:
    """WeChat Pay's keys and the merchant's, made once: making them takes longer than a test."""
    return new_platform(os.urandom, at), new_key()


@dataclass
class NoticeAddress:
    """Our two notice addresses: they verify, remember, and answer as they are told to."""

    notices: Notices
    payments: list[PaymentTold] = field(default_factory=list)
    refunds: list[RefundTold] = field(default_factory=list)
    refused: list[NoticeRefusedError] = field(default_factory=list)
    came: list[tuple[list[tuple[str, str]], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses for the next ones that are believed; then 204."""

    async def payment(self, request: Request) -> HTTPResponse:
        """POST the payment address."""
        self.came.append((list(request.headers.items()), request.body))
        try:
            told = self.notices.payment(request.headers.items(), request.body)
        except NoticeRefusedError as error:
            self.refused.append(error)
            return HTTPResponse('{"code":"FAIL","message":"refused"}', status=401)
        self.payments.append(told)
        return HTTPResponse(status=self.answers.pop(0) if self.answers else 204)

    async def refund(self, request: Request) -> HTTPResponse:
        """POST the refund address."""
        self.came.append((list(request.headers.items()), request.body))
        try:
            told = self.notices.refund(request.headers.items(), request.body)
        except NoticeRefusedError as error:
            self.refused.append(error)
            return HTTPResponse('{"code":"FAIL","message":"refused"}', status=401)
        self.refunds.append(told)
        return HTTPResponse(status=self.answers.pop(0) if self.answers else 204)


@dataclass
class SimulatedPay:
    """What tests steer, and both sides of it."""

    sim: Gateway
    url: str
    account: WechatPayAccount
    gateway: WechatPayGateway
    address: NoticeAddress
    http: httpx.AsyncClient
    merchant_key: rsa.RSAPrivateKey

    @property
    def clock(self) -> SteeredClock:
        """The time of both sides."""
        return self.sim.clock

    @property
    def merchant(self) -> Merchant:
        """The one there is."""
        return self.sim.merchants[MCHID]

    def order(self, number: str = "tu-order-1", amount_fen: int = 5_000) -> Prepay:
        """An order to be made."""
        return Prepay(number, amount_fen, OPENID, "校园卡充值", int(self.clock()) + 1800)

    def held(self, number: str = "tu-order-1") -> Order:
        """What WeChat Pay holds."""
        return self.sim.orders.orders[MCHID, number]

    async def paid(self, number: str = "tu-order-1", amount_fen: int = 5_000) -> Order:
        """An order that was made and paid, its notice brought."""
        await self.gateway.prepay(self.order(number, amount_fen))
        self.sim.pay(self.held(number), OPENID)
        await self.sim.timeline.advance(0)
        return self.held(number)

    async def steer(self, name: str, **wish: Any) -> httpx.Response:
        """POST /simulator/…."""
        return await self.http.post(f"/simulator/{name}", json=wish)


@asynccontextmanager
async def open_pay(folder: Path) -> AsyncIterator[SimulatedPay]:
    """Serve a WeChat Pay and a merchant's notice addresses; the time of both stands still."""
    platform, merchant_key = keys()
    platform = replace(platform)  # a test may choose the other key
    files = write_files(folder, merchant_key, V3_KEY, platform)
    merchant = Merchant(MCHID, (APP_ID,), SERIAL, V3_KEY, merchant_key.public_key())
    clock = SteeredClock(lambda: START)
    async with AsyncExitStack() as stack:
        listener, own = (stack.enter_context(socket.socket()) for _ in range(2))
        for one in (listener, own):
            one.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ours = f"http://127.0.0.1:{own.getsockname()[1]}"
        sim = Gateway(
            platform,
            {MCHID: merchant},
            clock,
            stamp=clock,
            randomness=os.urandom,
            url=url,
        )
        account = WechatPayAccount(
            mchid=MCHID,
            app_id=APP_ID,
            serial=SERIAL,
            key_file=files.merchant_key,
            v3_key_file=files.v3_key,
            platform_files=(
                (platform.key_id, files.platform_public_key),
                (platform.serial, files.platform_certificate),
            ),
            payment_notify_url=ours + PAYMENT_NOTICES,
            refund_notify_url=ours + REFUND_NOTICES,
            urls=(url,),
        )
        address = NoticeAddress(Notices.read_keys(account, clock))
        app = build_app(sim, f"wechat-pay-{next(_numbers)}")
        add_steering(app, sim)
        await stack.enter_async_context(serving(app, listener))
        await stack.enter_async_context(serving(_merchant_app(address), own))
        gateway = WechatPayGateway(account, clock=clock, randomness=os.urandom)
        stack.push_async_callback(gateway.close)
        http = new_client(url)
        await stack.enter_async_context(http)
        yield SimulatedPay(sim, url, account, gateway, address, http, merchant_key)


def _merchant_app(address: NoticeAddress) -> Sanic[Any, Any]:
    app: Sanic[Any, Any] = Sanic(f"merchant-{next(_numbers)}", configure_logging=False)
    app.config.ACCESS_LOG = False
    app.add_route(address.payment, PAYMENT_NOTICES, methods=["POST"], name="payments")
    app.add_route(address.refund, REFUND_NOTICES, methods=["POST"], name="refunds")
    return app
