"""What a route takes and answers, said beside it: the OpenAPI document is made of nothing else.

The order above a handler is: the route, who may call it, what it is.

    @routes.get("/purses")
    @for_student
    @described(PursesTold)
    async def show_purses(request: Request) -> HTTPResponse:

An answer is a `TypedDict` of `typing_extensions` (pydantic reads no other on Python 3.11) whose
name ends in `Told`: a handler's dict is checked by mypy and costs nothing when it is sent. The
docstring of a `Told`, of a `Shape` and of a handler is its description; units belong there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar, cast

from typing_extensions import TypedDict

from backend.api.reading import Shape

AnyHandler = TypeVar("AnyHandler", bound=Callable[..., object])

JSON = "application/json"
ATTRIBUTE = "description"


class DescriptionError(Exception):
    """A route says nothing about itself, or what cannot be written down."""


class NothingTold(TypedDict):
    """An empty object: it is done."""


class ErrorTold(TypedDict):
    """Every error: a word for programs, one sentence in each language, and what it is about."""

    error: str
    zh: str
    en: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Description:
    """What `described` was told. `takes` is the media type of a body that has no shape."""

    answer: type[Any] | UnionType | None
    body: type[Shape] | None
    query: type[Shape] | None
    status: int
    media: str | tuple[str, ...]
    takes: str
    also: tuple[int, ...]
    wrong: type[Any]


def described(
    answer: type[Any] | UnionType | None,
    *,
    body: type[Shape] | None = None,
    query: type[Shape] | None = None,
    status: int = 200,
    media: str | tuple[str, ...] = JSON,
    takes: str = "",
    also: tuple[int, ...] = (),
    wrong: type[Any] = ErrorTold,
) -> Callable[[AnyHandler], AnyHandler]:
    """Say what a route answers (None: not JSON), what it takes, and with which status it ends.

    `query` is a Shape whose fields are the query's names, each with a default; read it with
    `read_query`. `takes` names the media type of a body that is no Shape (a CSV, a signed
    document). `also` are further statuses with the same answer. `media` "" is an answer without a
    body, several are one of them; `wrong` is what errors look like where a partner wants them
    otherwise.
    """
    description = Description(answer, body, query, status, media, takes, also, wrong)

    def describe(handler: AnyHandler) -> AnyHandler:
        if hasattr(handler, "access_rule"):
            raise DescriptionError(f"{handler.__name__}: @described stands below the access rule")
        setattr(cast("Any", handler), ATTRIBUTE, description)
        return handler

    return describe


def description_of(handler: object) -> Description | None:
    """What a route's handler says about itself, or None when it says nothing."""
    return getattr(handler, ATTRIBUTE, None)
