"""
What a page shows, told as it happens: server-sent events.

A fact is published under a name (`view`, `status` …). A page that comes, or comes back after its
connection broke, is told the latest fact of every name first, then each change in order. One that
reads too slowly is told the latest facts again instead of every change. Whoever publishes waits
for nobody: the thread that takes money publishes here.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Final, NamedTuple

import orjson

RECENT_MAX: Final = 64
FOLLOWERS_MAX: Final = 8
ALIVE_SECONDS: Final = 5.0
"""A page that hears nothing for some of these knows that the program hangs."""
ALIVE: Final = b"event: alive\ndata: {}\n\n"


class Told(NamedTuple):
    """One fact: when it was published (a running number), its name, its event on the wire."""

    number: int
    name: str
    event: bytes


class _Follower(NamedTuple):
    loop: asyncio.AbstractEventLoop
    has_news: asyncio.Event


class Feed:
    """The facts of one page server. `publish` and `close` may be called from every thread."""

    def __init__(self, alive_seconds: float = ALIVE_SECONDS) -> None:
        self._alive_seconds = alive_seconds
        self._lock = threading.Lock()
        self._number = 0
        self._latest: dict[str, Told] = {}
        self._recent: deque[Told] = deque(maxlen=RECENT_MAX)
        self._followers: set[_Follower] = set()
        self._is_closed = False

    def publish(self, name: str, facts: Mapping[str, object]) -> None:
        """Tell every page a fact; it replaces the earlier one of this name for who comes later."""
        event = f"event: {name}\ndata: ".encode() + orjson.dumps(facts) + b"\n\n"
        with self._lock:
            self._number += 1
            told = Told(self._number, name, event)
            self._latest[name] = told
            self._recent.append(told)
            self._wake()

    def close(self) -> None:
        """End every stream."""
        with self._lock:
            self._is_closed = True
            self._wake()

    @property
    def is_full(self) -> bool:
        """Whether so many pages follow that no more may."""
        with self._lock:
            return len(self._followers) >= FOLLOWERS_MAX

    async def follow(self) -> AsyncIterator[bytes]:
        """The events for one page, from the latest facts on; a sign of life when nothing is new."""
        follower = _Follower(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._followers.add(follower)
        seen = 0
        try:
            while True:
                follower.has_news.clear()
                news, is_closed = self._since(seen)
                for told in news:
                    seen = told.number
                    yield told.event
                if is_closed:
                    return
                try:
                    async with asyncio.timeout(self._alive_seconds):
                        await follower.has_news.wait()
                except TimeoutError:
                    yield ALIVE
        finally:
            with self._lock:
                self._followers.discard(follower)

    def _since(self, number: int) -> tuple[list[Told], bool]:
        with self._lock:
            has_all = number > 0 and (not self._recent or self._recent[0].number <= number + 1)
            facts = self._recent if has_all else sorted(self._latest.values())
            return [told for told in facts if told.number > number], self._is_closed

    def _wake(self) -> None:
        for follower in list(self._followers):
            if follower.loop.is_closed():  # the server's thread has ended without a goodbye
                self._followers.discard(follower)
            else:
                follower.loop.call_soon_threadsafe(follower.has_news.set)
