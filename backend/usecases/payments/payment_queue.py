"""Gathering: what arrives while a set commits forms the next set. No timer.

A lone request waits for no one, because nothing is under way; under load the sets grow by
themselves. An upload's records stay in their order and give way to waiting taps between sets.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from backend.domain.errors import UnavailableError
from backend.domain.payment import Attempt, Outcome

SET_MAX = 200
"""Members of one set."""
WAITING_MAX = 5_000
"""Taps that may wait; one more is refused at once, and its terminal decides alone."""

PostSet = Callable[[Sequence[Attempt]], Awaitable[list[Outcome]]]
_Waiting = tuple[Attempt, "asyncio.Future[Outcome]"]


class PaymentQueue:
    """One per process. `post_set` posts a set and answers each member, in order."""

    def __init__(self, post_set: PostSet) -> None:
        """Begin empty; a runner exists only while something waits."""
        self._post_set = post_set
        self._taps: deque[_Waiting] = deque()
        self._records: deque[list[_Waiting]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._is_drained = False

    def pay(self, attempt: Attempt) -> asyncio.Future[Outcome]:
        """Queue one tap; the future answers when its set has committed.

        Raises:
            UnavailableError: too many wait already, or the server is stopping.

        """
        future = self._future(len(self._taps))
        self._taps.append((attempt, future))
        self._run()
        return future

    async def post(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Post an upload's records in order, in sets of their own."""
        waiting = [(one, self._future(0)) for one in attempts]
        for start in range(0, len(waiting), SET_MAX):
            self._records.append(waiting[start : start + SET_MAX])
        self._run()
        return list(await asyncio.gather(*(future for _, future in waiting)))

    async def drain(self) -> None:
        """Take no new payment, and return when the last set has committed and is answered."""
        self._is_drained = True
        if self._runner is not None:
            await asyncio.shield(self._runner)

    def _future(self, waiting: int) -> asyncio.Future[Outcome]:
        if self._is_drained or waiting >= WAITING_MAX:
            raise UnavailableError(
                "too_busy", zh="服务器正忙，请稍候。", en="The server is busy.", waiting=waiting
            )
        return asyncio.get_running_loop().create_future()

    def _run(self) -> None:
        if self._runner is None or self._runner.done():
            self._runner = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._taps or self._records:
            if self._taps:
                count = min(len(self._taps), SET_MAX)
                await self._answer([self._taps.popleft() for _ in range(count)])
            if self._records:
                await self._answer(self._records.popleft())

    async def _answer(self, members: list[_Waiting]) -> None:
        try:
            outcomes = await self._post_set([attempt for attempt, _ in members])
        except Exception as error:  # noqa: BLE001 - each member is told, nobody swallows it
            for _, future in members:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), outcome in zip(members, outcomes, strict=True):
            if not future.done():  # its asker may have gone away; the payment stands all the same
                future.set_result(outcome)
