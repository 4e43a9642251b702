"""The whole server as one OpenAPI 3.1 document, made of what its routes say about themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from backend.api.described import (
    JSON,
    Description,
    DescriptionError,
    ErrorTold,
    description_of,
)

OPENAPI_VERSION = "3.1.0"
API_VERSION = "0.1.0"
REFERENCE = "#/components/schemas/{model}"
PARAMETER = re.compile(r"<(\w+)(?::(\w+))?>")
STATUS = re.compile(r"^\d{3}: ")
"""How some docstrings begin; the document says statuses in their own place."""
TYPES = {
    "int": {"type": "integer", "format": "int64"},
    "str": {"type": "string"},
    "": {"type": "string"},
}

TAGS = {
    "open": "所有人 · everybody",
    "student": "持卡人本人的手机 · a cardholder's own phone",
    "guardian": "家长的手机 · a guardian's phone",
    "staff": "卡务中心 · the card office",
    "terminal": "终端 · terminals",
    "merchant": "商户 · merchants",
    "webhooks": "合作方的通知 · partners tell us",
    "admin": "管理 · the administration",
}

SCHEMES: dict[str, dict[str, str]] = {
    **{
        audience: {"type": "http", "scheme": "bearer", "description": TAGS[audience]}
        for audience in ("student", "guardian", "staff")
    },
    "terminal": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Terminal",
        "description": "终端会话 · the session of an enrolled terminal",
    },
    "mac": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Mac",
        "description": "HMAC-SHA-256 in hex by the session's key: `METHOD\\npath?query\\n` + body",
    },
}

NEEDED: dict[str, tuple[str, ...]] = {
    "in_public": (),
    "for_student": ("student",),
    "for_guardian": ("guardian",),
    "for_staff": ("staff",),
    "for_any_staff": ("staff",),
    "for_terminal": ("terminal", "mac"),
    "for_terminal_with_staff": ("terminal", "mac", "staff"),
    "for_visit": ("terminal", "mac"),
}
"""Rule of access → the schemes a request must satisfy, all of them."""


class Route(Protocol):
    """What we ask of one of Sanic's routes."""

    @property
    def path(self) -> str:
        """Without the first slash; `<name:type>` where it names something."""

    @property
    def methods(self) -> Collection[str]:
        """GET, POST …"""

    @property
    def handler(self) -> Any:  # noqa: ANN401 - Sanic's own type
        """The function, with what was said of it."""


class _Schemas(GenerateJsonSchema):
    """Schemas without a title on every field, and bytes as the base64 text they travel as."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        return False

    def bytes_schema(self, schema: object) -> JsonSchemaValue:  # noqa: ARG002
        return {"type": "string", "contentEncoding": "base64"}


def require_descriptions(routes: Iterable[Route]) -> None:
    """Refuse routes that say nothing of themselves. Raises DescriptionError."""
    for route in routes:
        _described(route)


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Describe routes, in an order of their own.

    Raises DescriptionError when one is not described, or two types share a name.
    """
    routes = sorted(routes, key=lambda route: (route.path, sorted(route.methods)))
    schemas = _Components([_described(route) for route in routes])
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = PARAMETER.sub(r"{\1}", f"/{route.path}")
        for method in sorted(route.methods):
            paths.setdefault(path, {})[method.lower()] = _operation(route, method, schemas)
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": "校码 Xiaoma",
            "version": API_VERSION,
            "description": (
                "开放校园卡的服务器。金额以分计，时间为 Unix 秒。"
                " · The open campus card's server. Amounts are fen, times are Unix seconds."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": said} for name, said in TAGS.items()],
        "paths": paths,
        "components": {"schemas": schemas.definitions, "securitySchemes": SCHEMES},
    }


class _Components:
    """The schema of every body and answer, each type once and under its own name."""

    def __init__(self, descriptions: list[Description]) -> None:
        modes: dict[Any, JsonSchemaMode] = {ErrorTold: "serialization"}
        for one in descriptions:
            modes |= {one.answer: "serialization"} if one.answer is not None else {}
            modes |= {one.body: "validation"} if one.body is not None else {}
            modes |= {one.wrong: "serialization"}
        made, definitions = TypeAdapter.json_schemas(
            [(str(kind), mode, TypeAdapter(kind)) for kind, mode in modes.items()],
            ref_template=REFERENCE,
            schema_generator=_Schemas,
        )
        self._made = {kind: made[str(kind), mode] for kind, mode in modes.items()}
        named = definitions.get("$defs", {})
        for name in named:
            if "__" in name:  # pydantic's way of telling two apart
                raise DescriptionError(f"two types share a name: {name}")
        self.definitions = {name: _tidied(named[name]) for name in sorted(named)}

    def of(self, kind: object) -> dict[str, Any]:
        """Where a type's schema stands, or its own schema when it has no name."""
        schema: dict[str, Any] = _tidied(self._made[kind])
        return schema


def _described(route: Route) -> Description:
    description = description_of(route.handler)
    if description is None:
        raise DescriptionError(f"/{route.path} does not say what it takes and answers")
    return description


def _operation(route: Route, method: str, schemas: _Components) -> dict[str, Any]:
    description = _described(route)
    said = STATUS.sub("", inspect.getdoc(route.handler) or "")
    if not said:
        raise DescriptionError(f"/{route.path} has no docstring")
    summary = " ".join(said.split("\n\n")[0].split())
    words = re.findall(r"\w+", PARAMETER.sub(r"\1", route.path))
    made: dict[str, Any] = {
        "operationId": "_".join([method.lower(), *words]),
        "tags": [_tag(words[0], route)],
        "summary": summary,
        **({} if summary == said else {"description": said}),
        "security": _security(route),
        "responses": dict(_responses(description, schemas)),
    }
    parameters = [*_path_parameters(route), *_query_parameters(description.query)]
    if parameters:
        made["parameters"] = parameters
    if description.body is not None:
        needed = any(field.is_required() for field in description.body.model_fields.values())
        made["requestBody"] = _body(JSON, schemas.of(description.body), is_required=needed)
    elif description.takes:
        made["requestBody"] = _body(
            description.takes, {"type": "object"} if description.takes == JSON else {}
        )
    return made


def _tag(folder: str, route: Route) -> str:
    if folder in TAGS:
        return folder
    if _rule(route) == ("in_public", ""):
        return "open"
    raise DescriptionError(f"/{route.path}: {folder!r} is no audience of TAGS")


def _rule(route: Route) -> tuple[str, str]:
    rule, _, verb = str(getattr(route.handler, "access_rule", "")).partition(" ")
    return rule, verb


def _security(route: Route) -> list[dict[str, list[str]]]:
    rule, verb = _rule(route)
    if rule not in NEEDED:
        raise DescriptionError(f"/{route.path}: nobody knows the access rule {rule!r}")
    return [{scheme: [verb] if verb else [] for scheme in NEEDED[rule]}] if NEEDED[rule] else []


def _responses(description: Description, schemas: _Components) -> Iterator[tuple[str, Any]]:
    medias = (description.media,) if isinstance(description.media, str) else description.media
    if description.answer is None:
        said, content = " or ".join(medias), {"schema": {"type": "string"}}
    else:
        said = inspect.getdoc(description.answer) or "one of these"
        content = {"schema": schemas.of(description.answer)}
    for status in (description.status, *description.also):
        if description.media:
            found = dict.fromkeys(medias, content)
            yield str(status), {"description": said, "content": found}
        else:
            yield str(status), {"description": "done, without a body"}
    wrong = {JSON: {"schema": schemas.of(description.wrong)}}
    yield "default", {"description": inspect.getdoc(description.wrong), "content": wrong}


def _body(media: str, schema: dict[str, Any], *, is_required: bool = True) -> dict[str, Any]:
    return {"required": is_required, "content": {media: {"schema": schema}}}


def _path_parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name, kind in PARAMETER.findall(route.path):
        if kind not in TYPES:
            raise DescriptionError(f"/{route.path}: {name} is neither a number nor a word")
        yield {"name": name, "in": "path", "required": True, "schema": TYPES[kind]}


def _query_parameters(shape: type[BaseModel] | None) -> Iterator[dict[str, Any]]:
    if shape is None:
        return
    schema = _tidied(shape.model_json_schema(schema_generator=_Schemas))
    if "$defs" in schema:
        raise DescriptionError(f"{shape.__name__}: a query is made of numbers and words only")
    for name, field in schema["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": field}


def _tidied(node: Any) -> Any:  # noqa: ANN401 - JSON as it comes
    """The same schema without titles, with a width for integers and bounds of text for bytes."""
    if isinstance(node, list):
        return [_tidied(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _tidied(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }
    if made.get("type") == "integer":
        made.setdefault("format", "int64")
    if "contentEncoding" in made:
        for bound in {"minLength", "maxLength"} & made.keys():
            made[bound] = -(-made[bound] // 3) * 4
    return made
