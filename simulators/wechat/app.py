"""The HTTP side: the true addresses, and those that steer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request, Sanic

from simulators.wechat.partner import ERRORS, Partner, PartnerError

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
HANG_SECONDS_MAX: Final = 60
FAULT_KINDS: Final = ("busy", "error", "garbage", "hang", "stranger", "token")

App = Sanic[Any, Any]
Answer = Callable[[Request], dict[str, Any]]
Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


class Faults:
    """What goes wrong on purpose: address → how, and how many times more."""

    def __init__(self) -> None:
        self._planned: dict[str, tuple[str, int]] = {}

    def plan(self, path: str, kind: str, times: int) -> None:
        """From now on the address fails `times` times."""
        self._planned[path] = (kind, times)

    async def strike(self, path: str) -> HTTPResponse | None:
        """The wrong answer that is due for this call, or None."""
        kind, times = self._planned.get(path, ("", 0))
        if not times:
            return None
        self._planned[path] = (kind, times - 1)
        if kind == "hang":
            await asyncio.sleep(HANG_SECONDS_MAX)
        if kind == "busy":
            return _told({"errcode": -1, "errmsg": "system error"})
        if kind == "token":
            return _told({"errcode": 40001, "errmsg": ERRORS[40001]})
        if kind == "stranger":  # a number nobody has documented
            return _told({"errcode": 99_999, "errmsg": "whatever"})
        if kind == "garbage":
            return HTTPResponse("<html>gateway</html>", content_type="text/html")
        return HTTPResponse("", status=502)


def build_app(partner: Partner, name: str = "wechat", faults: Faults | None = None) -> App:
    """One mini-program's WeChat. `name` must be unique within the process."""
    app: App = Sanic(name, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.AUTO_EXTEND = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 1.0  # one that hangs on purpose is not waited for
    faults = faults or Faults()
    _add_true(app, partner, faults)
    _add_steering(app, partner, faults)
    return app


def _add_true(app: App, partner: Partner, faults: Faults) -> None:
    routes: tuple[tuple[str, str, Answer], ...] = (
        ("POST", "/cgi-bin/stable_token", lambda request: partner.stable_token(_body(request))),
        ("GET", "/sns/jscode2session", lambda request: partner.code_to_session(_query(request))),
        (
            "POST",
            "/wxa/business/getuserphonenumber",
            lambda request: partner.phone_number(_token(request), _body(request)),
        ),
        (
            "POST",
            "/cgi-bin/message/subscribe/send",
            lambda request: partner.send(_token(request), _body(request)),
        ),
        (
            "POST",
            "/wxa/sec/order/upload_shipping_info",
            lambda request: partner.upload_shipping(_token(request), _body(request)),
        ),
        (
            "POST",
            "/wxa/sec/order/get_order",
            lambda request: partner.shipped_order(_token(request), _body(request)),
        ),
    )
    for method, path, respond in routes:
        handler = _handler(partner, faults, path, respond)
        app.add_route(
            handler,
            path,
            methods=[method],
            name=path.rpartition("/")[2],
            error_format="json",  # else Sanic parses the handler to guess it
        )


def _handler(partner: Partner, faults: Faults, path: str, respond: Answer) -> Handler:
    async def handle(request: Request) -> HTTPResponse:
        partner.calls[path] += 1
        wrong = await faults.strike(path)
        if wrong is not None:
            return wrong
        try:
            return _told(respond(request))
        except PartnerError as error:
            return _told({"errcode": error.errcode, "errmsg": f"{error.errmsg} rid: 0-0-0"})

    return handle


def _add_steering(app: App, partner: Partner, faults: Faults) -> None:
    def accept(request: Request) -> dict[str, Any]:
        openid, template_id = _text(request, "openid"), _text(request, "template_id")
        is_accepted = _body(request).get("is_accepted", True) is True
        (partner.accept if is_accepted else partner.refuse)(openid, template_id)
        return {}

    def forget_tokens(_request: Request) -> dict[str, Any]:
        partner.forget_tokens()
        return {}

    def plan(request: Request) -> dict[str, Any]:
        kind, times = _text(request, "kind"), _body(request).get("times", 1)
        if kind not in FAULT_KINDS or not isinstance(times, int):
            raise ValueError(f"kind: one of {', '.join(FAULT_KINDS)}; times: a number")
        faults.plan(_text(request, "path"), kind, times)
        return {}

    steers: tuple[tuple[str, str, Answer], ...] = (
        ("POST", "login-codes", lambda r: {"code": partner.login_code(_text(r, "openid"))}),
        ("POST", "phone-codes", lambda r: {"code": partner.phone_code(_text(r, "phone"))}),
        ("POST", "acceptances", accept),
        ("GET", "shipments", lambda _: {"shipments": partner.shipments}),
        ("GET", "messages", lambda _: {"messages": partner.messages}),
        ("GET", "calls", lambda _: {"calls": dict(partner.calls)}),
        ("DELETE", "tokens", forget_tokens),
        ("POST", "faults", plan),
    )
    for method, name, respond in steers:
        handler = _steering(respond)
        app.add_route(
            handler,
            f"/simulator/{name}",
            methods=[method, "OPTIONS"],
            name=name,
            error_format="json",
        )


def _steering(respond: Answer) -> Handler:
    async def handle(request: Request) -> HTTPResponse:
        try:
            value, status = ({} if request.method == "OPTIONS" else respond(request)), 200
        except (ValueError, PartnerError) as error:
            value, status = {"error": str(error)}, 400
        made = HTTPResponse(json.dumps(value), status=status, content_type="application/json")
        origin = request.headers.get("origin", "")
        if urlsplit(origin).hostname in LOOPBACK:  # pages of this machine may read it
            made.headers["access-control-allow-origin"] = origin
            made.headers["access-control-allow-headers"] = "content-type"
            made.headers["access-control-allow-methods"] = "GET, POST, DELETE"
            made.headers["vary"] = "origin"
        return made

    return handle


def _told(value: dict[str, Any]) -> HTTPResponse:
    # WeChat says text/plain, whatever it sends
    return HTTPResponse(json.dumps(value), content_type="text/plain")


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.args.items()}


def _token(request: Request) -> str:
    return _query(request).get("access_token", "")


def _body(request: Request) -> dict[str, Any]:
    if not request.body:
        raise PartnerError(44002)
    try:
        body = json.loads(request.body)
    except ValueError:
        raise PartnerError(47001) from None
    if not isinstance(body, dict):
        raise PartnerError(47001)
    return body


def _text(request: Request, name: str) -> str:
    value = _body(request).get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: a text is wanted")
    return value
