"""Push: a terminal keeps one request open and hears of a freeze within a second."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request

from backend.api.access import for_terminal, terminal_of
from backend.api.described import described
from backend.api.parts import Parts, parts_of
from backend.tables.terminal import TerminalRow
from backend.tables.versions import Versions, read_versions
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
    """
    parts = parts_of(request)
    terminal_id = terminal_of(request).terminal_id
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
    row = await TerminalRow.get(id=terminal_id)
    held = Versions(
        row.rules_version,
        row.denylist_version,
        row.directory_version,
        row.keyring_version,
        row.limits_version,
        row.chips_version,
        row.doors_version,
    )
    return await news(held, await read_versions(), parts.documents)
