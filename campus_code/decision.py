"""
The verdict on one tap. The server asks knowing the balances, a terminal alone knowing only its
own counters; the rule is this one function for both.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from campus_code.chips import ChipKind
from campus_code.courtesy import NO_COURTESY, CourtesyGiven, CourtesyRules
from campus_code.days import DAY_SECONDS, day_number, local_date
from campus_code.directory import STATE_REFUSALS, CardState
from campus_code.errors import ShapeError
from campus_code.holder_limits import Limited
from campus_code.limits import AT_MAX, require_int
from campus_code.purses import split_amount
from campus_code.refusals import Evidence, Language, Refusal
from campus_code.rules import (
    DAY_MINUTES,
    TERMINAL_FEN_MAX,
    ClassRules,
    FeeOwner,
    GroupRules,
    MealPeriod,
    OfflineTier,
    RulesBundle,
    percent_of,
    trust_at,
)
from campus_code.tally import OUTSIDE, Tally

_DAYS_CACHED_MAX: Final = 64


class CredentialKind(enum.StrEnum):
    """What was presented."""

    CODE = "code"
    EMERGENCY = "emergency"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Tap:
    """
    One tap of a verified credential at Unix second `at`. `asked_fen` is what the cashier typed,
    None when the price is not typed. `has_pin`: the right PIN was entered for this tap. `chip`: of
    which kind, when it was one.
    """

    at: int
    group_id: str
    class_id: int
    card_state: CardState
    asked_fen: int | None = None
    has_pin: bool = False
    credential: CredentialKind = CredentialKind.CODE
    chip: ChipKind | None = None

    def __post_init__(self) -> None:
        require_int("at", self.at, 0, AT_MAX)
        if self.asked_fen is not None and type(self.asked_fen) is not int:
            kind = type(self.asked_fen).__name__
            raise ShapeError(f"asked_fen: a whole number of fen is wanted, not {kind}")


@dataclass(frozen=True, slots=True)
class OfflineKnown:
    """
    What a terminal alone knows: seconds since its last sync, and of this card since then how many
    payments and how much. `entry_limit_fen` is the card directory's own limit, None for none.
    `terminal_fen` is what the whole terminal has approved alone since then.
    """

    sync_age_seconds: int
    payments: int = 0
    spent_fen: int = 0
    entry_limit_fen: int | None = None
    terminal_fen: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """
    What is known: `balances` by purse (the server), or `offline` (a terminal alone). `limited`
    only of a holder whose guardians set limits. `courtesy`: the meals the school has given him,
    None when nobody looked; a terminal alone never knows.
    """

    tally: Tally
    balances: Mapping[str, int] | None = None
    offline: OfflineKnown | None = None
    limited: Limited | None = None
    courtesy: CourtesyGiven | None = None

    def __post_init__(self) -> None:
        if (self.balances is None) == (self.offline is None):
            raise ShapeError("known: either balances or offline is wanted")
        if self.courtesy is not None and self.offline is not None:
            raise ShapeError("known: a terminal alone gives no meal on the school")


@dataclass(frozen=True, slots=True)
class Approved:
    """
    Yes. charged = nominal - discount + fee (fen); a surcharge is a negative discount. `split` says
    which purse pays how much, empty when the balances are not known, nothing is charged or the
    school pays (`is_courtesy`).
    """

    nominal_fen: int
    discount_fen: int
    fee_fen: int
    charged_fen: int
    fee_owner: FeeOwner
    split: tuple[tuple[str, int], ...]
    period_id: str
    business_on: int
    is_courtesy: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """No: the reason, and by how much."""

    reason: Refusal
    evidence: Evidence

    def sentence(self, language: Language) -> str:
        """Say it to a person in Chinese ("zh") or English ("en")."""
        return self.reason.sentence(language, self.evidence)


def _unseen(_step: str, *_fen: int) -> None:
    """Nobody wants to know the steps."""


def decide(
    tap: Tap, rules: RulesBundle, known: Known, reached: Callable[..., None] = _unseen
) -> Approved | Declined:
    """
    The verdict: card state, class and period, interval, price, discount, fee, guardians' limits,
    limits (count, single, meal, day; PIN), then purses and floor, or alone the offline limits;
    the very last, where the purses do not reach, a meal on the school.


    `reached` hears each step's name as it is judged (`explanation.STEPS`), "charge" with nominal,
    payable and fee in fen; it decides nothing.
    """
    group, holder = rules.groups.get(tap.group_id), rules.classes.get(tap.class_id)
    period = period_at(tap.at, rules)
    period_id = period.id if period else OUTSIDE
    business_on = business_day(tap.at, rules)
    tally = known.tally.roll(business_on, period_id)

    reached("state")
    refused = _check_state(tap)
    if refused:
        return refused
    reached("place")
    if group is None or holder is None:
        return _not_accepted(tap)
    refused = _check_place(tap, group, period_id)
    if refused is None:
        reached("interval")
        refused = _check_interval(tap, group, tally)
    if refused:
        return refused
    reached("price")
    nominal_fen = _price(tap, group, holder, period_id)
    if isinstance(nominal_fen, Declined):
        return nominal_fen
    payable_fen = percent_of(nominal_fen, holder.pay_percent)
    fee_fen = holder.fee.of(payable_fen)
    charged_fen = payable_fen + fee_fen
    reached("charge", nominal_fen, payable_fen, fee_fen)
    # before any limit that a PIN lifts: it would be typed in vain
    spent = business_on, tally.day_fen, charged_fen
    reached("guardian")
    over = None if known.limited is None else known.limited.refuse(group.kind, *spent)
    if over is None and tap.credential is CredentialKind.CARD:
        reached("chip")
        over = rules.nfc.refuse(tap.chip, *spent)
    if over is not None:
        return Declined(*over)
    reached("limits")
    refused = _check_limits(tap, group, holder, tally, charged_fen)
    refused = refused or _check_emergency(tap, rules, charged_fen)
    if refused:
        return refused
    covered = _cover(tap, _Bill(group, holder, period_id, charged_fen), rules, known, reached)
    if isinstance(covered, Declined):
        return covered
    split, is_courtesy = covered
    return Approved(
        nominal_fen=nominal_fen,
        discount_fen=nominal_fen - payable_fen,
        fee_fen=fee_fen,
        charged_fen=charged_fen,
        fee_owner=holder.fee.owner,
        split=split,
        period_id=period_id,
        business_on=business_on,
        is_courtesy=is_courtesy,
    )


def business_day(at: int, rules: RulesBundle) -> int:
    """The business day of Unix second `at` as the number YYYYMMDD."""
    local = at + rules.utc_offset_seconds - rules.day_starts_minute * 60
    return _written_day(local // DAY_SECONDS)


@functools.lru_cache(_DAYS_CACHED_MAX)
def _written_day(days: int) -> int:
    """YYYYMMDD of so many days after 1970-01-01."""
    return day_number(local_date(days * DAY_SECONDS, 0))


def period_at(at: int, rules: RulesBundle) -> MealPeriod | None:
    """The meal period at Unix second `at`, or None outside all."""
    minute = (at + rules.utc_offset_seconds) // 60 % DAY_MINUTES
    for period in rules.periods:
        if period.begins_minute <= minute < period.ends_minute:
            return period
    return None


def _check_state(tap: Tap) -> Declined | None:
    reason = STATE_REFUSALS.get(tap.card_state)
    return Declined(reason, {"card_state": tap.card_state.name.lower()}) if reason else None


def _not_accepted(tap: Tap) -> Declined:
    evidence: Evidence = {"group_id": tap.group_id, "class_id": tap.class_id}
    return Declined(Refusal.CLASS_NOT_ACCEPTED, evidence)


def _check_place(tap: Tap, group: GroupRules, period_id: str) -> Declined | None:
    if group.accepted_classes and tap.class_id not in group.accepted_classes:
        return _not_accepted(tap)
    if period_id == OUTSIDE:
        is_served = group.accepts_outside_periods
    else:
        is_served = not group.accepted_periods or period_id in group.accepted_periods
    if not is_served:
        return Declined(Refusal.OUTSIDE_PERIOD, {"period_id": period_id, "at": tap.at})
    return None


def _check_interval(tap: Tap, group: GroupRules, tally: Tally) -> Declined | None:
    if tally.last_at is None:
        return None
    # records of several terminals may be told out of order, so both sides of a tap count
    apart = abs(tap.at - tally.last_at)
    if apart < group.interval_seconds:
        return Declined(Refusal.TOO_SOON, {"seconds": group.interval_seconds - apart})
    return None


def _price(tap: Tap, group: GroupRules, holder: ClassRules, period_id: str) -> int | Declined:
    if group.price_mode == "free":
        if tap.asked_fen is None:
            return Declined(Refusal.NO_PRICE, {"group_id": group.id})
        if not 1 <= tap.asked_fen <= group.amount_fen_max:
            return _out_of_range(tap.asked_fen, group.amount_fen_max)
        return tap.asked_fen
    price_fen = holder.fixed_prices.get(period_id)
    if price_fen is None and group.price_mode == "count":
        price_fen = 0
    if price_fen is None:
        return Declined(Refusal.NO_PRICE, {"class_id": holder.class_id, "period_id": period_id})
    if tap.asked_fen is not None and tap.asked_fen != price_fen:
        # a terminal with older rules asks another price: better to say so than to charge it
        return _out_of_range(tap.asked_fen, price_fen)
    return price_fen


def _out_of_range(asked_fen: int, limit_fen: int) -> Declined:
    return Declined(Refusal.AMOUNT_OUT_OF_RANGE, {"asked_fen": asked_fen, "limit_fen": limit_fen})


def _check_limits(
    tap: Tap, group: GroupRules, holder: ClassRules, tally: Tally, charged_fen: int
) -> Declined | None:
    if 0 < holder.count_limit <= tally.meal_count:
        evidence = {"limit": holder.count_limit, "count": tally.meal_count}
        return Declined(Refusal.COUNT_LIMIT, evidence)
    limits = (
        (Refusal.SINGLE_LIMIT, holder.single_limit_fen, 0),
        (Refusal.MEAL_LIMIT, holder.meal_limit_fen, tally.meal_fen),
        (Refusal.DAY_LIMIT, holder.day_limit_fen, tally.day_fen),
    )
    for reason, limit_fen, spent_fen in limits:
        if limit_fen == 0 or spent_fen + charged_fen <= limit_fen:
            continue
        amounts = {"limit_fen": limit_fen, "spent_fen": spent_fen, "charged_fen": charged_fen}
        if holder.over_limit == "refuse":
            return Declined(reason, amounts)
        if not tap.has_pin:
            return Declined(Refusal.PIN_REQUIRED, {"limit": reason.value, **amounts})
    if group.always_pin and not tap.has_pin:
        return Declined(Refusal.PIN_REQUIRED, {"limit": "always", "charged_fen": charged_fen})
    return None


def _check_emergency(tap: Tap, rules: RulesBundle, charged_fen: int) -> Declined | None:
    if tap.credential is not CredentialKind.EMERGENCY:
        return None
    limit_fen = rules.emergency.payment_fen_max
    if charged_fen > limit_fen or limit_fen == 0:
        evidence = {"limit_fen": limit_fen, "spent_fen": 0, "charged_fen": charged_fen}
        return Declined(Refusal.SINGLE_LIMIT, evidence)
    return None


def _pay(
    group: GroupRules, holder: ClassRules, rules: RulesBundle, known: Known, charged_fen: int
) -> tuple[tuple[str, int], ...] | Declined:
    if known.offline is not None:
        return _check_offline(rules.offline, holder, known.offline, charged_fen) or ()
    balances = known.balances or {}
    split, short_fen = split_amount(charged_fen, group.purse_order, balances, holder.floor_fen)
    if short_fen:
        evidence = {"charged_fen": charged_fen, "short_fen": short_fen}
        return Declined(Refusal.INSUFFICIENT_FUNDS, evidence)
    return split


class _Bill(NamedTuple):
    """What is to be paid, where and by whom."""

    group: GroupRules
    holder: ClassRules
    period_id: str
    charged_fen: int


def _cover(
    tap: Tap, bill: _Bill, rules: RulesBundle, known: Known, reached: Callable[..., None]
) -> tuple[tuple[tuple[str, int], ...], bool] | Declined:
    """Which purses pay, and whether the school does instead; why not, when nobody does."""
    reached("purses" if known.offline is None else "offline")
    split = _pay(bill.group, bill.holder, rules, known, bill.charged_fen)
    if not isinstance(split, Declined):
        return split, False
    meals = _courtesy(tap, bill.group, bill.holder)
    if known.courtesy is None or meals == NO_COURTESY:
        return split
    reached("courtesy")
    if not meals.gives(bill.period_id, bill.charged_fen, known.courtesy):
        return split
    return (), True


def _courtesy(tap: Tap, group: GroupRules, holder: ClassRules) -> CourtesyRules:
    """What the school gives for this tap; nothing unless a code is shown, and here."""
    is_given = tap.credential is CredentialKind.CODE and group.gives_courtesy
    return holder.courtesy if is_given else NO_COURTESY


def _check_offline(
    tiers: tuple[OfflineTier, ...], holder: ClassRules, offline: OfflineKnown, charged_fen: int
) -> Declined | None:
    age = offline.sync_age_seconds
    if age < 0:  # synced in the future: the clock was set back
        return Declined(Refusal.CLOCK_UNTRUSTED, {"seconds": -age})
    _, tier = trust_at(tiers, age)
    if tier is None:
        longest = tiers[-1].sync_age_seconds_max if tiers else 0
        return Declined(Refusal.OFFLINE_TOO_LONG, {"seconds": age, "limit_seconds": longest})
    if 0 < holder.offline_age_seconds_max < age:
        evidence = {"seconds": age, "limit_seconds": holder.offline_age_seconds_max}
        return Declined(Refusal.OFFLINE_TOO_LONG, evidence)
    if offline.payments >= tier.payments_max:
        evidence = {"limit": tier.payments_max, "count": offline.payments}
        return Declined(Refusal.OFFLINE_COUNT, evidence)
    budget_fen = holder.offline_limit_fen
    if offline.entry_limit_fen is not None:
        budget_fen = min(budget_fen, offline.entry_limit_fen)
    if tier.card_fen_max:
        budget_fen = min(budget_fen, tier.card_fen_max)
    terminal_fen_max = tier.terminal_fen_max or TERMINAL_FEN_MAX
    limits = (
        ("payment", tier.payment_fen_max, 0),
        ("budget", budget_fen, offline.spent_fen),
        ("terminal", terminal_fen_max, offline.terminal_fen),
    )
    for limit, limit_fen, spent_fen in limits:
        if spent_fen + charged_fen > limit_fen:
            amounts = {"limit_fen": limit_fen, "spent_fen": spent_fen, "charged_fen": charged_fen}
            return Declined(Refusal.OFFLINE_LIMIT, {"limit": limit, **amounts})
    return None
