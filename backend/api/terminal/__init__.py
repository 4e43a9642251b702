"""Routes under /terminal: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.terminal import (
    door_events,
    enrolments,
    events,
    payments,
    records,
    reversals,
    sessions,
    sync,
)

blueprint = Blueprint.group(
    enrolments.routes,
    sessions.routes,
    sync.routes,
    events.routes,
    payments.routes,
    records.routes,
    door_events.routes,
    reversals.routes,
    url_prefix="/terminal",
)
