"""One address: POST /messages. Signed with the key that belongs to the key id, or refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic

LATE_SECONDS_MAX: Final = 300
TEXT_LENGTH_MAX: Final = 500


@dataclass(slots=True)
class Provider:
    """What it knows; `messages` is what went out, `answers` the next answers whatever is asked."""

    keys: dict[str, bytes]
    clock: Callable[[], float]
    messages: list[dict[str, str]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=list)
    calls: int = 0

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Take one request on; the status it is answered with."""
        self.calls += 1
        if self.answers:
            return self.answers.pop(0)
        at = headers.get("x-at", "")
        if not at.isdigit() or abs(int(at) - self.clock()) > LATE_SECONDS_MAX:
            return 401
        key = self.keys.get(headers.get("x-key-id", ""))
        if key is None:
            return 401
        right = hmac.new(key, f"{at}\n".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, headers.get("x-signature", "")):
            return 401
        told = json.loads(body)
        if set(told) != {"key", "to", "text"} or not 0 < len(told["text"]) <= TEXT_LENGTH_MAX:
            return 400
        if told["to"] in self.gone:
            return 404
        if told["key"] not in {one["key"] for one in self.messages}:
            self.messages.append(told)
        return 200


def build_app(provider: Provider, name: str) -> Sanic[Any, Any]:
    """The provider's HTTP side. `name` must be unique within the process."""
    app: Sanic[Any, Any] = Sanic(name, configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.AUTO_EXTEND = False

    @app.post("/messages")
    async def take(request: Request) -> HTTPResponse:
        status = provider.take(dict(request.headers), request.body or b"")
        return HTTPResponse("{}", status=status, content_type="application/json")

    return app
