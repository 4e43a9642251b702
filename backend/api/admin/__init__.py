"""Routes under /admin: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.admin import (
    announcements,
    appointments,
    bills,
    books,
    dead_letters,
    denylists,
    differences,
    doors,
    drills,
    epochs,
    exports,
    live,
    merchants,
    places,
    rollouts,
    roster,
    rules,
    rules_drafts,
    rules_versions,
    settlements,
    staff,
    taps,
    terminals,
)

blueprint = Blueprint.group(
    announcements.routes,
    appointments.routes,
    bills.routes,
    books.routes,
    dead_letters.routes,
    denylists.routes,
    differences.routes,
    doors.routes,
    drills.routes,
    epochs.routes,
    exports.routes,
    live.routes,
    merchants.routes,
    places.routes,
    roster.routes,
    rollouts.routes,
    rules.routes,
    rules_drafts.routes,
    rules_versions.routes,
    settlements.routes,
    staff.routes,
    taps.routes,
    terminals.routes,
    url_prefix="/admin",
)
