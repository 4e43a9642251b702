"""Push over real HTTP: a connected terminal hears of a freeze within a second."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import orjson
import pytest

from backend.api import following
from backend.domain.access import Role
from backend.domain.times import utc
from backend.tables.database import transaction
from backend.tables.versions import VERSION_NAMES, Versions, deny
from backend.usecases import event_hub
from backend.usecases.terminals import watch_versions
from campus_code import CardState
from tests.rig.device import Device
from tests.rig.office import Office
from tests.rig.tills import terminal

Event = tuple[str, dict[str, object]]


class Ear:
    """A terminal that listens; `events` are what it has heard, in order."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()

    async def next(self, seconds: float = 2.0) -> Event:
        async with asyncio.timeout(seconds):
            event = await self.events.get()
        assert event is not None, "the stream ended"
        return event

    async def follow(self, answer: httpx.Response) -> None:
        name = ""
        with suppress(httpx.HTTPError):
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.events.put_nowait((name, orjson.loads(line.removeprefix("data: "))))
        self.events.put_nowait(None)


@asynccontextmanager
async def listening(office: Office, device: Device) -> AsyncIterator[Ear]:
    ear = Ear()
    headers = device.headers("GET", "/terminal/events")
    async with office.http.stream("GET", "/terminal/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        following_it = asyncio.create_task(ear.follow(answer))
        await asyncio.sleep(0.1)
        try:
            yield ear
        finally:
            following_it.cancel()
            with suppress(asyncio.CancelledError):
                await following_it


async def connected(office: Office, lines: int) -> None:
    """Wait until the server has noticed who is still there."""
    async with asyncio.timeout(2):
        while len(office.parts.events) != lines:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def take(device: Device, data: dict[str, object]) -> None:
    device.take(1, base64.b64decode(str(data["document"])))


async def test_a_freeze_reaches_a_connected_terminal(office: Office) -> None:
    student = await office.student()
    device = await terminal(office)
    await device.sync(office.http, office.at)
    await device.sync(office.http, office.at)
    async with listening(office, device) as ear:
        began = time.monotonic()
        await office.http.post(
            "/student/freezes", json={"parts": ["money"]}, headers=student.headers
        )
        name, data = await ear.next()
        assert time.monotonic() - began < 1
        assert name == "denylist"
        take(device, data)
        assert device.denylist.state_of(student.card_number, 1) is CardState.FROZEN
        name, data = await ear.next()
        assert (name, set(data)) == ("directory", {"version"})
    await connected(office, 0)


async def test_who_connects_late_is_told_what_he_missed(office: Office) -> None:
    student = await office.student()
    device = await terminal(office)
    await device.sync(office.http, office.at)
    await device.sync(office.http, office.at)
    await office.http.post("/student/freezes", json={"parts": ["money"]}, headers=student.headers)
    async with listening(office, device) as ear:
        _, data = await ear.next()
        take(device, data)
        assert device.denylist.state_of(student.card_number, 1) is CardState.FROZEN


async def test_what_the_bus_lost_is_found_in_the_database(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.2)
    student = await office.student()
    device = await terminal(office)
    await device.sync(office.http, office.at)
    await device.sync(office.http, office.at)
    await office.parts.bus.publish("rules", {})  # so that the new interval counts from now on
    async with listening(office, device) as ear:
        async with transaction():
            at = utc(office.at)
            state = CardState.LOST
            await deny(student.card_number, None, state, made_at=at, made_by="another process")
        _, data = await ear.next()
        take(device, data)
        assert device.denylist.state_of(student.card_number, 1) is CardState.LOST


@pytest.mark.parametrize("name", VERSION_NAMES)
async def test_every_list_has_its_wake_up(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A freeze, a lost chip, a grant: none of them waits for the next look at the database."""
    heard = asyncio.Event()

    async def looked(*_: object) -> Versions:
        heard.set()
        return Versions()

    await office.parts.bus.publish(name, {})
    await asyncio.sleep(0.05)
    monkeypatch.setattr(following, "POLL_SECONDS", 3600)
    monkeypatch.setattr(following, "watch_versions", looked)
    await office.parts.bus.publish(name, {})
    async with asyncio.timeout(2):
        await heard.wait()


async def test_a_revoked_terminal_is_told_and_hung_up_on(office: Office) -> None:
    device, other = await terminal(office), await terminal(office, "二号窗口")
    for one in (device, other):
        await one.sync(office.http, office.at)
        await one.sync(office.http, office.at)
    admin = await office.staff(Role.ADMIN)
    async with listening(office, device) as ear, listening(office, other) as neighbour:
        path = f"/admin/terminals/{device.terminal_id}/revocations"
        await office.http.post(path, json={"reason": "stolen"}, headers=admin)
        assert await ear.next() == ("revoked", {})
        async with asyncio.timeout(2):
            assert await ear.events.get() is None
        assert neighbour.events.empty()
        await connected(office, 1)


async def test_a_list_too_long_to_push_only_wakes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_versions, "PUSH_BYTES_MAX", 10)
    student = await office.student()
    device = await terminal(office)
    await device.sync(office.http, office.at)
    await device.sync(office.http, office.at)
    async with listening(office, device) as ear:
        await office.http.post(
            "/student/freezes", json={"parts": ["money"]}, headers=student.headers
        )
        assert await ear.next() == ("denylist", {"version": 1})


async def test_who_reads_too_slowly_is_let_go() -> None:
    hub = event_hub.EventHub()
    line = hub.open(1)
    hub.tell_all([b"x"] * 500)
    heard = [await line.next() for _ in range(event_hub.WAITING_MAX + 1)]
    assert heard == [b"x"] * event_hub.WAITING_MAX + [None]


async def test_listening_needs_a_session(office: Office) -> None:
    answer = await office.http.get("/terminal/events")
    assert answer.status_code == 401
