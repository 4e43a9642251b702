"""Whose backlog is taken, who is asked to come back, and when."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from backend.domain.errors import UploadsWaitError
from backend.usecases.upload_pace import (
    AT_ONCE_RECORDS_MAX,
    BACKLOG_PER_SECOND,
    RETRY_AFTER_SECONDS_MAX,
    TAPS_LATELY_SECONDS,
    WAIT_SECONDS_MAX,
    UploadPace,
)

FULL = int(BACKLOG_PER_SECOND * WAIT_SECONDS_MAX) + 1
"""Records that keep the next backlog waiting longer than it may."""


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def _told(pace: UploadPace, terminal_id: int, records: int) -> int:
    with pytest.raises(UploadsWaitError) as asked:
        async with pace.enter(terminal_id, records):
            pass
    assert asked.value.word == "uploads_wait"
    return asked.value.retry_after_seconds


async def test_each_is_told_its_own_turn_and_the_same_when_it_asks_again() -> None:
    hand = Hand()
    pace = UploadPace(hand)
    pace.note_tap()
    async with pace.enter(1, FULL):
        assert await _told(pace, 2, 500) == 5
        assert await _told(pace, 3, 500) == 7
        assert await _told(pace, 2, 500) == 5
        hand.at += 2
        assert await _told(pace, 3, 500) == 5
        assert [await _told(pace, number, 500) for number in range(4, 40)][-1] == (
            RETRY_AFTER_SECONDS_MAX
        )
    async with pace.enter(4, 500):  # there is room again, whatever was told
        pass


async def test_few_records_and_a_school_at_rest_are_never_sent_away() -> None:
    hand = Hand()
    pace = UploadPace(hand)
    pace.note_tap()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(pace.enter(1, FULL))
        await stack.enter_async_context(pace.enter(2, AT_ONCE_RECORDS_MAX))
        assert await _told(pace, 3, AT_ONCE_RECORDS_MAX + 1) == 5
        hand.at += TAPS_LATELY_SECONDS
        await stack.enter_async_context(pace.enter(3, AT_ONCE_RECORDS_MAX + 1))
        assert await pace.next_set(500, 500) == 500


async def test_whoever_breaks_off_keeps_no_room() -> None:
    pace = UploadPace(Hand())
    pace.note_tap()
    with pytest.raises(ConnectionError):
        async with pace.enter(1, FULL):
            raise ConnectionError
    async with pace.enter(2, 500):
        pass
