"""What holds of every verdict, whatever the rules, the tap and the balances."""

import dataclasses
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import campus_code as cc
from scripts.vector_decisions import NOON, sample_rules

RULES = sample_rules()
amounts = st.integers(0, 20_000)
fees = st.builds(
    cc.Fee,
    kind=st.sampled_from(["none", "fixed", "percent"]),
    amount_fen=st.integers(0, 500),
    percent=st.integers(0, 100),
    owner=st.sampled_from(["school", "merchant"]),
)
holders = st.builds(
    cc.ClassRules,
    class_id=st.just(1),
    zh=st.just("学生"),
    en=st.just("Student"),
    pay_percent=st.integers(0, 200),
    fee=fees,
    count_limit=st.integers(0, 3),
    single_limit_fen=amounts,
    meal_limit_fen=amounts,
    day_limit_fen=amounts,
    over_limit=st.sampled_from(["pin", "refuse"]),
    floor_fen=st.integers(0, 500),
    offline_limit_fen=amounts,
)
tallies = st.builds(
    cc.Tally,
    business_on=st.just(20260101),
    period=st.just("lunch"),
    day_fen=amounts,
    meal_fen=amounts,
    meal_count=st.integers(0, 3),
    last_at=st.none(),
)
balances = st.dictionaries(st.sampled_from(["cash", "benefit"]), st.integers(-1000, 30_000))
taps = st.builds(
    cc.Tap,
    at=st.just(NOON),
    group_id=st.just("noodles"),
    class_id=st.just(1),
    card_state=st.just(cc.CardState.ACTIVE),
    asked_fen=st.integers(-5, 20_005),
    has_pin=st.booleans(),
    credential=st.sampled_from(list(cc.CredentialKind)),
)


def bundle(holder: cc.ClassRules) -> cc.RulesBundle:
    return dataclasses.replace(RULES, classes={**RULES.classes, 1: holder})


def half_up(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))


@given(taps, holders, tallies, balances)
def test_an_approval_keeps_every_promise(
    tap: cc.Tap, holder: cc.ClassRules, tally: cc.Tally, held: dict[str, int]
) -> None:
    answer = cc.decide(tap, bundle(holder), cc.Known(tally, balances=held))
    assert answer == cc.decide(tap, bundle(holder), cc.Known(tally, balances=held))
    if isinstance(answer, cc.Declined):
        assert answer.evidence
        return
    assert answer.nominal_fen == tap.asked_fen
    assert 1 <= answer.nominal_fen <= 20_000
    payable = half_up(Fraction(answer.nominal_fen * holder.pay_percent, 100))
    assert answer.discount_fen == answer.nominal_fen - payable
    expected_fee = {
        "none": 0,
        "fixed": holder.fee.amount_fen,
        "percent": half_up(Fraction(payable * holder.fee.percent, 100)),
    }
    assert answer.fee_fen == expected_fee[holder.fee.kind]
    assert answer.charged_fen == payable + answer.fee_fen >= 0
    assert sum(part for _, part in answer.split) == answer.charged_fen
    for purse, part in answer.split:
        assert part > 0
        floor = holder.floor_fen if purse == "cash" else 0
        assert held[purse] - part >= floor
    is_lifted = holder.over_limit == "pin" and tap.has_pin
    for limit, spent in (
        (holder.single_limit_fen, 0),
        (holder.meal_limit_fen, tally.meal_fen),
        (holder.day_limit_fen, tally.day_fen),
    ):
        assert is_lifted or limit == 0 or spent + answer.charged_fen <= limit
    assert holder.count_limit == 0 or tally.meal_count < holder.count_limit
    if tap.credential is cc.CredentialKind.EMERGENCY:
        assert answer.charged_fen <= RULES.emergency.payment_fen_max


loners = st.builds(
    cc.OfflineKnown,
    sync_age_seconds=st.integers(-10, 100_000),
    payments=st.integers(0, 4),
    spent_fen=amounts,
    entry_limit_fen=st.just(6000),
)


@given(taps, holders, tallies, loners)
def test_alone_nothing_over_the_offline_bounds_is_approved(
    tap: cc.Tap, holder: cc.ClassRules, tally: cc.Tally, offline: cc.OfflineKnown
) -> None:
    age = offline.sync_age_seconds
    answer = cc.decide(tap, bundle(holder), cc.Known(tally, offline=offline))
    if isinstance(answer, cc.Declined):
        return
    assert 0 <= age <= 86_400
    tier = RULES.offline[0] if age <= 3600 else RULES.offline[1]
    assert offline.payments < tier.payments_max
    assert answer.charged_fen <= tier.payment_fen_max
    assert offline.spent_fen + answer.charged_fen <= min(holder.offline_limit_fen, 6000)
    assert answer.split == ()


@given(taps, holders, tallies, balances, amounts)
def test_a_terminal_with_the_same_limits_asks_for_the_same_money(
    tap: cc.Tap, holder: cc.ClassRules, tally: cc.Tally, held: dict[str, int], spent: int
) -> None:
    online = cc.decide(tap, bundle(holder), cc.Known(tally, balances=held))
    offline = cc.OfflineKnown(0, 0, spent)
    lone = cc.decide(tap, bundle(holder), cc.Known(tally, offline=offline))
    if isinstance(online, cc.Approved) and isinstance(lone, cc.Approved):
        assert lone == dataclasses.replace(online, split=())


@given(
    st.integers(0, 100_000), balances, st.integers(0, 1000), st.permutations(["benefit", "cash"])
)
def test_a_split_and_what_is_missing_make_the_whole(
    charged_fen: int, held: dict[str, int], floor_fen: int, order: list[str]
) -> None:
    split, missing = cc.split_amount(charged_fen, order, held, floor_fen)
    assert sum(part for _, part in split) + missing == charged_fen
    assert missing >= 0
    if missing:  # then every purse gave all it may
        for purse in order:
            may = held.get(purse, 0) - (floor_fen if purse == "cash" else 0)
            assert dict(split).get(purse, 0) == max(may, 0)


@given(st.integers(0, 253_370_764_799), st.integers(-50_400, 50_400), st.integers(0, 1439))
def test_every_moment_has_a_business_day(at: int, offset: int, starts: int) -> None:
    rules = dataclasses.replace(RULES, utc_offset_seconds=offset, day_starts_minute=starts)
    day = cc.business_day(at, rules)
    assert cc.business_day(at + 86_400, rules) > day
    assert 19691230 <= day <= 99991231


@given(st.lists(st.integers(1, 3000), max_size=8), st.data())
def test_tallies_undo_in_any_order(charges: list[int], data: st.DataObject) -> None:
    one = cc.decide(
        cc.Tap(NOON, "noodles", 1, cc.CardState.ACTIVE, 1250),
        RULES,
        cc.Known(cc.Tally(), balances={"cash": 9000}),
    )
    assert isinstance(one, cc.Approved)
    paid = [dataclasses.replace(one, charged_fen=fen) for fen in charges]
    tally = cc.Tally().roll(20260101, "lunch")
    for approved in paid:
        tally = tally.add(approved, NOON)
    assert (tally.day_fen, tally.meal_count) == (sum(charges), len(charges))
    for approved in data.draw(st.permutations(paid)):
        tally = tally.subtract(approved)
    assert (tally.day_fen, tally.meal_fen, tally.meal_count) == (0, 0, 0)
