"""Doing a transaction again when the database asks for it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from tortoise.exceptions import OperationalError

TRIES_MAX = 8
PAUSE_SECONDS = 0.01
ASKS_AGAIN = frozenset({1213, 1205, 1020})
"""MariaDB's deadlock, lock wait timeout and "record has changed": nothing was committed."""

P = ParamSpec("P")
T = TypeVar("T")


def retried(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Run `work` again when its transaction lost a deadlock; other faults pass through.

    `work` must hold one transaction and do nothing outside before it has committed.
    """

    @functools.wraps(work)
    async def patient(*args: P.args, **kwargs: P.kwargs) -> T:
        for tried in range(1, TRIES_MAX):
            try:
                return await work(*args, **kwargs)
            except OperationalError as error:
                if not asks_again(error):
                    raise
            await asyncio.sleep(PAUSE_SECONDS * tried)
        return await work(*args, **kwargs)

    return patient


def asks_again(error: OperationalError) -> bool:
    """Whether the database itself asks for another try."""
    cause = error.args[0] if error.args else None
    code = cause.args[0] if isinstance(cause, Exception) and cause.args else None
    return code in ASKS_AGAIN
