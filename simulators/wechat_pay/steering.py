"""`/simulator/…`: what the true WeChat Pay does not have. Pages of this machine may use it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from simulators.wechat_pay.app import App, Gateway
from simulators.wechat_pay.checking import verifies
from simulators.wechat_pay.orders import Order

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
ADVANCE_SECONDS_MAX: Final = 400 * 86_400

Steer = Callable[[Gateway, dict[str, Any]], Awaitable[dict[str, Any]]]


def add_steering(app: App, gateway: Gateway) -> None:
    """Give the app its steering addresses."""
    steers: tuple[tuple[str, str, Steer], ...] = (
        ("POST", "sheets", _sheet),
        ("POST", "payments", _pay),
        ("GET", "clock", _clock),
        ("POST", "clock", _advance),
        ("POST", "faults", _plan),
        ("POST", "keys", _choose_key),
        ("GET", "notices", _notices),
        ("GET", "orders", _orders),
        ("GET", "refunds", _refunds),
        ("GET", "calls", _calls),
    )
    for method, name, steer in steers:
        methods = [method, "OPTIONS"] if method == "POST" else [method]
        app.add_route(
            _handler(gateway, steer),
            f"/simulator/{name}",
            methods=methods,
            name=f"{method.lower()}_{name}",
            error_format="json",
        )


async def _sheet(gateway: Gateway, wish: dict[str, Any]) -> dict[str, Any]:
    """`{"sheet": …}`: what WeChat shows before the password, for a sheet that is signed rightly."""
    order = _order(gateway, wish)
    return {
        "amount_fen": order.total_fen,
        "description": order.asked["description"],
        "mchid": order.merchant.mchid,
        "out_trade_no": order.number,
    }


async def _pay(gateway: Gateway, wish: dict[str, Any]) -> dict[str, Any]:
    """`{"sheet": what wx.requestPayment was given, "openid": …, "outcome": "pay" | "cancel"}`.

    Instead of the sheet, `{"mchid": …, "out_trade_no": …}` names the order.
    """
    outcome, openid = wish.get("outcome", "pay"), wish.get("openid")
    if outcome not in {"pay", "cancel"}:
        raise ValueError("outcome: pay or cancel")
    order = _order(gateway, wish)
    if outcome == "cancel":
        return {"errMsg": "requestPayment:fail cancel", "out_trade_no": order.number}
    gateway.pay(order, str(openid or order.asked["payer"]["openid"]))
    return {
        "errMsg": "requestPayment:ok",
        "out_trade_no": order.number,
        "transaction_id": order.transaction_id,
    }


def _order(gateway: Gateway, wish: dict[str, Any]) -> Order:
    sheet = wish.get("sheet")
    if not isinstance(sheet, dict):
        key = (str(wish.get("mchid")), str(wish.get("out_trade_no")))
        if key not in gateway.orders.orders:
            raise ValueError("sheet, or mchid and out_trade_no of an order, are wanted")
        return gateway.orders.orders[key]
    said = {
        name: str(sheet.get(name, ""))
        for name in ("appId", "timeStamp", "nonceStr", "package", "signType", "paySign")
    }
    order = gateway.orders.find_prepay(said["package"].removeprefix("prepay_id="))
    said["appId"] = said["appId"] or order.asked["appid"]  # a phone adds its mini-program's own
    message = "".join(f"{said[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    is_signed = verifies(order.merchant.public_key, said["paySign"], message.encode())
    if said["signType"] != "RSA" or said["appId"] != order.asked["appid"] or not is_signed:
        raise ValueError("requestPayment:fail 支付验证签名失败")
    return order


async def _clock(gateway: Gateway, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"at": gateway.clock(), "waiting": gateway.timeline.waiting}


async def _advance(gateway: Gateway, wish: dict[str, Any]) -> dict[str, Any]:
    """`{"seconds": 900}`: what is due on the way happens before this is answered."""
    seconds = wish.get("seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= ADVANCE_SECONDS_MAX:
        raise ValueError(f"seconds: 0 to {ADVANCE_SECONDS_MAX}")
    await gateway.timeline.advance(seconds)
    return await _clock(gateway, wish)


async def _plan(gateway: Gateway, wish: dict[str, Any]) -> dict[str, Any]:
    gateway.faults.plan(wish)
    return {}


async def _choose_key(gateway: Gateway, wish: dict[str, Any]) -> dict[str, Any]:
    """`{"signs_with": "public_key" | "certificate"}`: a merchant changes from one to the other."""
    ids = {"public_key": gateway.platform.key_id, "certificate": gateway.platform.serial}
    if wish.get("signs_with") not in ids:
        raise ValueError(f"signs_with: one of {', '.join(ids)}")
    gateway.platform.signs_with = ids[str(wish["signs_with"])]
    return {"signs_with": gateway.platform.signs_with}


async def _notices(gateway: Gateway, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"notices": [notice.told() for notice in gateway.postman.notices]}


async def _orders(gateway: Gateway, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"orders": [order.told() for order in gateway.orders.orders.values()]}


async def _refunds(gateway: Gateway, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"refunds": [refund.told() for refund in gateway.orders.refunds.values()]}


async def _calls(gateway: Gateway, _wish: dict[str, Any]) -> dict[str, Any]:
    return {"calls": dict(gateway.calls)}


def _handler(
    gateway: Gateway, steer: Steer
) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
    async def handle(request: Request) -> HTTPResponse:
        value: dict[str, Any] = {}
        status = 200
        if request.method != "OPTIONS":
            try:
                value = await steer(gateway, _wish(request))
            except ValueError as error:
                value, status = {"error": str(error)}, 400
        made = HTTPResponse(json.dumps(value), status=status, content_type="application/json")
        origin = request.headers.get("origin", "")
        if urlsplit(origin).hostname in LOOPBACK:
            made.headers["access-control-allow-origin"] = origin
            made.headers["access-control-allow-headers"] = "content-type"
            made.headers["access-control-allow-methods"] = "GET, POST"
            made.headers["vary"] = "origin"
        return made

    return handle


def _wish(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    wish = json.loads(request.body)
    if not isinstance(wish, dict):
        raise ValueError("a JSON object is wanted")  # noqa: TRY004 - it is a bad wish, no bad type
    return wish
