"""The description of this server, made of its own routes."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import in_public
from backend.api.described import described
from backend.api.openapi import document
from backend.api.reading import answer

routes = Blueprint("open_document")


class OpenApiTold(TypedDict):
    """An OpenAPI 3.1 document."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    paths: dict[str, dict[str, Any]]
    components: dict[str, dict[str, Any]]


@routes.get("/openapi.json")
@in_public
@described(OpenApiTold)
async def read(request: Request) -> HTTPResponse:
    """200: every route of this server, what it takes and what it answers."""
    ctx = request.app.ctx
    if not hasattr(ctx, "openapi"):  # the routes stand: it is made once a process
        ctx.openapi = document(ctx.own_routes)
    return answer(ctx.openapi)
