"""Routes under /staff: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.staff import (
    cardholders,
    cards,
    corrections,
    disputes,
    emergency_codes,
    guardians,
    sessions,
)

blueprint = Blueprint.group(
    sessions.routes,
    cardholders.routes,
    cards.routes,
    corrections.routes,
    disputes.routes,
    emergency_codes.routes,
    guardians.routes,
    url_prefix="/staff",
)
