"""Routes under /admin: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.admin import (
    announcements,
    appointments,
    bills,
    books,
    days,
    dead_letters,
    denylists,
    differences,
    doors,
    drills,
    epochs,
    exports,
    ledger_lists,
    merchants,
    places,
    remittances,
    reports,
    roster,
    rules,
    settlements,
    staff,
    suspense,
    terminals,
)

blueprint = Blueprint.group(
    announcements.routes,
    appointments.routes,
    bills.routes,
    books.routes,
    days.routes,
    dead_letters.routes,
    denylists.routes,
    differences.routes,
    doors.routes,
    drills.routes,
    epochs.routes,
    exports.routes,
    ledger_lists.routes,
    merchants.routes,
    places.routes,
    remittances.routes,
    reports.routes,
    roster.routes,
    rules.routes,
    settlements.routes,
    staff.routes,
    suspense.routes,
    terminals.routes,
    url_prefix="/admin",
)
