"""Routes under /staff: add a module here, and its `routes` to the group."""

from __future__ import annotations

from sanic import Blueprint

from backend.api.staff import (
    card_requests,
    cardholders,
    cards,
    chips,
    corrections,
    credits,  # noqa: A004 - a module of ours
    disputes,
    doors,
    drawers,
    emergency_codes,
    endings,
    evidence,
    guardians,
    leavings,
    list_exports,
    own_access,
    people,
    person,
    refunds,
    sessions,
    top_ups,
)

blueprint = Blueprint.group(
    sessions.routes,
    cardholders.routes,
    card_requests.routes,
    cards.routes,
    chips.routes,
    corrections.routes,
    credits.routes,
    disputes.routes,
    doors.routes,
    drawers.routes,
    emergency_codes.routes,
    evidence.routes,
    endings.routes,
    guardians.routes,
    leavings.routes,
    list_exports.routes,
    own_access.routes,
    people.routes,
    person.routes,
    refunds.routes,
    top_ups.routes,
    url_prefix="/staff",
)
