"""The files of a page: read once when the program starts, and only those that are named."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KINDS: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def file_routes(folder: Traversable, names: Mapping[str, str]) -> list[Route]:
    """A route for each path in `names`, answering with that file of the folder."""
    return [_route(path, folder.joinpath(name)) for path, name in names.items()]


def _route(path: str, file: Traversable) -> Route:
    content = file.read_bytes()
    kind = KINDS[file.name.rpartition(".")[2]]

    async def answer(_request: Request) -> Response:
        return Response(content, media_type=kind)

    return Route(path, answer)
