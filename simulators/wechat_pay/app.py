"""The true addresses of API v3, on Sanic."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic

from simulators.wechat_pay.bills import Bills
from simulators.wechat_pay.checking import Asked, check, require_headers
from simulators.wechat_pay.clock import SteeredClock, Timeline
from simulators.wechat_pay.errors import PayError
from simulators.wechat_pay.faults import Fault, Faults, mended
from simulators.wechat_pay.keys import Merchant, Platform
from simulators.wechat_pay.notices import Notice, Postman
from simulators.wechat_pay.orders import Order, Orders, Refund
from simulators.wechat_pay.reading import Body

HANG_SECONDS_MAX: Final = 60
LONG_BYTES: Final = 1_000_000
STALE_SECONDS: Final = 600
REFUND_SECONDS: Final = 10
"""How long a refund takes."""
BEFORE: Final = frozenset(
    {"system_error", "busy", "unavailable", "hang", "garbage", "redirect", "long"}
)

App = Sanic[Any, Any]
Answer = dict[str, Any] | None
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]
Work = Callable[[Merchant, Asked, Request], Answer]


@dataclass
class Gateway:
    """WeChat Pay's side. `stamp` is the time in signatures: the clock's own, or the true time
    when the clock is put forward and the other side's is not.
    """

    platform: Platform
    merchants: Mapping[str, Merchant]
    clock: SteeredClock
    stamp: Callable[[], float]
    randomness: Callable[[int], bytes]
    url: str = ""
    faults: Faults = field(default_factory=Faults)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.clock)
        self.orders = Orders(self.clock, self.randomness)
        self.postman = Postman(
            self.platform,
            self.timeline,
            self.faults,
            stamp=self.stamp,
            randomness=self.randomness,
        )
        self.bills = Bills(self.orders, self.clock, self.randomness)

    # ------------------------------------------------------------------ what the payer does

    def pay(self, order: Order, openid: str) -> Notice:
        """The payer pays; the notice is on its way. ValueError when he cannot."""
        self.orders.pay(order, openid)
        return self.postman.announce(
            order.merchant, order.asked["notify_url"], "TRANSACTION.SUCCESS", order.paid()
        )

    # ------------------------------------------------------------------ what merchants ask

    def refund(self, merchant: Merchant, asked: Asked, _request: Request) -> Answer:
        """POST /v3/refund/domestic/refunds."""
        refund, is_new = self.orders.refund(merchant, Body.of(asked.body))
        if is_new:
            fault = self.faults.next("refunds")

            async def finish() -> None:
                self._finish(refund, fault.kind.upper() if fault else "SUCCESS")

            self.timeline.add(REFUND_SECONDS, finish)
        return refund.told()

    def bill(self, merchant: Merchant, _asked: Asked, request: Request) -> Answer:
        """GET /v3/bill/tradebill and fundflowbill."""
        planned = self.faults.next("bills")
        fault = planned.kind if planned else ""
        kind = request.path.rpartition("/")[2]
        query = {name: values[0] for name, values in request.args.items()}
        token, digest = self.bills.order(merchant, kind, query, mended(fault))
        base = self.url or f"{request.scheme}://{request.host}"
        if fault == "address":
            base = "http://127.0.0.1:1"
        return {
            "hash_type": "MD5" if fault == "hash_type" else "SHA1",
            "hash_value": "0" * 40 if fault == "hash" else digest,
            "download_url": f"{base}/v3/billdownload/file?token={token}",
        }

    def _finish(self, refund: Refund, status: str) -> None:
        self.orders.finish(refund, status)
        url = refund.asked["notify_url"] or refund.order.asked["notify_url"]
        self.postman.announce(refund.order.merchant, url, f"REFUND.{status}", refund.noticed())


def build_app(gateway: Gateway, name: str = "wechat_pay") -> App:
    """The true addresses only. `name` must be unique within the process."""
    app: App = Sanic(name, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.AUTO_EXTEND = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 1.0  # one that hangs on purpose is not waited for
    orders = gateway.orders
    routes: tuple[tuple[str, str, Work], ...] = (
        (
            "POST",
            "/v3/pay/transactions/jsapi",
            lambda merchant, asked, _: orders.prepay(merchant, Body.of(asked.body)),
        ),
        (
            "GET",
            "/v3/pay/transactions/out-trade-no/<number:str>",
            lambda merchant, _, request: _found(merchant, request, by_ours=False, orders=orders),
        ),
        (
            "GET",
            "/v3/pay/transactions/id/<number:str>",
            lambda merchant, _, request: _found(merchant, request, by_ours=True, orders=orders),
        ),
        (
            "POST",
            "/v3/pay/transactions/out-trade-no/<number:str>/close",
            lambda merchant, asked, request: orders.close(
                merchant, request.match_info["number"], Body.of(asked.body)
            ),
        ),
        ("POST", "/v3/refund/domestic/refunds", gateway.refund),
        (
            "GET",
            "/v3/refund/domestic/refunds/<number:str>",
            lambda merchant, _, request: _refund(merchant, request, orders),
        ),
        ("GET", "/v3/bill/tradebill", gateway.bill),
        ("GET", "/v3/bill/fundflowbill", gateway.bill),
    )
    for number, (method, path, work) in enumerate(routes):
        app.add_route(
            _handler(gateway, work),
            path,
            methods=[method],
            name=f"route{number}",
            error_format="json",  # else Sanic parses the handler to guess it
        )
    app.add_route(_download(gateway), "/v3/billdownload/file", methods=["GET"], name="download")

    async def start(app: App) -> None:
        app.ctx.running = asyncio.get_running_loop().create_task(gateway.timeline.run())

    async def stop(app: App) -> None:
        app.ctx.running.cancel()
        await gateway.postman.close()

    app.register_listener(start, "before_server_start")
    app.register_listener(stop, "before_server_stop")
    return app


def _found(merchant: Merchant, request: Request, *, by_ours: bool, orders: Orders) -> Answer:
    if request.args.get("mchid") != merchant.mchid:
        raise PayError("PARAM_ERROR", "输入源“/query/mchid”映射到字段“直连商户号”规则校验失败")
    find = orders.find_transaction if by_ours else orders.find
    return find(merchant, request.match_info["number"]).told()


def _refund(merchant: Merchant, request: Request, orders: Orders) -> Answer:
    refund = orders.refunds.get((merchant.mchid, request.match_info["number"]))
    if refund is None:
        raise PayError("RESOURCE_NOT_EXISTS", "退款单不存在")
    return refund.told()


def _asked(request: Request) -> Asked:
    target = request.raw_url.decode()
    return Asked(request.method, target, request.headers, request.body)


def _handler(gateway: Gateway, work: Work) -> Handler:
    async def handle(request: Request, **_named: str) -> HTTPResponse:
        gateway.calls[request.path] += 1
        fault = gateway.faults.call(request.path)
        if fault is not None and fault.kind in BEFORE:
            return await _instead(fault)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        asked, wanted = _asked(request), ""
        try:
            merchant = check(asked, gateway.merchants, gateway.stamp())
            wanted = require_headers(asked, gateway.platform)
            value, status = work(merchant, asked, request), 200
        except PayError as error:
            value, status = error.body, error.status
        raw = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
        return _signed(gateway, raw, status if raw else 204, wanted, fault)

    return handle


def _signed(
    gateway: Gateway, raw: bytes, status: int, wanted: str, fault: Fault | None
) -> HTTPResponse:
    kind = fault.kind if fault else ""
    if kind == "signed_garbage":
        raw = b'{"prepay_id": 17, "trade_state": "SUCCESS"}'
    nonce = gateway.randomness(16).hex()
    at = gateway.stamp() - (STALE_SECONDS if kind == "stale" else 0)
    headers = gateway.platform.headers(raw, at, nonce, wanted)
    if kind == "wrong_signature":
        headers = gateway.platform.headers(raw + b" ", at, nonce, wanted)
    if kind == "other_key":
        chosen = headers["Wechatpay-Serial"]
        other = next(one for one in gateway.platform.ids if one != chosen)
        headers = gateway.platform.headers(raw, at, nonce, other)
        headers["Wechatpay-Serial"] = chosen
    made = HTTPResponse(raw, status=status, content_type="application/json; charset=utf-8")
    made.headers["Request-ID"] = gateway.randomness(8).hex()
    if kind != "unsigned":
        made.headers.update(headers)
    return made


async def _instead(fault: Fault) -> HTTPResponse:
    """An answer that no merchant asked for."""
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds or HANG_SECONDS_MAX)
    if fault.kind in {"system_error", "busy"}:
        error = PayError("SYSTEM_ERROR" if fault.kind == "system_error" else "FREQUENCY_LIMITED")
        body = json.dumps(error.body, ensure_ascii=False)
        return HTTPResponse(body, status=error.status, content_type="application/json")
    if fault.kind == "redirect":
        where = {"location": str(fault.value or "http://127.0.0.1:1/")}
        return HTTPResponse("", status=302, headers=where)
    if fault.kind == "long":
        return HTTPResponse(" " * LONG_BYTES, content_type="application/json")
    if fault.kind == "garbage":
        return HTTPResponse("<html>gateway</html>", content_type="text/html")
    return HTTPResponse("<html>no upstream</html>", status=503, content_type="text/html")


def _download(gateway: Gateway) -> Handler:
    """A bill's file: the request is signed, the answer is not."""

    async def handle(request: Request) -> HTTPResponse:
        gateway.calls[request.path] += 1
        fault = gateway.faults.call(request.path)
        if fault is not None and fault.kind in BEFORE:
            return await _instead(fault)
        try:
            merchant = check(_asked(request), gateway.merchants, gateway.stamp())
            raw = gateway.bills.fetch(merchant, request.args.get("token", ""))
        except PayError as error:
            body = json.dumps(error.body, ensure_ascii=False)
            return HTTPResponse(body, status=error.status, content_type="application/json")
        return HTTPResponse(raw, content_type="text/plain")

    return handle
