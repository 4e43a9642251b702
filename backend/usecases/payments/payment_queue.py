"""Gathering: what arrives while a set commits forms the next set. No timer.

A lone request waits for no one, because nothing is under way; under load the sets grow by
themselves. An upload's records stay in their order and give way to waiting taps between sets; a
backlog beside taps keeps its pace (`upload_pace.py`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from backend.domain.errors import UnavailableError
from backend.domain.payment import Attempt, Outcome
from backend.usecases.upload_pace import AT_ONCE_RECORDS_MAX, UploadPace

SET_MAX = 200
"""Taps of one set."""
RECORDS_SET_MAX = 500
"""Records of one set while nobody pays: a whole upload, so that its fixed costs are paid once."""
WAITING_MAX = 5_000
"""Taps that may wait; one more is refused at once, and its terminal decides alone."""

PostSet = Callable[[Sequence[Attempt]], Awaitable[list[Outcome]]]
_Waiting = tuple[Attempt, "asyncio.Future[Outcome]"]
_WaitingRecords = tuple[Sequence[Attempt], "asyncio.Future[list[Outcome]]"]


class PaymentQueue:
    """One per process. `post_set` posts a set and answers each member, in order."""

    def __init__(self, post_set: PostSet, pace: UploadPace) -> None:
        """Begin empty; a runner exists only while something waits."""
        self._post_set = post_set
        self._pace = pace
        self._taps: deque[_Waiting] = deque()
        self._records: deque[_WaitingRecords] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._is_drained = False

    def pay(self, attempt: Attempt) -> asyncio.Future[Outcome]:
        """Queue one tap; the future answers when its set has committed.

        Raises:
            UnavailableError: too many wait already, or the server is stopping.

        """
        self._check_open(len(self._taps))
        self._pace.note_tap()
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._taps.append((attempt, future))
        self._run()
        return future

    async def post(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Post an upload's records in order, in sets of their own."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(attempts):
            count = len(attempts)
            if len(attempts) > AT_ONCE_RECORDS_MAX:
                count = await self._pace.next_set(len(attempts) - len(outcomes), RECORDS_SET_MAX)
            outcomes += await self._post_records(attempts[len(outcomes) :][:count])
        return outcomes

    async def drain(self) -> None:
        """Take no new payment, and return when the last set has committed and is answered."""
        self._is_drained = True
        if self._runner is not None:
            await asyncio.shield(self._runner)

    def _post_records(self, attempts: Sequence[Attempt]) -> asyncio.Future[list[Outcome]]:
        self._check_open(0)
        future: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._records.append((attempts, future))
        self._run()
        return future

    def _check_open(self, waiting: int) -> None:
        if self._is_drained or waiting >= WAITING_MAX:
            raise UnavailableError(
                "too_busy", zh="服务器正忙，请稍候。", en="The server is busy.", waiting=waiting
            )

    def _run(self) -> None:
        if self._runner is None or self._runner.done():
            self._runner = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._taps or self._records:
            if self._taps:
                count = min(len(self._taps), SET_MAX)
                await self._answer([self._taps.popleft() for _ in range(count)])
            if self._records:
                await self._answer_records(*self._records.popleft())

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

    async def _answer_records(
        self, attempts: Sequence[Attempt], future: asyncio.Future[list[Outcome]]
    ) -> None:
        try:
            outcomes = await self._post_set(attempts)
        except Exception as error:  # noqa: BLE001 - the uploader is told, nobody swallows it
            if not future.done():
                future.set_exception(error)
            return
        if not future.done():  # as above: the payments stand all the same
            future.set_result(outcomes)
