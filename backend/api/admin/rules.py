"""The rules bundle, as the office sees it."""

from __future__ import annotations

from typing import Any

import orjson
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.api.told import At
from backend.domain.errors import NotFoundError
from backend.tables.rollouts import rules_in_force
from backend.usecases.rules.publish_rules import publish_rules

routes = Blueprint("admin_rules")


class RulesTold(TypedDict):
    """The bundle in force, as it was published; docs/code-format.md says what is in it."""

    version: int
    published_at: At
    published_by: str
    bundle: dict[str, Any]


class RulesVersionTold(TypedDict):
    """The version that is now in force."""

    version: int


@routes.get("/rules")
@for_staff("rules.read", scoped=True)
@described(RulesTold)
async def read(_request: Request) -> HTTPResponse:
    """200: the bundle in force, who published it and when."""
    row = await rules_in_force()
    if row is None:
        raise NotFoundError("no_rules", zh="还没有发布规则。", en="No rules are published yet.")
    body: RulesTold = {
        "version": row.version,
        "published_at": int(row.published_at.timestamp()),
        "published_by": row.published_by,
        "bundle": orjson.loads(row.body),
    }
    return answer(body)


@routes.post("/rules")
@for_staff("rules.publish")
@described(RulesVersionTold, status=201, takes="application/json")
async def create(request: Request) -> HTTPResponse:
    """201: the body, a whole bundle whose version is the newest plus one, is in force."""
    parts = parts_of(request)
    bundle = await publish_rules(
        request.body or b"",
        published_by=actor_of(request).label,
        at=parts.clock(),
        bus=parts.bus,
    )
    await parts.rules.refresh()
    body: RulesVersionTold = {"version": bundle.version}
    return answer(body, 201)
