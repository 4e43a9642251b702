"""How the records of terminals that were cut off give way to whoever pays meanwhile.

A few records, what a short cut leaves, are posted at once. More than that is a *backlog*: beside
taps it is posted in small sets, so many records a second, and a terminal whose turn would come too
late is told when to come back. Without taps nothing is held up.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.domain.errors import UploadsWaitError
from backend.usecases.ports import Clock

AT_ONCE_RECORDS_MAX = 50
"""What is no backlog: an upload of so many records waits for no turn."""
BACKLOG_SET_MAX = 25
"""Records of a backlog's set beside taps: a tap that meets one waits some 5 ms."""
BACKLOG_PER_SECOND = 250
"""Records of backlogs a process posts in a second beside taps: 10,000 in 40 s."""
TAPS_LATELY_SECONDS = 5.0
"""Somebody who paid so lately is followed by others."""
UPLOADS_AT_ONCE = 2
"""Uploads a process reads and posts at a time: while one waits for the database another is read."""
WAIT_SECONDS_MAX = 4.0
"""A backlog that would wait longer for its turn comes back later: a terminal hangs up after 10."""
RETRY_AFTER_SECONDS_MAX = 30


class UploadPace:
    """One per process; `now` is a clock that never goes back."""

    def __init__(self, now: Clock) -> None:
        """Begin with nothing under way."""
        self._now = now
        self._tapped_at = -math.inf
        self._turn_at = 0.0
        self._waiting = 0
        self._free_at = 0.0
        self._promises: dict[int, float] = {}
        self._few = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._backlogs = asyncio.Semaphore(UPLOADS_AT_ONCE)

    def note_tap(self) -> None:
        """Somebody pays at this moment."""
        self._tapped_at = self._now()

    @property
    def is_beside_taps(self) -> bool:
        """Whether somebody paid lately."""
        return self._now() - self._tapped_at < TAPS_LATELY_SECONDS

    @asynccontextmanager
    async def enter(self, terminal_id: int, records: int) -> AsyncIterator[None]:
        """Wait until an upload of so many records may be read and posted.

        Raises:
            UploadsWaitError: beside taps, when too many records wait already.

        """
        if records <= AT_ONCE_RECORDS_MAX:
            async with self._few:
                yield
            return
        if self.is_beside_taps and self._waiting / BACKLOG_PER_SECOND > WAIT_SECONDS_MAX:
            raise UploadsWaitError(self._promise(terminal_id, records))
        self._waiting += records
        try:
            async with self._backlogs:
                yield
        finally:
            self._waiting -= records

    async def next_set(self, records: int, set_max: int) -> int:
        """Wait for the turn of a backlog's next set; how many of what is left may be in it."""
        if not self.is_beside_taps:
            return min(records, set_max)
        count = min(records, BACKLOG_SET_MAX)
        now = self._now()
        turn_at = max(self._turn_at, now)
        self._turn_at = turn_at + count / BACKLOG_PER_SECOND
        await asyncio.sleep(turn_at - now)
        return count

    def _promise(self, terminal_id: int, records: int) -> int:
        """In how many seconds it is this terminal's turn, one after the other; kept when told."""
        now = self._now()
        promised_at = self._promises.get(terminal_id, 0.0)
        if promised_at <= now:
            promised_at = max(self._free_at, now + self._waiting / BACKLOG_PER_SECOND)
            self._free_at = promised_at + records / BACKLOG_PER_SECOND
            self._promises[terminal_id] = promised_at
        return min(max(math.ceil(promised_at - now), 1), RETRY_AFTER_SECONDS_MAX)
