"""Routes under /staff: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.staff import cardholders, cards, corrections, sessions

blueprint = Blueprint.group(
    sessions.routes,
    cardholders.routes,
    cards.routes,
    corrections.routes,
    url_prefix="/staff",
)
