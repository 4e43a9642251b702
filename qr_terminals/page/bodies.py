"""Reading what a page sends: one small JSON object."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request

from qr_terminals.errors import RequestError

BODY_BYTES_MAX: Final = 8192
JSON: Final = "application/json"


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object in a request; RequestError says what is wrong with it."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise RequestError(415, "wrong_type", "请求内容应为 JSON。", f"The body must be {JSON}.")
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > BODY_BYTES_MAX:
            raise RequestError(
                413,
                "too_long",
                f"请求超过 {BODY_BYTES_MAX} 字节。",
                f"The body is longer than {BODY_BYTES_MAX} bytes.",
            )
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RequestError(
            400, "no_json", "请求内容不是 JSON。", f"The body is no JSON: {error}."
        ) from error
    if not isinstance(body, dict):
        raise RequestError(
            400, "no_object", "请求内容应为一个对象。", "The body must be one JSON object."
        )
    return body
