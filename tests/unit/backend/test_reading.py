"""Query strings are read by the shape that describes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from sanic.compat import Header
from sanic.request import Request

from backend.api.reading import Shape, read_query
from backend.domain.errors import InvalidInputError


class PickQuery(Shape):
    """What to pick."""

    count: Annotated[int, Field(ge=2, le=9)] = 5
    kind: Literal["a", "b"] = "a"


def asked(query: str) -> Request[Any, Any]:
    """A request as Sanic makes it of the first line."""
    return Request(f"/pick?{query}".encode(), Header({}), "1.1", "GET", None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query, count, kind",
    [
        ("", 5, "a"),
        ("count=2", 2, "a"),
        ("count=9&kind=b", 9, "b"),
        ("count=009", 9, "a"),
        ("unknown=1", 5, "a"),
    ],
)
def test_a_query_is_read(query: str, count: int, kind: str) -> None:
    assert read_query(asked(query), PickQuery) == PickQuery(count=count, kind=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query, field",
    [
        ("count=1", "count"),
        ("count=10", "count"),
        ("count=-3", "count"),
        ("count=%2B3", "count"),
        ("count=3.0", "count"),
        ("count=1_0", "count"),
        ("count=%EF%BC%93", "count"),  # a full-width three
        ("count=" + "3" * 19, "count"),
        ("kind=c", "kind"),
        ("kind=A", "kind"),
    ],
)
def test_a_wrong_query_is_named(query: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as wrong:
        read_query(asked(query), PickQuery)
    assert field in str(wrong.value.evidence)
