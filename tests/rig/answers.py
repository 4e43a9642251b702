"""Every JSON answer held against the server's own description: a lying one fails its test.

So does a description of the body: what the server took must be what the document asks for.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any, Self

import httpx
from jsonschema import Draft202012Validator

from backend.api.app import server_document

JSON = "application/json"
ERROR = {"schema": {"$ref": "#/components/schemas/ErrorTold"}}
NO_ROUTE = {"responses": {"default": {"content": {JSON: ERROR}}}}


class Answers:
    """What a document promises; stricter than it: nothing that it does not name may be there."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._components = closed(described["components"])
        self._paths = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), operations)
            # what a path says itself comes before what it leaves open: `/cases/export` first
            for path, operations in sorted(described["paths"].items(), key=_open_parts)
        ]

    @classmethod
    @functools.cache
    def of_server(cls) -> Self:
        """What the server of this tree promises."""
        return cls(server_document())

    async def check(self, response: httpx.Response) -> None:
        """Fail unless the answer is what its route is described to give. For httpx's own hook."""
        request, status = response.request, response.status_code
        route = f"{request.method} {request.url.path}"
        operation = self.operation(request)
        responses = operation["responses"]
        told = responses.get(str(status), responses["default"]).get("content", {"": {}})
        said = response.headers.get("content-type", "").split(";")[0]
        assert said in told, f"{route} answers {said}, not {list(told)}"
        if said == JSON:
            await response.aread()
            wrong = self.faults(told[JSON]["schema"], response.json())
            assert not wrong, f"{route} {status}: {wrong}"
        body = operation.get("requestBody", {})
        asked = body.get("content", {}).get(JSON)
        is_sent = bool(request.content) or body.get("required", True)
        if asked is not None and is_sent and response.is_success:
            wrong = self.faults(asked["schema"], json.loads(request.content))
            assert not wrong, f"{route} took what it is not described to take: {wrong}"

    def operation(self, request: httpx.Request) -> dict[str, Any]:
        """What the document says of a request; errors only for what is no route."""
        for pattern, operations in self._paths:
            if pattern.fullmatch(request.url.path) and request.method.lower() in operations:
                found: dict[str, Any] = operations[request.method.lower()]
                return found
        return NO_ROUTE

    def faults(self, schema: dict[str, Any], value: object) -> list[str]:
        """What is wrong with a value, by place."""
        whole = {**schema, "components": self._components}
        found = Draft202012Validator(whole).iter_errors(value)
        return [f"{one.json_path}: {one.message}" for one in found]


def _open_parts(item: tuple[str, Any]) -> int:
    return item[0].count("{")


def closed(node: Any) -> Any:
    """The same schemas, which forbid what they do not name."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: closed(value) for key, value in node.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made
