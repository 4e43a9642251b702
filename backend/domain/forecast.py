"""On which day a purse will not cover what its holder usually spends: one day's warning, no noise.

What a day will cost is the middle of what the same weekday cost in the last four weeks, so one
big spend changes nothing. Days of a stretch without any spending (holidays, illness, the weeks
before the first payment) say nothing about an ordinary day and are left out; who is away at this
moment is not forecast at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median_high
from typing import Final

from campus_code.days import day_number

WEEKS_SEEN: Final = 4
DAYS_SEEN: Final = WEEKS_SEEN * 7
HORIZON_DAYS: Final = 14
"""Further ahead nothing is said."""
AWAY_DAYS: Final = 4
"""So many days without spending, one after the other, are an absence; a weekend is none."""
DAYS_KNOWN_MIN: Final = 5
"""Days with spending it takes to know somebody at all."""
LOW_DAYS: Final = 1
"""A balance is low when it will not cover tomorrow."""


def days_left(balance_fen: int, spent_by_day: Mapping[int, int], today_on: int) -> int | None:
    """How many days from now on the balance still covers, counting today.

    0: not even what today will still cost; 1: today but not tomorrow. None: longer than
    HORIZON_DAYS, or nobody knows. `spent_by_day` maps business days (YYYYMMDD) to what the purses
    paid and did not get back, in fen; days without spending may be left out.
    """
    today = _date(today_on)
    usual = usual_by_weekday(spent_by_day, today_on)
    if usual is None:
        return None
    left_fen = balance_fen + min(spent_by_day.get(today_on, 0), usual[today.weekday()])
    for ahead in range(HORIZON_DAYS):
        left_fen -= usual[(today.weekday() + ahead) % 7]
        if left_fen < 0:
            return ahead
    return None


def seen_since(today_on: int) -> int:
    """The first business day that `days_left` looks at."""
    return day_number(_date(today_on) - timedelta(days=DAYS_SEEN))


def is_low(left: int | None) -> bool:
    """Whether `days_left` is worth a word: tomorrow will not be covered."""
    return left is not None and left <= LOW_DAYS


def usual_by_weekday(spent_by_day: Mapping[int, int], today_on: int) -> tuple[int, ...] | None:
    """What each weekday (Monday first) usually costs, in fen; None for who is away or unknown."""
    today = _date(today_on)
    seen = [today - timedelta(days=back) for back in range(DAYS_SEEN, 0, -1)]
    spent = [max(0, spent_by_day.get(day_number(day), 0)) for day in seen]
    if sum(1 for fen in spent if fen) < DAYS_KNOWN_MIN:
        return None
    present = _present(spent)
    if not present[-1] and not spent_by_day.get(today_on, 0):
        return None
    usual = [0] * 7
    for weekday in range(7):
        costs = [
            fen
            for day, fen, is_present in zip(seen, spent, present, strict=True)
            if is_present and day.weekday() == weekday
        ]
        usual[weekday] = median_high(costs) if costs else 0
    return tuple(usual)


def _present(spent: list[int]) -> list[bool]:
    """Which days count: all but those in a stretch of AWAY_DAYS or more without spending."""
    present = [True] * len(spent)
    began = 0
    for place in range(len(spent) + 1):
        if place < len(spent) and not spent[place]:
            continue
        if place - began >= AWAY_DAYS:
            present[began:place] = [False] * (place - began)
        began = place + 1
    return present


def _date(on: int) -> date:
    return date(on // 10_000, on // 100 % 100, on % 100)
