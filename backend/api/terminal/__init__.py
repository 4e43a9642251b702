"""Routes under /terminal: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.terminal import (
    announcements,
    door_events,
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
    door_events.routes,
    reversals.routes,
    visits.routes,
    *visits.visitors_routes,
    url_prefix="/terminal",
)
