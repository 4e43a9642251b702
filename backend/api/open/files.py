"""Files of a built page, given out of one folder: by their names' ends, and never from outside."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

from sanic import HTTPResponse

from backend.domain.errors import NotFoundError

INDEX = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What may be served at all, by the end of its name."""

SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""One step of a path: it neither begins with a dot nor holds anything a file system reads."""


async def give_file(folder: Path, name: str, headers: Mapping[str, str]) -> HTTPResponse:
    """One file below the resolved `folder`. Raises NotFoundError for everything else."""
    path = _find(folder, name)
    kind = TYPES[path.suffix]
    content = await asyncio.to_thread(path.read_bytes)
    return HTTPResponse(content, content_type=kind, headers=dict(headers))


def page_headers(policy: Mapping[str, str]) -> dict[str, str]:
    """What the browser is told of a page: whom it may ask and show, and to keep nothing."""
    return {
        "content-security-policy": "; ".join(f"{name} {said}" for name, said in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }


def _find(folder: Path, name: str) -> Path:
    steps = name.split("/")
    path = folder.joinpath(*steps) if all(SEGMENT.fullmatch(step) for step in steps) else None
    if (
        path is None
        or path.suffix not in TYPES
        or not path.is_file()
        or not path.resolve().is_relative_to(folder)  # a link that leads out
    ):
        raise NotFoundError(
            "no_such_path", zh="没有这个地址。", en="There is nothing at this address."
        )
    return path
