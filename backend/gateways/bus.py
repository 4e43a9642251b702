"""Wake-ups between processes: in this process alone, or through Redis."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from collections import defaultdict

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.usecases.ports import Payload

log = logging.getLogger("xiaoma.bus")

WAITING_MAX = 256
"""Wake-ups one listener may leave unread; then the oldest go, for SQL holds the truth."""
CHANNEL = "xiaoma:"
RECONNECT_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0


class BusError(Exception):
    """The bus was built where it may not be."""


class _Listener:
    """One subscription: a bounded queue which ends with None."""

    def __init__(self, listeners: set[_Listener]) -> None:
        self._queue: asyncio.Queue[Payload | None] = asyncio.Queue()
        self._listeners = listeners
        listeners.add(self)

    def put(self, payload: Payload | None) -> None:
        if self._queue.qsize() >= WAITING_MAX:
            self._queue.get_nowait()
        self._queue.put_nowait(payload)

    def __aiter__(self) -> _Listener:
        return self

    async def __anext__(self) -> Payload:
        payload = await self._queue.get()
        if payload is None:
            raise StopAsyncIteration
        return payload

    async def aclose(self) -> None:
        self._listeners.discard(self)
        self.put(None)


class _FanOut:
    """Hands payloads to the listeners of this process."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[_Listener]] = defaultdict(set)

    def subscribe(self, topic: str) -> _Listener:
        """Listen from now on."""
        return _Listener(self._listeners[topic])

    def deliver(self, topic: str, payload: Payload) -> None:
        """Hand a payload to everybody who listens here."""
        for listener in tuple(self._listeners[topic]):
            listener.put(payload)

    async def close_listeners(self) -> None:
        """End every iteration."""
        for listeners in tuple(self._listeners.values()):
            for listener in tuple(listeners):
                await listener.aclose()


class LocalBus(_FanOut):
    """Wakes up listeners of one process only: for one worker, and never in production."""

    def __init__(self, mode: str) -> None:
        """Warn when built; raise BusError in production."""
        if mode == "production":
            raise BusError("production needs XIAOMA_REDIS: other processes would hear no freeze")
        warnings.warn("the in-process bus reaches no other process", RuntimeWarning, stacklevel=2)
        super().__init__()

    async def publish(self, topic: str, payload: Payload) -> None:
        """Tell every listener of this process."""
        self.deliver(topic, payload)

    async def is_well(self) -> bool:
        """Nothing here can be away."""
        return True

    async def close(self) -> None:
        """End every listener's iteration."""
        await self.close_listeners()


class RedisBus(_FanOut):
    """Wake-ups through Redis pub/sub, at most once.

    A Redis that is away costs speed only: this process still hears itself, every process reads
    the versions in SQL again within seconds.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        # the listening connection waits for ever, a timeout there would be noise
        self._ears = Redis.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS)
        self._reader: asyncio.Task[None] | None = None
        self._is_listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; returns at once when Redis is away, and keeps trying."""
        self._reader = asyncio.create_task(self._read())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_listening.wait(), TIMEOUT_SECONDS)

    async def publish(self, topic: str, payload: Payload) -> None:
        """Tell every process; when Redis is away, at least this one."""
        try:
            await self._redis.publish(CHANNEL + topic, orjson.dumps(payload))
        except (RedisError, OSError) as error:
            log.warning("bus: %s not published: %s", topic, error)
            self.deliver(topic, payload)
        else:
            if not self._is_listening.is_set():  # our own echo would be lost
                self.deliver(topic, payload)

    async def is_well(self) -> bool:
        """Whether Redis answers and we listen."""
        try:
            await self._redis.ping()
        except (RedisError, OSError):
            return False
        return self._is_listening.is_set()

    async def close(self) -> None:
        """Stop listening and close both connections."""
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self.close_listeners()
        await self._redis.aclose()
        await self._ears.aclose()

    async def _read(self) -> None:
        while True:
            try:
                await self._read_once()
            except (RedisError, OSError) as error:
                log.warning("bus: connection lost, trying again: %s", error)
            self._is_listening.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _read_once(self) -> None:
        async with self._ears.pubsub() as ears:
            await ears.psubscribe(CHANNEL + "*")
            async for message in ears.listen():
                if message["type"] == "psubscribe":
                    self._is_listening.set()
                    continue
                topic = message["channel"].decode().removeprefix(CHANNEL)
                try:
                    payload = orjson.loads(message["data"])
                except orjson.JSONDecodeError:
                    log.warning("bus: %s carried no JSON", topic)
                    continue
                self.deliver(topic, payload if isinstance(payload, dict) else {})
