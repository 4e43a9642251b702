"""What a page server says when it can not do as it was asked."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from qr_terminals.errors import RequestError

_SENTENCES = {
    404: ("nothing_here", "这里什么也没有。", "There is nothing here."),
    405: ("wrong_method", "不能这样请求。", "This is not how to ask for it."),
}


def complain(error: RequestError) -> Response:
    """The answer to a request that is none: its word and one sentence in each language."""
    said = {"error": error.word, "zh": error.zh, "en": error.en}
    return JSONResponse(said, status_code=error.status)


async def tell_request_error(_request: Request, error: Exception) -> Response:
    """Answer for a RequestError out of a route."""
    assert isinstance(error, RequestError)  # noqa: S101  # what it is registered for
    return complain(error)


async def tell_http_error(_request: Request, error: Exception) -> Response:
    """Answer for what the router itself refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101  # what it is registered for
    unknown = ("wrong_request", "请求有误。", "The request is wrong.")
    return complain(RequestError(error.status_code, *_SENTENCES.get(error.status_code, unknown)))
