"""The document: valid, whole, the same each time, and made of what the routes really do."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Callable, Coroutine, Iterator
from typing import Annotated, Any, Literal

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import Field, create_model
from sanic import Blueprint, HTTPResponse, Request, Sanic

from backend.api.access import for_student, in_public
from backend.api.app import App, build_app, lay_out, server_document
from backend.api.described import DescriptionError, NothingTold, described
from backend.api.openapi import API_VERSION, document, require_descriptions
from backend.api.reading import Base64, Shape, answer
from tests.rig.office import Office
from tests.tidy.sources import ROOT

_numbers = itertools.count(1)


@pytest.fixture
def app() -> Iterator[App]:
    """The server's routes."""
    made = lay_out(f"document-{next(_numbers)}")
    yield made
    Sanic.unregister_app(made)


@pytest.fixture
def whole(app: App) -> dict[str, Any]:
    """The server's document."""
    return document(app.ctx.own_routes)


def operations(whole: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in whole["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_valid_openapi(whole: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(whole).validate()
    assert whole["openapi"].startswith("3.1")
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert whole["info"]["version"] == API_VERSION == pyproject["project"]["version"]


def test_every_route_is_in_it_and_nothing_else(app: App, whole: dict[str, Any]) -> None:
    routed = {
        (method.lower(), "/" + re.sub(r"<(\w+):\w+>", r"{\1}", route.path))
        for route in app.router.routes
        for method in route.methods
    }
    assert {(method, path) for method, path, _ in operations(whole)} == routed
    assert len(routed) > 50
    names = [operation["operationId"] for _, _, operation in operations(whole)]
    assert len(names) == len(set(names))


def test_it_is_the_same_each_time(whole: dict[str, Any]) -> None:
    assert json.dumps(server_document()) == json.dumps(whole)


def test_who_may_call_stands_beside_each_route(app: App, whole: dict[str, Any]) -> None:
    said = {(method, path): one["security"] for method, path, one in operations(whole)}
    assert said["get", "/open/health"] == []
    assert said["get", "/student/card"] == [{"student": []}]
    assert said["post", "/staff/lookups"] == [{"staff": ["cardholders.read within reach"]}]
    assert said["get", "/staff/endings"] == [{"staff": ["cards.read"]}]
    assert said["post", "/terminal/sync"] == [{"terminal": [], "mac": []}]
    public = {route.path for route in app.router.routes
              if route.handler.access_rule == "in_public"}  # fmt: skip
    assert {path[1:] for (_, path), needed in said.items() if not needed} == public


def test_every_audience_has_a_tag_and_every_answer_a_name(whole: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in whole["tags"]}
    for _, path, operation in operations(whole):
        assert set(operation["tags"]) <= tags
        assert path.startswith(f"/{operation['tags'][0]}") or operation["security"] == []
        assert operation["summary"]
        assert "default" in operation["responses"]
    names = whole["components"]["schemas"]
    assert all(one.get("description") for name, one in names.items() if name.endswith("Told"))


def test_numbers_are_wide_and_everything_told_is_there(whole: dict[str, Any]) -> None:
    card = whole["components"]["schemas"]["CardTold"]
    assert card["properties"]["spent_fen"] == {
        "type": "integer",
        "format": "int64",
        "description": "fen · 分",
    }
    assert set(card["required"]) == set(card["properties"])
    assert '"int32"' not in json.dumps(whole)
    assert '"title": "' not in json.dumps(whole["components"])


async def test_what_only_some_servers_have_is_in_no_document(office: Office) -> None:
    also = Blueprint("also", url_prefix="/also")
    also.add_route(in_public(described(None, media="text/html")(bare())), "/<name:path>")
    app = build_app(office.parts, f"document-{next(_numbers)}", (also,))
    try:
        assert document(app.ctx.own_routes) == server_document()
        assert [route for route in app.router.routes if route.path.startswith("also")]
    finally:
        Sanic.unregister_app(app)


async def test_an_app_with_a_silent_route_is_not_built(office: Office) -> None:
    also = Blueprint("silent", url_prefix="/silent")
    also.add_route(in_public(bare()), "/sample")
    name = f"document-{next(_numbers)}"
    with pytest.raises(DescriptionError, match="/silent/sample"):
        build_app(office.parts, name, (also,))
    Sanic.unregister_app(Sanic.get_app(name))


async def test_the_server_tells_it_to_everybody(office: Office, whole: dict[str, Any]) -> None:
    first = await office.http.get("/openapi.json")
    assert (first.status_code, first.json()) == (200, whole)
    assert (await office.http.get("/openapi.json")).json() == whole


# ------------------------------------------------------------------- what it refuses


class KeyShape(Shape):
    """A key, and how many."""

    key: Annotated[Base64, Field(min_length=32, max_length=32)]
    count: int


class PickQuery(Shape):
    """What to pick."""

    count: Annotated[int, Field(ge=2, le=9)] = 5
    kind: Literal["a", "b"] = "a"


def described_by(handler: Callable[..., Any], path: str = "/open/sample") -> dict[str, Any]:
    app: App = Sanic(f"sample-{next(_numbers)}", configure_logging=False)
    app.add_route(handler, path, methods=["POST"])
    try:
        return document(app.router.routes)
    finally:
        Sanic.unregister_app(app)


Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def bare(said: str = "Do it.") -> Handler:
    """A handler nobody has said anything of."""

    async def handler(_request: Request) -> HTTPResponse:
        return answer({})

    handler.__doc__ = said
    return handler


def test_bytes_travel_as_text() -> None:
    whole = described_by(in_public(described(NothingTold, body=KeyShape)(bare())))
    key = whole["components"]["schemas"]["KeyShape"]["properties"]["key"]
    assert key == {
        "type": "string", "contentEncoding": "base64", "minLength": 44, "maxLength": 44,
    }  # fmt: skip


def test_a_query_is_told_with_its_bounds() -> None:
    whole = described_by(in_public(described(NothingTold, query=PickQuery)(bare())))
    count, kind = whole["paths"]["/open/sample"]["post"]["parameters"]
    assert (count["name"], count["in"], count["required"]) == ("count", "query", False)
    assert {"minimum": 2, "maximum": 9, "default": 5}.items() <= count["schema"].items()
    assert kind["schema"]["enum"] == ["a", "b"]


@pytest.mark.parametrize(
    "handler, path, why",
    [
        (in_public(bare()), "/open/sample", "what it takes and answers"),
        (in_public(described(NothingTold)(bare(""))), "/open/sample", "no docstring"),
        (described(NothingTold)(bare()), "/open/sample", "access rule"),
        (for_student(described(NothingTold)(bare())), "/nowhere/sample", "no audience"),
        (
            in_public(described(NothingTold)(bare())),
            "/open/<when:ymd>",
            "neither a number nor a word",
        ),
    ],
)
def test_a_route_that_cannot_be_described_is_refused(
    handler: Callable[..., Any], path: str, why: str
) -> None:
    with pytest.raises(DescriptionError, match=why):
        described_by(handler, path)


def test_a_description_above_the_access_rule_is_refused() -> None:
    with pytest.raises(DescriptionError, match="below the access rule"):
        described(NothingTold)(in_public(bare()))


def test_two_types_of_one_name_are_refused() -> None:
    other = create_model("KeyShape", __base__=Shape, width=(int, ...))
    with pytest.raises(DescriptionError, match="share a name"):
        described_by(in_public(described(KeyShape | other)(bare())))


def test_a_route_without_a_description_is_refused(app: App) -> None:
    require_descriptions(app.router.routes)
    app.add_route(in_public(bare()), "/open/sample")
    with pytest.raises(DescriptionError, match="/open/sample"):
        require_descriptions(app.router.routes)
