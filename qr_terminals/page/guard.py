"""
Who may ask a page server: the page it served itself, in a browser on this very box.

Listening on 127.0.0.1 keeps other machines out, not other pages. A page from elsewhere, open in a
browser on this box, may send here too, and with a name of its own that suddenly means 127.0.0.1
(DNS rebinding) its browser even takes it for one of ours. So every request must name this server
as its Host, and none may come from a page of another Origin.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qr_terminals.errors import RequestError
from qr_terminals.page.answers import complain

NAMES: Final = ("127.0.0.1", "localhost")
READING: Final = frozenset(("GET", "HEAD"))
OWN_SITES: Final = frozenset(("same-origin", "none"))
"""What a browser says in Sec-Fetch-Site of our page's own requests, and of a typed address."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Stands before every route of a server on `port`; what it lets through it also labels."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = frozenset(f"{name}:{port}" for name in NAMES)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""

        async def send_labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            self.check(str(scope["method"]), Headers(scope=scope))
        except RequestError as error:
            await complain(error)(scope, receive, send_labelled)
            return
        await self._app(scope, receive, send_labelled)

    def check(self, method: str, headers: Headers) -> None:
        """RequestError when a request is not from this server's own page."""
        if headers.getlist("host") not in [[host] for host in self._hosts]:
            raise RequestError(
                421, "wrong_host", "这不是本页面的地址。", "This page is not served by that name."
            )
        origins = headers.getlist("origin")
        is_own = all(origin in self._origins for origin in origins)
        is_own = is_own and headers.get("sec-fetch-site", "same-origin") in OWN_SITES
        if not is_own or (method not in READING and len(origins) != 1):
            raise RequestError(
                403,
                "wrong_origin",
                "请求不是从本页面发出的。",
                "The request does not come from this very page.",
            )
