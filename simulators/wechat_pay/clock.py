"""A clock that can be put forward, and what is to happen when."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
POLL_SECONDS: Final = 0.05

Action = Callable[[], Awaitable[None]]


class SteeredClock:
    """Unix seconds: another clock's, and what it was put forward by."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._ahead = 0.0

    def __call__(self) -> float:
        """What time it is."""
        return self._source() + self._ahead

    def put_forward(self, at: float) -> None:
        """Let it be `at` now; never backwards."""
        self._ahead = max(self._ahead, at - self._source())


class Timeline:
    """Things to come, done in the order of their times."""

    def __init__(self, clock: SteeredClock) -> None:
        self.clock = clock
        self._coming: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._turn = asyncio.Lock()

    def add(self, seconds: float, action: Action) -> None:
        """Do this in so many seconds."""
        heapq.heappush(self._coming, (self.clock() + seconds, next(self._numbers), action))

    async def advance(self, seconds: float) -> None:
        """Put the clock forward, stopping at each thing on the way as its time comes."""
        target = self.clock() + seconds
        async with self._turn:
            while self._coming and self._coming[0][0] <= target:
                at, _, action = heapq.heappop(self._coming)
                self.clock.put_forward(at)
                await action()
        self.clock.put_forward(target)

    async def run(self) -> None:
        """Do what is due as real time goes by, until cancelled."""
        while True:
            await self.advance(0.0)
            await asyncio.sleep(POLL_SECONDS)

    @property
    def waiting(self) -> int:
        """How many things are still to come."""
        return len(self._coming)


def rfc3339(at: float) -> str:
    """How WeChat Pay writes times: `2026-09-01T12:00:00+08:00`."""
    return datetime.fromtimestamp(int(at), BEIJING).isoformat()


def bill_time(at: float) -> str:
    """How its bills do."""
    return datetime.fromtimestamp(int(at), BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def day_of(at: float) -> date:
    """The Beijing day of a moment."""
    return datetime.fromtimestamp(at, BEIJING).date()
