"""Whether the server is well. No secrets, no names."""

from __future__ import annotations

import logging
from typing import NotRequired

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import in_public
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.api.told import At
from backend.tables.versions import DENYLIST, DIRECTORY, counter

log = logging.getLogger("xiaoma.health")

routes = Blueprint("open_health")


class HealthVersionsTold(TypedDict):
    """The newest version of each; what only the database knows is missing when it is away."""

    rules: int
    denylist: NotRequired[int]
    directory: NotRequired[int]


class HealthTold(TypedDict):
    """Whether the parts are well, and the server's time."""

    database: bool
    bus: bool
    versions: HealthVersionsTold
    server_at: At


@routes.get("/health")
@in_public
@described(HealthTold, also=(503,))
async def read_health(request: Request) -> HTTPResponse:
    """Database, bus and versions: 200 when money can be taken, 503 when not."""
    parts = parts_of(request)
    versions: HealthVersionsTold = {"rules": parts.rules.version}
    try:
        versions |= {"denylist": await counter(DENYLIST), "directory": await counter(DIRECTORY)}
        has_database = True
    except Exception:
        log.exception("health: the database does not answer")
        has_database = False
    body: HealthTold = {
        "database": has_database,
        "bus": await parts.bus.is_well(),
        "versions": versions,
        "server_at": int(parts.clock()),
    }
    return answer(body, 200 if has_database else 503)
