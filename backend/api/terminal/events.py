"""Push: a terminal keeps one request open and hears of a freeze within a second."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import Parts, parts_of
from backend.domain.errors import ForbiddenError
from backend.domain.visit import is_hall
from backend.tables.terminal import TerminalRow
from backend.tables.versions import held_by
from backend.usecases.event_hub import Line
from backend.usecases.terminals.watch_versions import news

routes = Blueprint("terminal_events")

PING_SECONDS = 10.0
PING = b": ping\n\n"


@routes.get("/events")
@for_terminal
@described(None, media="text/event-stream")
async def read(request: Request) -> None:
    """`text/event-stream`: denylist with the document, wake-ups for all else, a ping now and then.

    It ends when the server stops, when the terminal is revoked, and when it reads too slowly.
    A kiosk of the hall is refused.
    """
    parts, terminal = parts_of(request), terminal_of(request)
    if is_hall(parts.rules.bundle, terminal.group_id):
        # as at its sync: it decides nothing, and stands where anybody may
        raise ForbiddenError(
            "no_documents",
            zh="大厅自助机不接收名单。",
            en="A kiosk of the hall is told of no list.",
        )
    terminal_id = terminal.terminal_id
    line = parts.events.open(terminal_id)
    try:
        response = await request.respond(
            content_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
        await response.send(PING)
        for missed in await _missed(parts, terminal_id):
            await response.send(missed)
        while not parts.stopping.is_set():
            event = await _next(line)
            if event is None:
                break
            await response.send(event)
        await response.eof()
    finally:
        parts.events.close(line)


async def _next(line: Line) -> bytes | None:
    try:
        async with asyncio.timeout(PING_SECONDS):
            return await line.next()
    except TimeoutError:
        return PING


async def _missed(parts: Parts, terminal_id: int) -> list[bytes]:
    """What has changed since the terminal's last sync, while it was not listening."""
    held = held_by(await TerminalRow.get(id=terminal_id))
    return await news(held, await parts.rules.versions_at(terminal_id), parts.documents)
