"""Requests in, answers out: strict JSON both ways."""

from __future__ import annotations

import base64
import binascii
import contextlib
from typing import Annotated, ClassVar, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from sanic import HTTPResponse, Request

from backend.domain.errors import InvalidInputError

BODY_BYTES_MAX = 16 * 1024
"""What a request's body may hold unless its shape says otherwise."""

NUMBER_DIGITS_MAX = 18


class Shape(BaseModel):
    """What a body must look like: no unknown field, no number in quotes, no bool for an int."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    bytes_max: ClassVar[int] = BODY_BYTES_MAX


def _from_base64(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("base64 text is wanted")  # noqa: TRY004 - pydantic wants a ValueError
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error


Base64 = Annotated[bytes, BeforeValidator(_from_base64)]
"""Bytes that travel as standard base64 text; bound the length with `Field`."""

AnyShape = TypeVar("AnyShape", bound=Shape)


def read_json(request: Request, shape: type[AnyShape]) -> AnyShape:
    """Read the body. Raises InvalidInputError naming the first field that is wrong, and why."""
    body = request.body or b""
    if len(body) > shape.bytes_max:
        raise InvalidInputError("body", f"is longer than {shape.bytes_max} bytes")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError("body", "is not JSON") from error
    return _validated(shape, value)


def whole_number(text: str) -> int:
    """Read digits, no more than a database's number holds. ValueError for all that int() takes too.

    The router reads the numbers in paths with it.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX):
        raise ValueError(f"{text[:NUMBER_DIGITS_MAX]!r} is no whole number")
    return int(text)


def read_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """Read one whole number from the query string."""
    text = request.args.get(name)
    if text is None:
        return default
    with contextlib.suppress(ValueError):
        number = whole_number(text)
        if low <= number <= high:
            return number
    raise InvalidInputError(name, f"must be a whole number from {low} to {high}")


def read_query(request: Request, shape: type[AnyShape]) -> AnyShape:
    """Read the query string. Raises InvalidInputError naming the field that is wrong, and why.

    The shape's fields are whole numbers with `ge` and `le`, or words; each has a default. What the
    shape does not name is ignored, as everywhere in query strings.
    """
    said: dict[str, object] = {}
    for name, field in shape.model_fields.items():
        if field.annotation is int:
            (low,) = (one.ge for one in field.metadata if hasattr(one, "ge"))
            (high,) = (one.le for one in field.metadata if hasattr(one, "le"))
            said[name] = read_number(request, name, field.default, low, high)
        elif name in request.args:
            said[name] = request.args.get(name)
    return _validated(shape, said)


def answer(value: object, status: int = 200) -> HTTPResponse:
    """Make a JSON answer that nobody keeps."""
    return HTTPResponse(
        orjson.dumps(value),
        status=status,
        content_type="application/json; charset=utf-8",
        headers={"cache-control": "no-store"},
    )


def _validated(shape: type[AnyShape], value: object) -> AnyShape:
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidInputError(field, first["msg"]) from None
