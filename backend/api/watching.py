"""Long work that somebody waits for: how far it is, asked beside it.

Whoever sends a long request may name it with the header `x-watch` and a key of his own, and ask
`GET /admin/progress/<key>` meanwhile, at any process of the server and after a reload of his page:

    async with watched(request, total=len(roster.lines)) as step:
        await import_roster(..., on_progress=step)
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from sanic import Request

from backend.api.access import actor_of
from backend.api.parts import Parts, parts_of
from backend.domain.errors import InvalidInputError
from backend.tables.progress import begin_progress, move_progress

WATCH: Final = "x-watch"
WATCH_KEY: Final = re.compile(r"^[A-Za-z0-9\-]{8,64}$")
TELL_SECONDS: Final = 0.5
"""How often it is written down."""


@dataclass
class _Counted:
    """How far a piece of work is, in this process's memory."""

    done: int = 0

    def step(self, more: int) -> None:
        """So many more are done."""
        self.done += more


@asynccontextmanager
async def watched(request: Request, total: int) -> AsyncIterator[Callable[[int], None]]:
    """Count what is done of `total` while the block runs; gives what to call with each step.

    Raises:
        InvalidInputError: the header is no key.

    """
    counted = _Counted()
    key = request.headers.get(WATCH, "")
    if not key:
        yield counted.step
        return
    if WATCH_KEY.fullmatch(key) is None:
        raise InvalidInputError(WATCH, "is 8…64 of a-z A-Z 0-9 -")
    parts, made_by = parts_of(request), actor_of(request).label
    await begin_progress(key, made_by, total, int(parts.clock()))
    telling = asyncio.create_task(_tell(parts, key, made_by, counted))
    try:
        yield counted.step
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        await move_progress(key, made_by, counted.done, int(parts.clock()), is_over=True)


async def _tell(parts: Parts, key: str, made_by: str, counted: _Counted) -> None:
    told = 0
    while True:
        await asyncio.sleep(TELL_SECONDS)
        if counted.done != told:
            told = counted.done
            await move_progress(key, made_by, told, int(parts.clock()), is_over=False)
