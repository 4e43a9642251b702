"""Routes under /terminal: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.terminal import enrolments, events, sessions, sync

blueprint = Blueprint.group(
    enrolments.routes,
    sessions.routes,
    sync.routes,
    events.routes,
    url_prefix="/terminal",
)
