"""The only table from errors to HTTP statuses."""

from __future__ import annotations

import logging
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from tortoise.exceptions import DBConnectionError, OperationalError

from backend.api.reading import answer
from backend.domain import errors
from backend.tables.store import StoreUnavailableError
from campus_code.errors import DocumentError, RefusedError, ShapeError

log = logging.getLogger("xiaoma.api")

STATUSES: tuple[tuple[type[errors.XiaomaError], int], ...] = (
    (errors.InvalidInputError, 400),
    (errors.UnauthenticatedError, 401),
    (errors.ForbiddenError, 403),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.TooManyRequestsError, 429),
    (errors.UnavailableError, 503),
)

WORDS = {
    400: ("bad_request", "请求无法读懂。", "The request cannot be read."),
    404: ("no_such_path", "没有这个地址。", "There is nothing at this address."),
    405: ("method_not_allowed", "此地址不支持该方法。", "This address does not take that method."),
    408: ("request_timeout", "请求超时。", "The request took too long."),
    413: ("body_too_large", "请求内容过大。", "The request's body is too large."),
    431: ("headers_too_large", "请求头过大。", "The request's headers are too large."),
    503: ("unavailable", "暂时无法处理。", "We cannot answer at the moment."),
}


def register_errors(app: Sanic[Any, Any]) -> None:
    """Make every error an answer of one form: {"error", "zh", "en", "evidence"}."""
    app.error_handler.add(errors.XiaomaError, _ours)
    app.error_handler.add(RefusedError, _refused)
    app.error_handler.add(DocumentError, _document)
    app.error_handler.add(ShapeError, _shape)
    app.error_handler.add(SanicException, _framework)
    for away in (DBConnectionError, OperationalError, StoreUnavailableError):
        app.error_handler.add(away, _away)
    app.error_handler.add(Exception, _unknown)


def status_of(error: errors.XiaomaError) -> int:
    """The HTTP status of an error of ours."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def body_of(word: str, zh: str, en: str, evidence: object = None) -> dict[str, object]:
    """The form of every error's body."""
    return {"error": word, "zh": zh, "en": en, "evidence": evidence or {}}


def _ours(_request: Request, error: Exception) -> HTTPResponse:
    if not isinstance(error, errors.XiaomaError):  # registered for these only
        raise error
    made = answer(body_of(error.word, error.zh, error.en, error.evidence), status_of(error))
    if isinstance(error, errors.TooManyRequestsError):
        made.headers["retry-after"] = str(error.retry_after_seconds)
    return made


def _refused(_request: Request, error: Exception) -> HTTPResponse:
    if not isinstance(error, RefusedError):
        raise error
    words = (error.refusal.value, error.sentence("zh"), error.sentence("en"))
    return answer(body_of(*words, dict(error.evidence)), 422)


def _document(_request: Request, error: Exception) -> HTTPResponse:
    if not isinstance(error, DocumentError):
        raise error
    words = (f"document_{error.why.value}", "签名文件无法接受。", str(error))
    return answer(body_of(*words), 422)


def _shape(_request: Request, error: Exception) -> HTTPResponse:
    return answer(body_of("invalid_input", f"不合要求：{error}", str(error)), 400)


def _framework(_request: Request, error: Exception) -> HTTPResponse:
    if not isinstance(error, SanicException):
        raise error
    status = error.status_code or 500
    word, zh, en = WORDS.get(status, ("error", "请求未能完成。", "The request failed."))
    made = answer(body_of(word, zh, en), status)
    for name, value in (error.headers or {}).items():
        made.headers[name] = value
    return made


def _away(request: Request, error: Exception) -> HTTPResponse:
    log.error("%s %s: the database did not answer", request.method, request.path, exc_info=error)
    return answer(body_of(*WORDS[503]), 503)


def _unknown(request: Request, error: Exception) -> HTTPResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(
        body_of("internal_error", "服务器内部错误。", "Something failed on our side."), 500
    )
