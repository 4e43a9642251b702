"""Routes under /open, for everybody: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.open import health

blueprint = Blueprint.group(health.routes, url_prefix="/open")
