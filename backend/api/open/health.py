"""Whether the server is well. No secrets, no names."""

from __future__ import annotations

import logging

from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import in_public
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.tables.versions import DENYLIST, DIRECTORY, counter

log = logging.getLogger("xiaoma.health")

routes = Blueprint("open_health")


@routes.get("/health")
@in_public
async def read_health(request: Request) -> HTTPResponse:
    """Database, bus and versions: 200 when money can be taken, 503 when not."""
    parts = parts_of(request)
    try:
        versions = {"denylist": await counter(DENYLIST), "directory": await counter(DIRECTORY)}
        has_database = True
    except Exception:
        log.exception("health: the database does not answer")
        versions, has_database = {}, False
    body = {
        "database": has_database,
        "bus": await parts.bus.is_well(),
        "versions": {**versions, "rules": parts.rules.version},
        "server_at": int(parts.clock()),
    }
    return answer(body, 200 if has_database else 503)
