"""What is for everybody. Routes under /open: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.open import document, health, invited

blueprint = Blueprint.group(
    Blueprint.group(health.routes, url_prefix="/open"),
    document.routes,
    invited.routes,
)
