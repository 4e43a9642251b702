"""Routes under /guardian: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.guardian import (
    addresses,
    bindings,
    children,
    freezes,
    limits,
    sessions,
    subscriptions,
    top_ups,
)

blueprint = Blueprint.group(
    addresses.routes,
    bindings.routes,
    children.routes,
    freezes.routes,
    limits.routes,
    sessions.routes,
    subscriptions.routes,
    top_ups.routes,
    url_prefix="/guardian",
)
