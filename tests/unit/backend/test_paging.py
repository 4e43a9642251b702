"""Cursors: what a list made it reads again, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.api.paging import KEY_NUMBER_MAX, KEY_TEXT_MAX, read_cursor, turn, write_cursor
from backend.domain.errors import InvalidInputError

NUMBERS = some.integers(-KEY_NUMBER_MAX, KEY_NUMBER_MAX)
WORDS = some.text(max_size=20)


@given(NUMBERS, WORDS)
def test_a_cursor_is_read_as_it_was_written(number: int, word: str) -> None:
    assert read_cursor(write_cursor((number, word)), int, str) == (number, word)


def test_no_cursor_is_the_first_page() -> None:
    assert read_cursor("", int) is None


@pytest.mark.parametrize(
    "text",
    [
        *("?", "a", "中", "bnVsbA", "MQ", "-_-", write_cursor(()), write_cursor((1, 2))),
        *(write_cursor(("1",)), write_cursor((True,)), write_cursor((1 << 63,))),
    ],
)
def test_what_no_list_made_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="after"):
        read_cursor(text, int)


def test_a_long_word_in_a_cursor_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        read_cursor(write_cursor(("x" * (KEY_TEXT_MAX + 1),)), str)


@given(some.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_cursor(text, int)
    except InvalidInputError:
        return
    assert found is None or type(found[0]) is int


@pytest.mark.parametrize(
    "count, shown, following", [(0, 0, None), (2, 2, None), (3, 2, write_cursor((1,)))]
)
def test_one_row_more_than_is_shown_says_that_there_is_more(
    count: int, shown: int, following: str | None
) -> None:
    page, after = turn(range(count), 2, lambda row: (row,))
    assert page == list(range(shown))
    assert after == following
