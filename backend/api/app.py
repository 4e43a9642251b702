"""One Sanic from parts: routes, errors, the rule that every route has a rule, and the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from sanic import Blueprint, Sanic

from backend.api import (
    admin,
    guardian,
    merchant,
    open,  # noqa: A004 - a folder
    staff,
    student,
    terminal,
    webhooks,
)
from backend.api.access import require_rules
from backend.api.errors import register_errors
from backend.api.following import follow
from backend.api.openapi import document, require_descriptions
from backend.api.parts import Parts
from backend.api.reading import whole_number
from backend.usecases.event_hub import EventHub

AUDIENCES = (open, student, guardian, staff, terminal, merchant, admin, webhooks)

BODY_BYTES_MAX = 8 * 1024 * 1024
"""The largest body any route takes (a roster); each shape has its own smaller limit."""
GRACE_SECONDS = 10.0
"""How long answers under way may take once the server has been asked to stop."""

GOODBYE_SECONDS_MAX = 2.0
GOODBYE_PAUSE_SECONDS = 0.05
"""A setting of the app, for a caller that ends connections itself."""

App = Sanic[Any, Any]
PartsFactory = Callable[[], AbstractAsyncContextManager[Parts]]


def lay_out(name: str) -> App:
    """Make an app that has the routes and nothing else: enough to describe them."""
    app = Sanic(name, configure_logging=False)
    app.router.register_pattern("int", whole_number, r"\d+")  # Sanic's own takes 9 ** 99 and 1_0
    for audience in AUDIENCES:
        app.blueprint(audience.blueprint)
    app.ctx.own_routes = tuple(app.router.routes)
    return app


def server_document() -> dict[str, Any]:
    """Describe this server without starting it: what GET /openapi.json will answer."""
    app = lay_out("described")
    try:
        return document(app.ctx.own_routes)
    finally:
        Sanic.unregister_app(app)


def build_app(parts: Parts | PartsFactory, name: str, also: Sequence[Blueprint] = ()) -> App:
    """Make an app of ready parts (tests), or of a context that opens and closes them (roots).

    `name` must be unique within the process; it is letters, digits, _ and -. `also` are routes that
    only some servers have; no document names them.
    """
    app = lay_out(name)
    for blueprint in also:
        app.blueprint(blueprint)
    app.config.REQUEST_MAX_SIZE = BODY_BYTES_MAX
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = GRACE_SECONDS
    app.config.GOODBYE_PAUSE_SECONDS = GOODBYE_PAUSE_SECONDS
    app.config.ACCESS_LOG = False
    app.config.AUTO_EXTEND = False  # its pages would be routes nobody gave a rule of access
    app.config.FALLBACK_ERROR_FORMAT = "json"
    register_errors(app)
    require_rules(app)
    require_descriptions(app.router.routes)
    stack = AsyncExitStack()

    async def begin(app: App) -> None:
        made = parts if isinstance(parts, Parts) else await stack.enter_async_context(parts())
        app.ctx.parts = made
        following = asyncio.create_task(follow(made))
        stack.push_async_callback(_end, following)

    async def stop(app: App) -> None:
        # SSE would keep the process alive; sets of payments must be answered before it goes
        app.ctx.parts.stopping.set()
        app.ctx.parts.events.hang_up()
        await app.ctx.parts.payments.drain()
        await _let_go(app.ctx.parts.events)
        await asyncio.sleep(app.config.GOODBYE_PAUSE_SECONDS)

    async def end(_app: App) -> None:
        await stack.aclose()

    app.register_listener(begin, "before_server_start")
    app.register_listener(stop, "before_server_stop")
    app.register_listener(end, "after_server_stop")
    return app


async def _let_go(events: EventHub) -> None:
    """Wait until the open streams have said goodbye.

    Sanic closes idle connections once and then only waits: a stream that ends a moment later would
    count as busy until its grace is over.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_SECONDS_MAX):
            await events.until_empty()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
