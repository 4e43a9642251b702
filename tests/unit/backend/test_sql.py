"""Values that become SQL text: integers, NULL, plain words, and nothing anybody typed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from backend.tables import sql


@pytest.mark.parametrize(
    "text", ["'", "a'b", "a b", "a;b", "a,b", "a)b", "午", "\0", "a\\", "１", '"']
)
def test_what_is_no_plain_word_never_becomes_sql(text: str) -> None:
    for make in (sql.plain, lambda one: sql.row((one,)), lambda one: sql.words([one])):
        with pytest.raises(sql.UnsafeTextError):
            make(text)


@pytest.mark.parametrize("text", ["'; DROP TABLE posting; --", "菜品有误", "a\\'b", "", '"'])
def test_what_was_typed_travels_as_digits(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        (answer,) = connection.execute(f"SELECT {sql.row((sql.Typed(text),))}").fetchone()
    assert answer == text


def test_numbers_and_words_are_never_empty() -> None:
    assert (sql.numbers([]), sql.words([])) == ("NULL", "NULL")
    assert sql.row((1, None, "a_b", True)) == "(1,NULL,'a_b',1)"
