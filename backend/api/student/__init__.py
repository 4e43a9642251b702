"""Routes under /student: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.student import bindings, card, freezes

blueprint = Blueprint.group(bindings.routes, card.routes, freezes.routes, url_prefix="/student")
