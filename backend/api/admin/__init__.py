"""Routes under /admin: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.admin import (
    bills,
    books,
    dead_letters,
    differences,
    doors,
    epochs,
    merchants,
    roster,
    rules,
    settlements,
    staff,
    terminals,
)

blueprint = Blueprint.group(
    bills.routes,
    books.routes,
    dead_letters.routes,
    differences.routes,
    doors.routes,
    epochs.routes,
    merchants.routes,
    roster.routes,
    rules.routes,
    settlements.routes,
    staff.routes,
    terminals.routes,
    url_prefix="/admin",
)
