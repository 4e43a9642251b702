"""Key epochs as arithmetic: every moment is covered, edges overlap, numbers rise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.epoch import (
    EDGE_SECONDS,
    WEEK_SECONDS,
    Span,
    held_spans,
    missing_spans,
    replacing_spans,
    week_ends_at,
    week_of,
)

MONDAY_3_IN_CHINA = 1_767_553_200  # 2026-01-05 03:00 +08:00

times = st.integers(min_value=10**9, max_value=4 * 10**9)


def test_weeks_turn_on_monday_at_three_in_china() -> None:
    week = week_of(MONDAY_3_IN_CHINA)
    assert week_of(MONDAY_3_IN_CHINA - 1) == week - 1
    assert week_ends_at(week - 1) == MONDAY_3_IN_CHINA


def newest(spans: list[Span], at: int) -> Span:
    return max(
        (span for span in spans if span.valid_from <= at < span.valid_until),
        key=lambda span: span.epoch,
    )


@given(times, st.lists(st.integers(min_value=0, max_value=40 * 86_400), max_size=12))
def test_whenever_it_is_looked_now_and_next_week_are_covered(start: int, pauses: list[int]) -> None:
    at = start
    spans = missing_spans([], at)
    assert len(spans) == 3
    for pause in pauses:
        at += pause
        spans += missing_spans(spans, at)
        assert missing_spans(spans, at) == []
        numbers = [span.epoch for span in spans]
        assert numbers == sorted(set(numbers))
        now, then = newest(spans, at), newest(spans, at + WEEK_SECONDS)
        assert now.valid_from <= at
        assert now.valid_until > at
        # in the last minutes of a week its successor is the newest already, a week ahead as well
        is_at_edge = at >= week_ends_at(week_of(at)) - EDGE_SECONDS
        assert then.epoch > now.epoch or (is_at_edge and then == now)


@given(times, st.integers(min_value=0, max_value=WEEK_SECONDS))
def test_after_a_rotation_the_new_epochs_are_the_ones_phones_are_given(
    start: int, pause: int
) -> None:
    at = start + pause
    spans = missing_spans([], start)
    spans += missing_spans(spans, at)
    fresh = replacing_spans(spans, at)
    spans = [replace(span, retired_at=at + 3600) for span in spans] + fresh
    for moment in (at, at + WEEK_SECONDS):
        assert newest(spans, moment) in fresh
    assert missing_spans(spans, at) == []


def test_what_is_retired_ends_at_terminals_but_not_before_its_overlap() -> None:
    at = MONDAY_3_IN_CHINA + 86_400
    spans = missing_spans([], at)
    old = [replace(span, retired_at=at + 3600) for span in spans]
    held = held_spans(old + replacing_spans(spans, at), at)
    until = {span.epoch: span.valid_until for span in held}
    assert until[spans[1].epoch] == at + 3600
    assert spans[2].epoch not in until  # it would begin after its own end
    assert len(held) == 4  # previous, current until the overlap ends, and the two new ones


@pytest.mark.parametrize("offset", [-EDGE_SECONDS, -1, 0, EDGE_SECONDS - 1])
def test_at_the_edge_both_neighbours_count(offset: int) -> None:
    spans = missing_spans([], MONDAY_3_IN_CHINA - 86_400)
    at = MONDAY_3_IN_CHINA + offset
    assert sum(span.valid_from <= at < span.valid_until for span in spans) == 2


def test_terminals_hold_previous_current_and_next() -> None:
    at = MONDAY_3_IN_CHINA + 3 * 86_400
    spans: list[Span] = []
    for weeks in range(5, -1, -1):
        spans += missing_spans(spans, at - weeks * WEEK_SECONDS)
    held = held_spans(spans, at)
    current = newest(spans, at).epoch
    assert [span.epoch for span in held] == [current - 1, current, current + 1]
