"""The dashboard: what happens at this moment, once or as a stream."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff, require_still
from backend.api.described import described
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_query
from backend.api.told import At, Day, Fen
from backend.domain.access import Actor
from backend.domain.errors import (
    ForbiddenError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)
from backend.domain.live import RATE_MINUTES, Selling, Severity, Window
from backend.domain.place import ID_MAX
from backend.tables.places import merchants_at
from backend.usecases.live_board import LOOK_SECONDS, LiveView

routes = Blueprint("admin_live")

LISTENERS_MAX = 200
"""Pages one process keeps open; each costs a connection and a look at its session."""
ENDED = b"event: ended\ndata: {}\n\n"

SeverityWord = Literal["now", "soon", "know"]
SellingWord = Literal["online", "offline", "ready", "paused", "silent"]


class LiveCurveTold(TypedDict):
    """Payments a minute from `begins_at` on; last week's goes on for an hour more."""

    begins_at: At
    now: list[int]
    offline: list[int]
    week_ago: list[int]


class LiveTopUpsTold(TypedDict):
    """The business day's top-ups."""

    count: int
    amount_fen: Fen


class LiveDayTold(TypedDict):
    """The business day so far, as it is rolled up every few seconds.

    `top_ups` is null for a part of the school: money is brought in at no place.
    """

    payments: int
    offline_payments: int
    charged_fen: Fen
    top_ups: LiveTopUpsTold | None


class LiveWindowTold(TypedDict):
    """A window that sells. `recent`: taken in the last `rate_minutes` that are over.

    `load_percent`: that rate against its own best minute of the last seven days.
    """

    terminal_id: int
    name: str
    merchant_id: int
    merchant: str
    canteen: str
    group_id: str
    selling: SellingWord
    seen_at: At | None
    score: int | None
    worst: str
    journal_depth: int
    clock_skew_seconds: int
    taken: int
    recent: int
    load_percent: int


class LiveSellingTold(TypedDict):
    """How many windows do what."""

    online: int
    offline: int
    ready: int
    paused: int
    silent: int


class LiveRefusedTold(TypedDict):
    """A reason, and how often terminals refused by it today."""

    reason: str
    count: int


class LiveAlarmTold(TypedDict):
    """Something to look at: now, soon, or to know."""

    kind: str
    severity: SeverityWord
    terminal_id: int | None
    figures: dict[str, int | str]


class LiveTold(TypedDict):
    """One look at everything, at most three seconds old."""

    at: At
    business_on: Day
    period_id: str
    period_zh: str
    period_en: str
    rate_minutes: int
    curve: LiveCurveTold
    day: LiveDayTold
    selling: LiveSellingTold
    windows: list[LiveWindowTold]
    refusals: list[LiveRefusedTold]
    alarms: list[LiveAlarmTold]


class LiveQuery(Shape):
    """The place that is looked at, with all below it; 0: everything within reach."""

    place_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0


@routes.get("/live/now")
@for_staff("live.read", scoped=True)
@described(LiveTold, query=LiveQuery)
async def read(request: Request) -> HTTPResponse:
    """200: one look within reach."""
    place_id = read_query(request, LiveQuery).place_id
    return answer(_told(await _look(parts_of(request), actor_of(request), place_id)))


@routes.get("/live")
@for_staff("live.read", scoped=True)
@described(None, query=LiveQuery, media="text/event-stream")
async def follow(request: Request) -> None:
    """`text/event-stream`: a `look` (as at /live/now) every few seconds.

    It ends with the session or the right (`ended` is its last word) and when the server stops.
    """
    parts, place_id = parts_of(request), read_query(request, LiveQuery).place_id
    await merchants_at(actor_of(request), place_id)  # an unknown place is told before the stream
    if parts.live.listeners >= LISTENERS_MAX:
        raise UnavailableError(
            "too_many_listeners",
            zh="同时打开的看板太多，请稍后再试。",
            en="Too many dashboards are open; try again later.",
        )
    parts.live.listeners += 1
    try:
        response = await request.respond(
            content_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
        while not parts.stopping.is_set():
            try:
                actor = await require_still(request, "live.read")
                view = await _look(parts, actor, place_id)
            except (UnauthenticatedError, ForbiddenError, NotFoundError):
                await response.send(ENDED)
                break
            await response.send(_event(view))
            await _pause(parts)
        await response.eof()
    finally:
        parts.live.listeners -= 1


async def _look(parts: Parts, actor: Actor, place_id: int) -> LiveView:
    return await parts.live.look(await merchants_at(actor, place_id))


async def _pause(parts: Parts) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await parts.stopping.wait()
    except TimeoutError:
        return


def _event(view: LiveView) -> bytes:
    return b"event: look\ndata: " + orjson.dumps(_told(view)) + b"\n\n"


def _told(view: LiveView) -> LiveTold:
    day, curve = view.day, view.curve
    return {
        "at": view.at,
        "business_on": view.business_on,
        "period_id": view.period_id,
        "period_zh": view.period_names[0],
        "period_en": view.period_names[1],
        "rate_minutes": RATE_MINUTES,
        "curve": {
            "begins_at": curve.begins_at,
            "now": list(curve.now),
            "offline": list(curve.offline),
            "week_ago": list(curve.week_ago),
        },
        "day": {
            "payments": day.payments,
            "offline_payments": day.offline_payments,
            "charged_fen": day.charged_fen,
            "top_ups": _top_ups(view),
        },
        "selling": {
            "online": view.selling[Selling.ONLINE],
            "offline": view.selling[Selling.OFFLINE],
            "ready": view.selling[Selling.READY],
            "paused": view.selling[Selling.PAUSED],
            "silent": view.selling[Selling.SILENT],
        },
        "windows": [_window(window, view.at) for window in view.windows],
        "refusals": [{"reason": reason, "count": count} for reason, count in view.refusals],
        "alarms": [
            {
                "kind": alarm.kind,
                "severity": _severity(alarm.severity),
                "terminal_id": alarm.terminal_id,
                "figures": dict(alarm.figures),
            }
            for alarm in view.alarms
        ],
    }


def _top_ups(view: LiveView) -> LiveTopUpsTold | None:
    if view.top_ups is None:
        return None
    return {"count": view.top_ups.credited, "amount_fen": view.top_ups.amount_fen}


def _window(window: Window, at: int) -> LiveWindowTold:
    return {
        "terminal_id": window.terminal_id,
        "name": window.name,
        "merchant_id": window.merchant_id,
        "merchant": window.merchant,
        "canteen": window.canteen,
        "group_id": window.group_id,
        "selling": window.selling(at).value,
        "seen_at": window.seen_at,
        "score": window.score,
        "worst": str(window.readiness.get("worst", "")),
        "journal_depth": window.journal_depth,
        "clock_skew_seconds": window.clock_skew_seconds,
        "taken": window.taken,
        "recent": window.recent,
        "load_percent": window.load_percent,
    }


def _severity(severity: Severity) -> SeverityWord:
    return severity.value
