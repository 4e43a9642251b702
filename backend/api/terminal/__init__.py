"""Routes under /terminal: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.terminal import (
    announcements,
    enrolments,
    events,
    payments,
    records,
    reversals,
    sessions,
    sync,
    visits,
)

blueprint = Blueprint.group(
    announcements.routes,
    enrolments.routes,
    sessions.routes,
    sync.routes,
    events.routes,
    payments.routes,
    records.routes,
    reversals.routes,
    visits.routes,
    *visits.visitors_routes,
    url_prefix="/terminal",
)
