"""The forecast: one day's warning for who will run dry, never a word for who cannot."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.forecast import (
    AWAY_DAYS,
    DAYS_KNOWN_MIN,
    DAYS_SEEN,
    HORIZON_DAYS,
    days_left,
    is_low,
    seen_since,
    usual_by_weekday,
)

MONDAY = date(2026, 3, 30)
WORKDAYS = range(5)
DAY_FEN = 2_500


def number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def term(today: date, days: range = range(1, DAYS_SEEN + 1), fen: int = DAY_FEN) -> dict[int, int]:
    """A student who eats here from Monday to Friday, so many days back."""
    seen = (today - timedelta(days=back) for back in days)
    return {number(day): fen for day in seen if day.weekday() in WORKDAYS}


@pytest.mark.parametrize(
    "balance_fen, left",
    [(0, 0), (2_499, 0), (2_500, 1), (4_999, 1), (5_000, 2), (12_499, 4), (12_500, 7)],
)
def test_it_says_on_which_day_the_balance_will_not_cover_it(balance_fen: int, left: int) -> None:
    """On a Monday; Saturday and Sunday cost nothing, so five days' money lasts until Monday."""
    assert days_left(balance_fen, term(MONDAY), number(MONDAY)) == left


def test_it_warns_one_day_ahead_also_before_a_monday() -> None:
    for back, low in ((3, False), (2, False), (1, True), (0, True)):  # Friday … Monday
        today = MONDAY - timedelta(days=back)
        spent = term(today) | ({number(today): DAY_FEN} if back == 3 else {})
        assert is_low(days_left(DAY_FEN - 1, spent, number(today))) is low, today


def test_what_was_paid_today_is_not_expected_again() -> None:
    spent = term(MONDAY)
    assert days_left(2_000, spent, number(MONDAY)) == 0
    assert days_left(2_000, spent | {number(MONDAY): 1_000}, number(MONDAY)) == 1
    assert days_left(2_000, spent | {number(MONDAY): 90_000}, number(MONDAY)) == 1


def test_one_big_spend_changes_nothing() -> None:
    spent = term(MONDAY)
    before = usual_by_weekday(spent, number(MONDAY))
    spent[number(MONDAY - timedelta(days=5))] = 80_000
    assert min(spent) == seen_since(number(MONDAY))
    assert usual_by_weekday(spent, number(MONDAY)) == before == (DAY_FEN,) * 5 + (0, 0)


@pytest.mark.parametrize("first, days", [(1, 7), (8, 7), (15, 7), (1, 21), (8, 21)])
def test_weeks_of_holidays_change_nothing(first: int, days: int) -> None:
    spent = term(MONDAY)
    for back in range(first, first + days):
        spent.pop(number(MONDAY - timedelta(days=back)), None)
    if first == 1:  # back from the holidays this very day
        spent[number(MONDAY)] = 500
    assert usual_by_weekday(spent, number(MONDAY)) == (DAY_FEN,) * 5 + (0, 0)


def test_who_is_away_or_new_is_not_forecast() -> None:
    away = term(MONDAY, range(AWAY_DAYS + 1, DAYS_SEEN + 1))
    assert days_left(0, away, number(MONDAY)) is None
    assert days_left(0, away | {number(MONDAY): 1}, number(MONDAY)) == 0
    known = term(MONDAY, range(3, DAYS_KNOWN_MIN + 3))
    assert len(known) == DAYS_KNOWN_MIN
    assert days_left(0, known, number(MONDAY)) == 0
    known.popitem()
    assert days_left(0, known, number(MONDAY)) is None
    assert days_left(0, {}, number(MONDAY)) is None


histories = st.dictionaries(st.integers(1, DAYS_SEEN), st.integers(0, 20_000), max_size=DAYS_SEEN)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(spent=histories, today=days, more_fen=st.integers(0, 100_000))
def test_nobody_is_told_who_cannot_run_dry(
    spent: dict[int, int], today: date, more_fen: int
) -> None:
    """Whoever has what the dearest day cost, every day of the horizon, is never said to run dry."""
    by_day = {number(today - timedelta(days=back)): fen for back, fen in spent.items()}
    enough_fen = HORIZON_DAYS * max(spent.values(), default=0) + more_fen
    assert days_left(enough_fen, by_day, number(today)) is None


@given(spent=histories, today=days, balance_fen=st.integers(-500, 300_000))
def test_the_day_it_names_is_the_first_that_is_not_covered(
    spent: dict[int, int], today: date, balance_fen: int
) -> None:
    by_day = {number(today - timedelta(days=back)): fen for back, fen in spent.items()}
    usual = usual_by_weekday(by_day, number(today))
    left = days_left(balance_fen, by_day, number(today))
    if usual is None:
        assert left is None
        return
    costs = [usual[(today.weekday() + ahead) % 7] for ahead in range(HORIZON_DAYS)]
    covered = [sum(costs[: ahead + 1]) <= balance_fen for ahead in range(HORIZON_DAYS)]
    assert left == (covered.index(False) if False in covered else None)


@given(spent=histories, today=days, balance_fen=st.integers(0, 200_000), more=st.integers(0, 9_999))
def test_more_money_lasts_no_shorter(
    spent: dict[int, int], today: date, balance_fen: int, more: int
) -> None:
    by_day = {number(today - timedelta(days=back)): fen for back, fen in spent.items()}
    poor = days_left(balance_fen, by_day, number(today))
    rich = days_left(balance_fen + more, by_day, number(today))
    assert rich is None or (poor is not None and poor <= rich)
