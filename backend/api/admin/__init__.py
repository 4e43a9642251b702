"""Routes under /admin: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.admin import roster, staff

blueprint = Blueprint.group(
    roster.routes,
    staff.routes,
    url_prefix="/admin",
)
