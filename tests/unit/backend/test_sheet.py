"""Cells that no spreadsheet runs, whatever a person is called."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.roster import FORMULA_STARTS
from backend.domain.sheet import BOM, Column, Kind, cell_text, csv_head, csv_text, harmless

SHANGHAI = 8 * 3600
NAME = (Column("姓名", "Name"),)


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("before", ["", " ", "\u3000", "\u200b", "\ufeff", "\0", " \n"])
def test_a_text_that_begins_like_a_formula_stands_behind_an_apostrophe(
    start: str, before: str
) -> None:
    assert harmless(f"{before}{start}1+1").startswith("'")


@pytest.mark.parametrize("separator", [";", ",", "|", "\t", "\n", "\r", "，", "；"])
def test_a_formula_behind_a_separator_does_not_begin_a_cell_either(separator: str) -> None:
    assert harmless(f"a{separator}=1+1") == f"a{separator}'=1+1"


@pytest.mark.parametrize("text", ["张三", "O'Neil", "计算机-1班", "a=b", "2026-01-01", "", "50% @"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=40))
def test_a_text_is_one_cell_and_comes_back_but_for_apostrophes(text: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(csv_text([[text]], NAME, 0), newline=""))
    assert not cell.lstrip().startswith(FORMULA_STARTS)
    assert cell.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    "value, kind, text",
    [
        (1234, Kind.FEN, "12.34"),
        (-5, Kind.FEN, "-0.05"),
        (0, Kind.FEN, "0.00"),
        (0, Kind.TIME, ""),
        (1_767_240_000, Kind.TIME, "2026-01-01 12:00:00"),
        (20_260_101, Kind.DAY, "2026-01-01"),
        (0, Kind.DAY, ""),
        (0, Kind.NUMBER, "0"),
        (None, Kind.NUMBER, ""),
        (None, Kind.TEXT, ""),
    ],
)
def test_each_kind_is_written_as_spreadsheets_read_it(
    value: int | None, kind: Kind, text: str
) -> None:
    assert cell_text(value, kind, SHANGHAI) == text


def test_the_head_says_utf8_and_both_languages() -> None:
    assert csv_head(NAME) == f'{BOM}"姓名 · Name"\r\n'


def test_a_row_that_has_too_few_values_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        csv_text([["a", "b"]], NAME, 0)
