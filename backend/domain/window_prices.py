"""What one class of card pays at each kind of window, asked of the rule that decides every tap.

There is no second copy of the rules here: each price is the verdict of `campus_code.decide` on a
tap at the beginning of a period, by an open card with money enough and the PIN entered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from campus_code import (
    Approved,
    CardState,
    GroupRules,
    Known,
    Refusal,
    RulesBundle,
    Tally,
    Tap,
    decide,
    period_at,
)
from campus_code.limits import AMOUNT_FEN_MAX
from campus_code.rules import DAY_MINUTES

_DAY_SECONDS: Final = 86_400
_PLENTY_FEN: Final = 100 * AMOUNT_FEN_MAX
"""More than any charge with surcharge and fee, above any floor."""
_SOME_FEN: Final = 1
"""What a cashier types to find out whether the window would serve at all."""


@dataclass(frozen=True, slots=True)
class Price:
    """A set price in one period ("" is outside all), before and after discount and fee, in fen."""

    period_id: str
    nominal_fen: int
    charged_fen: int


@dataclass(frozen=True, slots=True)
class GroupPrices:
    """A kind of window: whether it takes this class, in which periods, at which set prices.

    Where the cashier types the amount there are no prices.
    """

    group: GroupRules
    is_accepted: bool
    serves: tuple[str, ...]
    prices: tuple[Price, ...]


def prices_for(rules: RulesBundle, class_id: int, at: int) -> tuple[GroupPrices, ...]:
    """Every group, as a card of this class finds it on the local day of Unix second `at`."""
    moments = tuple(_moments(rules, at))
    return tuple(_prices_at(group, class_id, rules, moments) for group in rules.groups.values())


def _prices_at(
    group: GroupRules, class_id: int, rules: RulesBundle, moments: tuple[tuple[str, int], ...]
) -> GroupPrices:
    is_accepted = True
    serves: list[str] = []
    prices: list[Price] = []
    for period_id, at in moments:
        tap = Tap(
            at=at,
            group_id=group.id,
            class_id=class_id,
            card_state=CardState.ACTIVE,
            asked_fen=_SOME_FEN if group.price_mode == "free" else None,
            has_pin=True,
        )
        balances = dict.fromkeys(group.purse_order, _PLENTY_FEN)
        verdict = decide(tap, rules, Known(tally=Tally(), balances=balances))
        if isinstance(verdict, Approved):
            serves.append(period_id)
            if group.price_mode != "free":
                prices.append(Price(period_id, verdict.nominal_fen, verdict.charged_fen))
        elif verdict.reason is Refusal.CLASS_NOT_ACCEPTED:
            is_accepted = False
    return GroupPrices(group, is_accepted, tuple(serves), tuple(prices))


def _moments(rules: RulesBundle, at: int) -> Iterator[tuple[str, int]]:
    """A second within each period of the day, and one outside all if there is any."""
    midnight = at - (at + rules.utc_offset_seconds) % _DAY_SECONDS
    for period in rules.periods:
        yield period.id, midnight + period.begins_minute * 60
    ends = (0, *(period.ends_minute for period in rules.periods))
    for minute in ends:
        moment = midnight + minute % DAY_MINUTES * 60
        if period_at(moment, rules) is None:
            yield "", moment
            return
