"""
Why a tap is judged as it is: the steps that `decide` went through, each with its figures.

Nothing is decided here. `decide` tells the steps as it reaches them; figures are read off the same
rules and the same knowledge it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from campus_code.decision import (
    Approved,
    Declined,
    Known,
    Tap,
    business_day,
    decide,
    period_at,
)
from campus_code.rules import ClassRules, GroupRules, RulesBundle, trust_at
from campus_code.tally import OUTSIDE, Tally

STEPS: Final = (
    "state",
    "place",
    "interval",
    "price",
    "charge",
    "guardian",
    "chip",
    "limits",
    "purses",
    "courtesy",
    "offline",
)
"""In the order of `decide`: "chip" only for chips; "courtesy" where purses do not reach and the
school gives meals; of purses and offline the one that fits."""

Figures = Mapping[str, int | str | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was reached. `is_refused`: it ended the judging; amounts are in fen."""

    name: str
    figures: Figures
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict of `decide`, the steps up to it, and the tap's period and business day."""

    verdict: Approved | Declined
    steps: tuple[Step, ...]
    period_id: str
    business_on: int


def explain(tap: Tap, rules: RulesBundle, known: Known) -> Explanation:
    """Ask `decide` and keep what it went through."""
    reached: list[tuple[str, tuple[int, ...]]] = []

    def hear(step: str, *fen: int) -> None:
        reached.append((step, fen))

    verdict = decide(tap, rules, known, hear)
    seen = _Seen(tap, rules, known, next((fen for name, fen in reached if name == "charge"), ()))
    is_no = isinstance(verdict, Declined)
    steps = tuple(
        Step(name, _FIGURES[name](seen), is_refused=is_no and place == len(reached))
        for place, (name, _) in enumerate(reached, start=1)
    )
    return Explanation(verdict, steps, seen.period_id, seen.business_on)


class _Seen:
    """What the figures are read off; `charge` is what `decide` told of the price, if it got so far.

    A step is only reached when all before it passed, so group and class are there when asked for.
    """

    def __init__(self, tap: Tap, rules: RulesBundle, known: Known, charge: tuple[int, ...]) -> None:
        self.tap, self.rules, self.known = tap, rules, known
        period = period_at(tap.at, rules)
        self.period_id = period.id if period else OUTSIDE
        self.business_on = business_day(tap.at, rules)
        self.tally: Tally = known.tally.roll(self.business_on, self.period_id)
        self.nominal_fen, self.payable_fen, self.fee_fen = charge or (0, 0, 0)
        self.charged_fen = self.payable_fen + self.fee_fen

    @property
    def group(self) -> GroupRules:
        return self.rules.groups[self.tap.group_id]

    @property
    def holder(self) -> ClassRules:
        return self.rules.classes[self.tap.class_id]


def _state(seen: _Seen) -> Figures:
    return {"card_state": seen.tap.card_state.name.lower()}


def _place(seen: _Seen) -> Figures:
    group = seen.rules.groups.get(seen.tap.group_id)
    told: dict[str, int | str | None] = {
        "group_id": seen.tap.group_id,
        "class_id": seen.tap.class_id,
        "period_id": seen.period_id,
    }
    if group is not None:
        told["accepted_classes"] = ",".join(str(one) for one in group.accepted_classes)
        told["accepted_periods"] = ",".join(group.accepted_periods)
        told["accepts_outside_periods"] = int(group.accepts_outside_periods)
    return told


def _interval(seen: _Seen) -> Figures:
    last_at = seen.tally.last_at
    return {
        "interval_seconds": seen.group.interval_seconds,
        "apart_seconds": None if last_at is None else abs(seen.tap.at - last_at),
    }


def _price(seen: _Seen) -> Figures:
    return {
        "price_mode": seen.group.price_mode,
        "asked_fen": seen.tap.asked_fen,
        "amount_fen_max": seen.group.amount_fen_max,
        "fixed_fen": seen.holder.fixed_prices.get(seen.period_id),
    }


def _charge(seen: _Seen) -> Figures:
    return {
        "nominal_fen": seen.nominal_fen,
        "pay_percent": seen.holder.pay_percent,
        "discount_fen": seen.nominal_fen - seen.payable_fen,
        "fee_kind": seen.holder.fee.kind,
        "fee_fen": seen.fee_fen,
        "fee_owner": seen.holder.fee.owner,
        "charged_fen": seen.charged_fen,
    }


def _guardian(seen: _Seen) -> Figures:
    limited = seen.known.limited
    if limited is None:
        return {"day_limit_fen": None}
    kind = seen.group.kind
    return {
        "day_limit_fen": limited.limits.of_day(seen.business_on),
        "day_fen": seen.tally.day_fen,
        "kind": kind,
        "kind_limit_fen": limited.limits.kinds.get(kind),
        "kind_fen": limited.kind_fen,
        "charged_fen": seen.charged_fen,
    }


def _chip(seen: _Seen) -> Figures:
    taken = seen.rules.nfc.of(seen.tap.chip, seen.business_on)
    return {
        "chip": seen.tap.chip.value if seen.tap.chip else "",
        "payment_fen_max": None if taken is None else taken.payment_fen_max,
        "day_fen_max": None if taken is None else taken.day_fen_max,
        "day_fen": seen.tally.day_fen,
        "charged_fen": seen.charged_fen,
    }


def _limits(seen: _Seen) -> Figures:
    holder, tally = seen.holder, seen.tally
    told: dict[str, int | str | None] = {
        "count_limit": holder.count_limit,
        "meal_count": tally.meal_count,
        "single_limit_fen": holder.single_limit_fen,
        "meal_limit_fen": holder.meal_limit_fen,
        "meal_fen": tally.meal_fen,
        "day_limit_fen": holder.day_limit_fen,
        "day_fen": tally.day_fen,
        "over_limit": holder.over_limit,
        "always_pin": int(seen.group.always_pin),
        "has_pin": int(seen.tap.has_pin),
        "charged_fen": seen.charged_fen,
    }
    if seen.tap.credential == "emergency":
        told["emergency_fen_max"] = seen.rules.emergency.payment_fen_max
    return told


def _purses(seen: _Seen) -> Figures:
    balances = seen.known.balances or {}
    return {
        "purse_order": ",".join(seen.group.purse_order),
        **{f"balance_fen.{purse}": balances.get(purse, 0) for purse in seen.group.purse_order},
        "floor_fen": seen.holder.floor_fen,
        "charged_fen": seen.charged_fen,
    }


def _courtesy(seen: _Seen) -> Figures:
    meals, given = seen.holder.courtesy, seen.known.courtesy
    return {
        "payment_fen_max": meals.payment_fen_max,
        "day_count_max": meals.day_count_max,
        "seven_days_count_max": meals.seven_days_count_max,
        "periods": ",".join(meals.periods),
        "day_count": given.day if given else None,
        "seven_days_count": given.seven_days if given else None,
        "charged_fen": seen.charged_fen,
    }


def _offline(seen: _Seen) -> Figures:
    alone = seen.known.offline
    if alone is None:
        return {}
    word, tier = trust_at(seen.rules.offline, alone.sync_age_seconds)
    return {
        "trust": word,
        "sync_age_seconds": alone.sync_age_seconds,
        "age_seconds_max": seen.holder.offline_age_seconds_max,
        "payment_fen_max": tier.payment_fen_max if tier else None,
        "payments_max": tier.payments_max if tier else None,
        "payments": alone.payments,
        "class_limit_fen": seen.holder.offline_limit_fen,
        "entry_limit_fen": alone.entry_limit_fen,
        "card_fen_max": tier.card_fen_max if tier else None,
        "spent_fen": alone.spent_fen,
        "terminal_fen_max": tier.terminal_fen_max if tier else None,
        "terminal_fen": alone.terminal_fen,
        "charged_fen": seen.charged_fen,
    }


_FIGURES: Mapping[str, Callable[[_Seen], Figures]] = {
    "state": _state,
    "place": _place,
    "interval": _interval,
    "price": _price,
    "charge": _charge,
    "guardian": _guardian,
    "chip": _chip,
    "limits": _limits,
    "purses": _purses,
    "courtesy": _courtesy,
    "offline": _offline,
}
