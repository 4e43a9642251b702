"""Gathering taps into sets: order, failure, stopping, and how many may wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from backend.domain.errors import UnavailableError
from backend.domain.payment import Attempt, AttemptKind, Outcome, OutcomeWord
from backend.usecases import upload_pace
from backend.usecases.payments import payment_queue
from backend.usecases.payments.payment_queue import PaymentQueue
from backend.usecases.upload_pace import (
    AT_ONCE_RECORDS_MAX,
    BACKLOG_PER_SECOND,
    BACKLOG_SET_MAX,
    UploadPace,
)


def _tap(number: int) -> Attempt:
    return Attempt(AttemptKind.ONLINE, 1, number, 0)


class Books:
    """Remembers the sets; waits for `gate` before it answers, fails while `error` is set."""

    def __init__(self) -> None:
        self.sets: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def post(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        self.sets.append([one.sequence for one in attempts])
        await self.gate.wait()
        if self.error:
            raise self.error
        return [Outcome(one.sequence, OutcomeWord.POSTED) for one in attempts]


async def test_what_arrives_while_a_set_commits_forms_the_next() -> None:
    books = Books()
    books.gate.clear()
    line = PaymentQueue(books.post, UploadPace(time.monotonic))
    first = line.pay(_tap(1))
    await asyncio.sleep(0)
    later = [line.pay(_tap(number)) for number in range(2, 7)]
    await asyncio.sleep(0)
    books.gate.set()
    outcomes = await asyncio.gather(first, *later)
    assert [one.sequence for one in outcomes] == [1, 2, 3, 4, 5, 6]
    assert books.sets == [[1], [2, 3, 4, 5, 6]]


async def test_every_member_of_a_failed_set_is_told() -> None:
    books = Books()
    books.error = RuntimeError("broken")
    line = PaymentQueue(books.post, UploadPace(time.monotonic))
    answers = await asyncio.gather(line.pay(_tap(1)), line.pay(_tap(2)), return_exceptions=True)
    assert list(answers) == [books.error, books.error]
    books.error = None
    assert (await line.pay(_tap(3))).word is OutcomeWord.POSTED


async def test_one_who_went_away_fails_nobody() -> None:
    books = Books()
    books.gate.clear()
    line = PaymentQueue(books.post, UploadPace(time.monotonic))
    gone, stays = line.pay(_tap(1)), line.pay(_tap(2))
    await asyncio.sleep(0)
    gone.cancel()
    books.gate.set()
    assert (await stays).sequence == 2


async def test_a_stopping_server_takes_no_payment() -> None:
    books = Books()
    books.gate.clear()
    line = PaymentQueue(books.post, UploadPace(time.monotonic))
    last = line.pay(_tap(1))
    stopping = asyncio.create_task(line.drain())
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError):
        line.pay(_tap(2))
    with pytest.raises(UnavailableError):
        await line.post([_tap(3)])
    assert not stopping.done()
    books.gate.set()
    await stopping
    assert last.result().word is OutcomeWord.POSTED
    assert books.sets == [[1]]


async def test_only_so_many_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_queue, "WAITING_MAX", 3)
    books = Books()
    line = PaymentQueue(books.post, UploadPace(time.monotonic))
    taken = [line.pay(_tap(number)) for number in range(3)]
    with pytest.raises(UnavailableError) as refused:
        line.pay(_tap(4))
    assert refused.value.evidence == {"waiting": 3}
    await asyncio.gather(*taken)


async def test_a_backlog_keeps_its_order_and_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_queue, "AT_ONCE_RECORDS_MAX", 1)
    monkeypatch.setattr(payment_queue, "RECORDS_SET_MAX", 2)
    books = Books()
    books.gate.clear()
    line = PaymentQueue(books.post, UploadPace(lambda: 0.0))
    upload = asyncio.create_task(line.post([_tap(number) for number in range(10, 15)]))
    await asyncio.sleep(0.01)
    tap = line.pay(_tap(1))
    monkeypatch.setattr(upload_pace, "TAPS_LATELY_SECONDS", -1.0)  # as if it was long ago
    books.gate.set()
    outcomes = await upload
    assert [one.sequence for one in outcomes] == [10, 11, 12, 13, 14]
    assert (await tap).sequence == 1
    assert books.sets == [[10, 11], [1], [12, 13], [14]]


async def test_a_backlog_beside_taps_goes_in_small_sets_one_after_the_other() -> None:
    books = Books()
    line = PaymentQueue(books.post, UploadPace(time.monotonic))
    await line.pay(_tap(1))
    began = time.monotonic()
    outcomes = await line.post([_tap(number) for number in range(2, 2 + AT_ONCE_RECORDS_MAX + 10)])
    assert [len(one) for one in books.sets] == [1, BACKLOG_SET_MAX, BACKLOG_SET_MAX, 10]
    assert time.monotonic() - began >= 2 * BACKLOG_SET_MAX / BACKLOG_PER_SECOND
    assert len(outcomes) == AT_ONCE_RECORDS_MAX + 10


async def test_few_records_wait_for_no_turn() -> None:
    books = Books()
    pace = UploadPace(lambda: 0.0)
    line = PaymentQueue(books.post, pace)
    await line.pay(_tap(1))
    for _ in range(4):
        await pace.next_set(BACKLOG_SET_MAX, BACKLOG_SET_MAX)  # four turns are given away
    began = time.monotonic()
    await line.post([_tap(number) for number in range(AT_ONCE_RECORDS_MAX)])
    assert time.monotonic() - began < BACKLOG_SET_MAX / BACKLOG_PER_SECOND
    assert [len(one) for one in books.sets] == [1, AT_ONCE_RECORDS_MAX]
