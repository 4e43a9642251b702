"""Every JSON answer held against the server's own description: a lying one fails its test."""

from __future__ import annotations

import functools
import re
from typing import Any, Self

import httpx
from jsonschema import Draft202012Validator

from backend.api.app import server_document

JSON = "application/json"
ERROR = {"$ref": "#/components/schemas/ErrorTold"}


class Answers:
    """What a document promises; stricter than it: nothing that it does not name may be there."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._components = closed(described["components"])
        self._paths = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), operations)
            for path, operations in described["paths"].items()
        ]

    @classmethod
    @functools.cache
    def of_server(cls) -> Self:
        """What the server of this tree promises."""
        return cls(server_document())

    async def check(self, response: httpx.Response) -> None:
        """Fail unless the answer is what its route is described to give. For httpx's own hook."""
        request = response.request
        told = self.promised(request.method, request.url.path, response.status_code)
        said = response.headers.get("content-type", "").split(";")[0]
        assert said in told, f"{request.method} {request.url.path} answers {said}, not {list(told)}"
        if said == JSON:
            await response.aread()
            wrong = self.complaints(told[JSON], response.json())
            assert not wrong, f"{request.method} {request.url.path} {response.status_code}: {wrong}"

    def promised(self, method: str, path: str, status: int) -> dict[str, Any]:
        """Media type → schema of an answer; an error for what is no route."""
        for pattern, operations in self._paths:
            if pattern.fullmatch(path) and method.lower() in operations:
                responses = operations[method.lower()]["responses"]
                content = responses.get(str(status), responses["default"])["content"]
                return {media: one["schema"] for media, one in content.items()}
        return {JSON: ERROR}

    def complaints(self, schema: dict[str, Any], value: object) -> list[str]:
        """What is wrong with a value, by place."""
        whole = {**schema, "components": self._components}
        found = Draft202012Validator(whole).iter_errors(value)
        return [f"{one.json_path}: {one.message}" for one in found]


def closed(node: Any) -> Any:
    """The same schemas, which forbid what they do not name."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: closed(value) for key, value in node.items()}
    if made.get("type") == "object":
        made.setdefault("additionalProperties", "patternProperties" in made)
    return made
