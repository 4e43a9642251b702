"""The bus: everybody hears, nobody waits for ever, and a Redis that is away costs speed only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.gateways.bus import WAITING_MAX, LocalBus, RedisBus
from backend.usecases.ports import Payload, Subscription
from simulators.databases import PrivateRedis


@pytest_asyncio.fixture
async def pair(redis_url: str) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    """Two processes' buses."""
    one, other = RedisBus(redis_url), RedisBus(redis_url)
    await one.start()
    await other.start()
    yield one, other
    await one.close()
    await other.close()


async def heard(subscription: Subscription) -> Payload:
    async with asyncio.timeout(2):
        return await anext(subscription)


def local() -> LocalBus:
    with pytest.warns(RuntimeWarning):
        return LocalBus("demo")


async def test_every_process_hears_and_the_speaker_too(pair: tuple[RedisBus, RedisBus]) -> None:
    one, other = pair
    listeners = [one.subscribe("denylist"), other.subscribe("denylist")]
    deaf = other.subscribe("rules")
    await one.publish("denylist", {"version": 7})
    assert [await heard(listener) for listener in listeners] == [{"version": 7}] * 2
    await one.publish("rules", {"version": 1})
    assert await heard(deaf) == {"version": 1}


async def test_a_closed_bus_ends_its_listeners() -> None:
    bus = local()
    listener = bus.subscribe("rules")
    await bus.close()
    assert [one async for one in listener] == []


async def test_a_listener_that_sleeps_keeps_the_newest() -> None:
    bus = local()
    listener = bus.subscribe("rules")
    for number in range(WAITING_MAX + 10):
        await bus.publish("rules", {"version": number})
    assert await heard(listener) == {"version": 10}
    await bus.close()


async def test_without_redis_a_process_still_hears_itself_and_later_the_others() -> None:
    with PrivateRedis() as server:
        one, other = RedisBus(server.url), RedisBus(server.url)
        try:
            await one.start()
            await other.start()
            assert await one.is_well()
            mine, theirs = one.subscribe("denylist"), other.subscribe("denylist")
            server.kill()
            await one.publish("denylist", {"version": 1})
            assert await heard(mine) == {"version": 1}
            assert not await one.is_well()
            server.start()
            async with asyncio.timeout(10):
                while not (await one.is_well() and await other.is_well()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await one.publish("denylist", {"version": 2})
            assert await heard(theirs) == {"version": 2}  # 1 is lost to others: SQL has it
        finally:
            await one.close()
            await other.close()
