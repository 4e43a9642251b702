import dataclasses
from typing import Any

import pytest

import campus_code as cc
from scripts.vector_decisions import NOON, sample_rules

RULES = sample_rules()
LUNCH = cc.Tally(20260101, "lunch")
RICH = cc.Known(LUNCH, balances={"cash": 1_000_000, "benefit": 0})
TAP = cc.Tap(NOON, "noodles", 1, cc.CardState.ACTIVE, 1250)


def tap(**changed: Any) -> cc.Tap:
    return dataclasses.replace(TAP, **changed)


def known(cash: int = 1_000_000, benefit: int = 0, **tally: Any) -> cc.Known:
    balances = {"cash": cash, "benefit": benefit}
    return cc.Known(dataclasses.replace(LUNCH, **tally), balances=balances)


def alone(**changed: Any) -> cc.Known:
    return cc.Known(LUNCH, offline=cc.OfflineKnown(**({"sync_age_seconds": 60} | changed)))


def changed_class(**changed: Any) -> cc.RulesBundle:
    one = dataclasses.replace(RULES.classes[1], **changed)
    return dataclasses.replace(RULES, classes={**RULES.classes, 1: one})


def changed_group(**changed: Any) -> cc.RulesBundle:
    group = dataclasses.replace(RULES.groups["noodles"], **changed)
    return dataclasses.replace(RULES, groups={**RULES.groups, "noodles": group})


def approved(answer: cc.Approved | cc.Declined) -> cc.Approved:
    assert isinstance(answer, cc.Approved), answer
    return answer


def declined(answer: cc.Approved | cc.Declined) -> cc.Refusal:
    assert isinstance(answer, cc.Declined), answer
    assert answer.evidence, "every refusal says by how much"
    assert answer.sentence("zh")
    return answer.reason


def test_order_of_refusals_is_the_rule_s() -> None:
    # everything is wrong at once; mending one thing after another must show the next reason
    rules = dataclasses.replace(
        changed_class(count_limit=1, single_limit_fen=100, over_limit="refuse"),
        groups={
            "noodles": dataclasses.replace(
                RULES.groups["noodles"], accepted_classes=(2,), accepted_periods=("lunch",)
            )
        },
    )
    night = NOON + 12 * 3600
    counted = cc.Tally(20260101, "lunch", 5000, 5000, 1, NOON - 1)
    poor = cc.Known(counted, balances={})
    bad = tap(card_state=cc.CardState.FROZEN, asked_fen=0, at=night)
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.FROZEN
    bad = dataclasses.replace(bad, card_state=cc.CardState.ACTIVE)
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.CLASS_NOT_ACCEPTED
    group = dataclasses.replace(rules.groups["noodles"], accepted_classes=())
    rules = dataclasses.replace(rules, groups={"noodles": group})
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.OUTSIDE_PERIOD
    bad = dataclasses.replace(bad, at=NOON)
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.TOO_SOON
    poor = cc.Known(dataclasses.replace(counted, last_at=None), balances={})
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.AMOUNT_OUT_OF_RANGE
    bad = dataclasses.replace(bad, asked_fen=1250)
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.COUNT_LIMIT
    poor = cc.Known(dataclasses.replace(poor.tally, meal_count=0), balances={})
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.SINGLE_LIMIT
    for name, reason in (
        ("single_limit_fen", cc.Refusal.MEAL_LIMIT),
        ("meal_limit_fen", cc.Refusal.INSUFFICIENT_FUNDS),
    ):
        one = dataclasses.replace(rules.classes[1], **{name: 0})  # type: ignore[arg-type]
        rules = dataclasses.replace(rules, classes={1: one, 2: rules.classes[2]})
        assert declined(cc.decide(bad, rules, poor)) is reason
    poor = cc.Known(dataclasses.replace(poor.tally, day_fen=9500), balances={})
    assert declined(cc.decide(bad, rules, poor)) is cc.Refusal.DAY_LIMIT


@pytest.mark.parametrize(
    "state,reason",
    [
        (cc.CardState.FROZEN, cc.Refusal.FROZEN),
        (cc.CardState.LOST, cc.Refusal.LOST),
        (cc.CardState.CLOSED, cc.Refusal.CLOSED),
        (cc.CardState.UNKNOWN, cc.Refusal.UNKNOWN_CARD),
    ],
)
def test_only_an_active_card_pays(state: cc.CardState, reason: cc.Refusal) -> None:
    assert declined(cc.decide(tap(card_state=state), RULES, RICH)) is reason
    assert declined(cc.decide(tap(card_state=state), RULES, alone())) is reason


@pytest.mark.parametrize("wrong", [True, False, 12.5, "1250", [1]])
def test_an_amount_that_is_no_whole_number_never_becomes_a_tap(wrong: object) -> None:
    with pytest.raises(cc.ShapeError, match="asked_fen"):
        tap(asked_fen=wrong)


@pytest.mark.parametrize("asked_fen", [0, -1, -(10**30), 20_001, 10**30])
def test_amounts_out_of_range_are_declined(asked_fen: int) -> None:
    answer = cc.decide(tap(asked_fen=asked_fen), RULES, RICH)
    assert declined(answer) is cc.Refusal.AMOUNT_OUT_OF_RANGE


@pytest.mark.parametrize("asked_fen", [1, 20_000])
def test_the_range_holds_to_its_edges(asked_fen: int) -> None:
    answer = approved(cc.decide(tap(asked_fen=asked_fen, has_pin=True), RULES, RICH))
    assert answer.nominal_fen == asked_fen


def test_discount_surcharge_and_fee_are_kept_apart() -> None:
    one = approved(cc.decide(tap(asked_fen=1253), RULES, RICH))
    assert (one.nominal_fen, one.discount_fen, one.fee_fen, one.charged_fen) == (1253, 251, 0, 1002)
    guest = approved(cc.decide(tap(class_id=2), RULES, RICH))
    parts = (guest.nominal_fen, guest.discount_fen, guest.fee_fen, guest.charged_fen)
    assert parts == (1250, -625, 94, 1969)
    assert guest.fee_owner == "merchant"


def test_interval_counts_on_both_sides_of_a_tap() -> None:
    for last_at, is_fine in ((-20, True), (-19, False), (0, False), (19, False), (20, True)):
        answer = cc.decide(TAP, RULES, known(last_at=NOON + last_at))
        if is_fine:
            approved(answer)
        else:
            assert declined(answer) is cc.Refusal.TOO_SOON


@pytest.mark.parametrize("over_limit", ["pin", "refuse"])
@pytest.mark.parametrize(
    "tally,asked_fen,refuses",
    [
        ({}, 3750, None),
        ({}, 3752, cc.Refusal.SINGLE_LIMIT),
        ({"meal_fen": 4000}, 1250, None),
        ({"meal_fen": 4001}, 1250, cc.Refusal.MEAL_LIMIT),
        ({"day_fen": 9000}, 1250, None),
        ({"day_fen": 9001}, 1250, cc.Refusal.DAY_LIMIT),
    ],
)
def test_limits_hold_to_the_fen(
    over_limit: Any, tally: dict[str, int], asked_fen: int, refuses: cc.Refusal | None
) -> None:
    rules = changed_class(over_limit=over_limit)
    answer = cc.decide(tap(asked_fen=asked_fen), rules, known(**tally))
    with_pin = cc.decide(tap(asked_fen=asked_fen, has_pin=True), rules, known(**tally))
    if refuses is None:
        approved(answer)
        return
    if over_limit == "refuse":
        assert declined(answer) is declined(with_pin) is refuses
        return
    assert declined(answer) is cc.Refusal.PIN_REQUIRED
    assert isinstance(answer, cc.Declined)
    assert answer.evidence["limit"] == refuses.value
    approved(with_pin)


def test_the_pin_does_not_lift_the_count_limit() -> None:
    rules = changed_class(count_limit=2)
    approved(cc.decide(TAP, rules, known(meal_count=1)))
    answer = cc.decide(tap(has_pin=True), rules, known(meal_count=2))
    assert declined(answer) is cc.Refusal.COUNT_LIMIT


def test_a_group_may_always_ask_for_the_pin() -> None:
    rules = changed_group(always_pin=True)
    assert declined(cc.decide(TAP, rules, RICH)) is cc.Refusal.PIN_REQUIRED
    approved(cc.decide(tap(has_pin=True), rules, RICH))


def test_purses_pay_in_order_and_never_in_part() -> None:
    assert approved(cc.decide(TAP, RULES, known(700 + 100, 300))).split == (
        ("benefit", 300),
        ("cash", 700),
    )
    assert approved(cc.decide(TAP, RULES, known(0, 1000))).split == (("benefit", 1000),)
    answer = cc.decide(TAP, RULES, known(700 + 99, 300))
    assert declined(answer) is cc.Refusal.INSUFFICIENT_FUNDS
    assert isinstance(answer, cc.Declined)
    assert answer.evidence == {"charged_fen": 1000, "short_fen": 1}
    cash_only = changed_group(purse_order=("cash",))
    answer = cc.decide(TAP, cash_only, known(1099, 10_000))
    assert declined(answer) is cc.Refusal.INSUFFICIENT_FUNDS


def test_the_floor_is_of_the_cash_purse_alone() -> None:
    assert cc.split_amount(50, ("benefit", "cash"), {"benefit": 40, "cash": 100}, 90) == (
        (("benefit", 40), ("cash", 10)),
        0,
    )
    assert cc.split_amount(60, ("benefit", "cash"), {"benefit": 40, "cash": 100}, 90)[1] == 10
    assert cc.split_amount(60, ("cash",), {"cash": -5}, 0) == ((), 60)
    assert cc.split_amount(0, ("cash",), {}, 100) == ((), 0)


def test_fixed_and_count_prices() -> None:
    fixed = approved(cc.decide(tap(group_id="set_meal", asked_fen=None), RULES, RICH))
    assert (fixed.nominal_fen, fixed.charged_fen) == (1205, 964)
    same = tap(group_id="set_meal", asked_fen=1205)
    approved(cc.decide(same, RULES, RICH))
    other = cc.decide(tap(group_id="set_meal", asked_fen=1204), RULES, RICH)
    assert declined(other) is cc.Refusal.AMOUNT_OUT_OF_RANGE
    none = cc.decide(tap(group_id="set_meal", asked_fen=None, class_id=2), RULES, RICH)
    assert declined(none) is cc.Refusal.NO_PRICE
    free = approved(cc.decide(tap(group_id="gym", asked_fen=None, class_id=2), RULES, known(0)))
    assert (free.charged_fen, free.split) == (0, ())
    untyped = cc.decide(tap(asked_fen=None), RULES, RICH)
    assert declined(untyped) is cc.Refusal.NO_PRICE


def test_emergency_credentials_have_a_limit_no_pin_lifts() -> None:
    emergency = cc.CredentialKind.EMERGENCY
    approved(cc.decide(tap(credential=emergency), RULES, RICH))
    over = tap(credential=emergency, asked_fen=1252, has_pin=True)
    assert declined(cc.decide(over, RULES, RICH)) is cc.Refusal.SINGLE_LIMIT
    assert declined(cc.decide(over, RULES, alone())) is cc.Refusal.SINGLE_LIMIT
    off = dataclasses.replace(RULES, emergency=cc.EmergencyRules(0))
    free = tap(credential=emergency, group_id="gym", asked_fen=None, class_id=2)
    assert declined(cc.decide(free, off, RICH)) is cc.Refusal.SINGLE_LIMIT


@pytest.mark.parametrize(
    "offline,asked_fen,reason",
    [
        ({}, 3750, None),
        ({"sync_age_seconds": 3600}, 3750, None),
        ({"sync_age_seconds": 3601}, 1875, None),
        ({"sync_age_seconds": 3601}, 1877, cc.Refusal.OFFLINE_LIMIT),
        ({"sync_age_seconds": 86_400}, 1250, None),
        ({"sync_age_seconds": 86_401}, 1250, cc.Refusal.OFFLINE_TOO_LONG),
        ({"sync_age_seconds": -1}, 1250, cc.Refusal.CLOCK_UNTRUSTED),
        ({"payments": 2}, 1250, None),
        ({"payments": 3}, 1250, cc.Refusal.OFFLINE_COUNT),
        ({"sync_age_seconds": 3601, "payments": 1}, 1250, cc.Refusal.OFFLINE_COUNT),
        ({"spent_fen": 3000}, 1250, None),
        ({"spent_fen": 3001}, 1250, cc.Refusal.OFFLINE_LIMIT),
        ({"entry_limit_fen": 1000}, 1250, None),
        ({"entry_limit_fen": 999}, 1250, cc.Refusal.OFFLINE_LIMIT),
        ({"entry_limit_fen": 9000, "spent_fen": 3001}, 1250, cc.Refusal.OFFLINE_LIMIT),
    ],
)
def test_alone_the_age_of_the_sync_bounds_what_is_approved(
    offline: dict[str, int], asked_fen: int, reason: cc.Refusal | None
) -> None:
    answer = cc.decide(tap(asked_fen=asked_fen, has_pin=True), RULES, alone(**offline))
    if reason is None:
        assert approved(answer).split == ()
    else:
        assert declined(answer) is reason


def test_alone_the_tier_bounds_one_payment_even_with_a_large_budget() -> None:
    rules = changed_class(offline_limit_fen=10_000)
    answer = cc.decide(tap(asked_fen=3752, has_pin=True), rules, alone())
    assert declined(answer) is cc.Refusal.OFFLINE_LIMIT
    assert isinstance(answer, cc.Declined)
    assert answer.evidence["limit_fen"] == 3000


def test_without_tiers_nothing_is_approved_alone() -> None:
    rules = dataclasses.replace(RULES, offline=())
    assert declined(cc.decide(TAP, rules, alone(sync_age_seconds=0))) is cc.Refusal.OFFLINE_TOO_LONG


def test_either_balances_or_offline_is_known() -> None:
    for balances, offline in ((None, None), ({}, cc.OfflineKnown(0))):
        with pytest.raises(cc.ShapeError):
            cc.Known(LUNCH, balances=balances, offline=offline)


def test_business_day_begins_at_its_minute_and_periods_at_theirs() -> None:
    midnight = NOON - 12 * 3600  # local 2026-01-01 00:00
    assert cc.business_day(midnight + 4 * 3600 - 1, RULES) == 20251231
    assert cc.business_day(midnight + 4 * 3600, RULES) == 20260101
    assert cc.business_day(midnight + 28 * 3600 - 1, RULES) == 20260101
    for minute, name in (
        (629, None),
        (630, "lunch"),
        (809, "lunch"),
        (810, None),
        (390, "breakfast"),
    ):
        for second in (0, 59):
            period = cc.period_at(midnight + minute * 60 + second, RULES)
            assert (period.id if period else None) == name


def test_tally_rolls_with_the_meal_and_the_day() -> None:
    full = cc.Tally(20260101, "lunch", 5000, 4000, 3, NOON)
    assert full.roll(20260101, "lunch") == full
    assert full.roll(20260101, "") == cc.Tally(20260101, "", 5000, 0, 0, NOON)
    assert full.roll(20260102, "lunch") == cc.Tally(20260102, "lunch", 0, 0, 0, NOON)
    # a limit filled yesterday refuses nothing today
    yesterday = cc.Tally(20251231, "lunch", 10_000, 5000, 9)
    approved(cc.decide(TAP, RULES, cc.Known(yesterday, balances={"cash": 5000})))


def test_tally_takes_back_what_it_counted() -> None:
    one = approved(cc.decide(TAP, RULES, RICH))
    once = LUNCH.add(one, NOON)
    assert once == cc.Tally(20260101, "lunch", 1000, 1000, 1, NOON)
    assert once.subtract(one) == cc.Tally(20260101, "lunch", 0, 0, 0, NOON)
    dinner = once.roll(20260101, "dinner")
    assert dinner.subtract(one) == cc.Tally(20260101, "dinner", 0, 0, 0, NOON)
    assert once.roll(20260102, "").subtract(one) == once.roll(20260102, "")
    assert LUNCH.subtract(one).day_fen == 0


def test_a_group_may_serve_outside_periods_and_only_some_periods() -> None:
    night = tap(at=NOON + 12 * 3600)
    assert declined(cc.decide(night, RULES, RICH)) is cc.Refusal.OUTSIDE_PERIOD
    approved(cc.decide(night, changed_group(accepts_outside_periods=True), RICH))
    breakfast = changed_group(accepted_periods=("breakfast",))
    assert declined(cc.decide(TAP, breakfast, RICH)) is cc.Refusal.OUTSIDE_PERIOD
    assert declined(cc.decide(tap(class_id=9), RULES, RICH)) is cc.Refusal.CLASS_NOT_ACCEPTED
    assert declined(cc.decide(tap(group_id="x"), RULES, RICH)) is cc.Refusal.CLASS_NOT_ACCEPTED
