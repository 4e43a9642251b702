"""Wake-ups for connected terminals, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

WAITING_MAX = 64
"""Events one terminal may leave unread; then it is let go, comes back and asks for all."""


class Line:
    """One connected terminal's queue of events; None ends it."""

    def __init__(self, terminal_id: int) -> None:
        self.terminal_id = terminal_id
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, event: bytes | None) -> None:
        """Queue an event; a reader that is too slow is let go."""
        if self._queue.qsize() < WAITING_MAX:
            self._queue.put_nowait(event)
        elif self._queue.qsize() == WAITING_MAX:
            self._queue.put_nowait(None)

    async def next(self) -> bytes | None:
        """Wait for the next event; None: hang up."""
        return await self._queue.get()


class EventHub:
    """The lines of this process."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, terminal_id: int) -> Line:
        """Connect a terminal."""
        line = Line(terminal_id)
        self._lines.add(line)
        self._is_empty.clear()
        return line

    def close(self, line: Line) -> None:
        """Disconnect it."""
        self._lines.discard(line)
        if not self._lines:
            self._is_empty.set()

    def tell_all(self, events: Iterable[bytes]) -> None:
        """Send events to every connected terminal."""
        for event in events:
            for line in tuple(self._lines):
                line.put(event)

    def tell_some(self, terminal_ids: Collection[int], event: bytes) -> None:
        """Send an event to these terminals."""
        for line in tuple(self._lines):
            if line.terminal_id in terminal_ids:
                line.put(event)

    def tell(self, terminal_id: int, event: bytes) -> None:
        """Send one event to one terminal, and hang up after it."""
        for line in tuple(self._lines):
            if line.terminal_id == terminal_id:
                line.put(event)
                line.put(None)

    def hang_up(self) -> None:
        """End every connection: an open one would keep the process from leaving."""
        for line in tuple(self._lines):
            line.put(None)

    async def until_empty(self) -> None:
        """Wait until nobody is connected."""
        await self._is_empty.wait()
