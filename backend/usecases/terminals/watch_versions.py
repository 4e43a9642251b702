"""Tell connected terminals what has changed since they were last told."""

from __future__ import annotations

import base64

import orjson

from backend.tables.versions import DENYLIST, VERSION_NAMES, Versions, read_versions
from backend.usecases.document_shelf import DocumentShelf
from backend.usecases.event_hub import EventHub

PUSH_BYTES_MAX = 65_536
"""A larger denylist delta is fetched by the terminal itself; the event only wakes it up."""


async def watch_versions(told: Versions | None, shelf: DocumentShelf, hub: EventHub) -> Versions:
    """Read the versions, push what is newer than `told`, answer what has been told now.

    The first time (`told` None) there is nothing to push: who connects is told by itself.
    """
    now = await read_versions()
    if told is not None:
        hub.tell_all(await news(told, now, shelf))
    return now


async def news(held: Versions, now: Versions, shelf: DocumentShelf) -> list[bytes]:
    """The events for somebody who holds `held`: the denylist itself, wake-ups for the rest."""
    events = []
    if held.denylist < now.denylist:
        events.append(await _denylist(held.denylist, now.denylist, shelf))
    for name in VERSION_NAMES:
        version = getattr(now, name)
        if name != DENYLIST and getattr(held, name) < version:
            events.append(event(name, {"version": version}))
    return events


def event(name: str, data: object) -> bytes:
    """One server-sent event."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


async def _denylist(since: int, version: int, shelf: DocumentShelf) -> bytes:
    paper = await shelf.denylist(since, version)
    data: dict[str, object] = {"version": version}
    if len(paper.raw) <= PUSH_BYTES_MAX:
        data["document"] = base64.b64encode(paper.raw).decode()
    return event("denylist", data)
