"""Routes under /student: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.student import (
    addresses,
    bindings,
    card,
    disputes,
    guardians,
    leaving,
    limits,
    passages,
    sessions,
    spending,
    subscriptions,
    top_ups,
    windows,
)

blueprint = Blueprint.group(
    addresses.routes,
    bindings.routes,
    card.own_routes,
    card.routes,
    disputes.routes,
    guardians.routes,
    limits.routes,
    leaving.routes,
    passages.routes,
    sessions.routes,
    spending.routes,
    subscriptions.routes,
    top_ups.routes,
    windows.routes,
    url_prefix="/student",
)
