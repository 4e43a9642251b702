"""Routes under /staff: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.staff import cardholders, cards, sessions

blueprint = Blueprint.group(sessions.routes, cardholders.routes, cards.routes, url_prefix="/staff")
