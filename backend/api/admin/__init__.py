"""Routes under /admin: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.admin import books, epochs, roster, rules, staff, terminals

blueprint = Blueprint.group(
    books.routes,
    epochs.routes,
    roster.routes,
    rules.routes,
    staff.routes,
    terminals.routes,
    url_prefix="/admin",
)
