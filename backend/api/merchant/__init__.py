"""Routes under /merchant: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.merchant import takings

blueprint = Blueprint.group(takings.routes, url_prefix="/merchant")
