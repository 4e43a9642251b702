"""A meal on the school: the last branch of the verdict, and each thing that keeps it shut."""

import dataclasses
from typing import Any

import pytest

import campus_code as cc
from scripts.vector_courtesy import courtesy_rules
from tests.rig.campus import NOON, STUDENT, make_rules

TODAY = 20260101
POOR = cc.Refusal.INSUFFICIENT_FUNDS
TAP = cc.Tap(NOON, "canteen", STUDENT, cc.CardState.ACTIVE, 1200)
NONE_YET = cc.CourtesyGiven()
NFC = cc.NfcRules((cc.ChipRules(cc.ChipKind.DESFIRE, 5000, 10_000),))


def rules(courtesy: cc.CourtesyRules | None = None, **changes: Any) -> cc.RulesBundle:
    """Students are given a lunch of up to 12 yuan, once a day and twice in seven."""
    usual = make_rules(nfc=NFC)
    given = courtesy or cc.CourtesyRules(1200, 1, 2, ("lunch",))
    student = dataclasses.replace(usual.classes[STUDENT], courtesy=given, **changes)
    group = dataclasses.replace(usual.groups["canteen"], gives_courtesy=True)
    classes = {**usual.classes, STUDENT: student}
    return dataclasses.replace(usual, classes=classes, groups={"canteen": group})


def verdict(
    bundle: cc.RulesBundle | None = None,
    given: cc.CourtesyGiven | None = NONE_YET,
    *,
    cash_fen: int = 0,
    **tap: Any,
) -> object:
    """The refusal, "school" for a meal on the school, or what the purses pay."""
    known = cc.Known(cc.Tally(TODAY, "lunch"), balances={"cash": cash_fen}, courtesy=given)
    told = cc.decide(dataclasses.replace(TAP, **tap), bundle or rules(), known)
    if isinstance(told, cc.Declined):
        return told.reason
    assert not (told.is_courtesy and told.split)
    return "school" if told.is_courtesy else told.split


def test_where_the_purses_do_not_reach_the_school_gives_the_whole_meal() -> None:
    assert verdict() == verdict(cash_fen=1199) == "school"
    assert verdict(cash_fen=1200) == (("cash", 1200),)
    assert verdict(rules(floor_fen=1), cash_fen=1200) == "school"


def test_only_a_class_that_has_it() -> None:
    assert verdict(rules(cc.CourtesyRules())) is POOR
    assert verdict(class_id=2) is POOR


def test_only_a_group_that_gives_it() -> None:
    bundle = rules()
    group = dataclasses.replace(bundle.groups["canteen"], gives_courtesy=False)
    assert verdict(dataclasses.replace(bundle, groups={"canteen": group})) is POOR


def test_no_more_than_it_may_cost_fee_and_all() -> None:
    assert verdict(asked_fen=1201) is POOR
    with_fee = rules(fee=cc.Fee("fixed", 100))
    assert verdict(with_fee, asked_fen=1100) == "school"
    assert verdict(with_fee, asked_fen=1101) is POOR


def test_so_many_a_day_and_so_many_in_seven() -> None:
    assert verdict(given=cc.CourtesyGiven(0, 1)) == "school"
    assert verdict(given=cc.CourtesyGiven(1, 1)) is POOR
    assert verdict(given=cc.CourtesyGiven(0, 2)) is POOR


def test_in_its_meals_and_never_outside_of_them() -> None:
    dinner, night = NOON + 5 * 3600, NOON + 10 * 3600
    assert verdict(at=dinner) is POOR
    every = rules(cc.CourtesyRules(1200))
    open_all_day = dataclasses.replace(every.groups["canteen"], accepts_outside_periods=True)
    every = dataclasses.replace(every, groups={"canteen": open_all_day})
    assert verdict(every, at=dinner) == "school"
    assert verdict(every, at=night) is POOR
    assert verdict(every, at=night, cash_fen=1200) == (("cash", 1200),)


def test_not_by_chip_and_not_by_emergency_code() -> None:
    chip: dict[str, Any] = {"credential": cc.CredentialKind.CARD, "chip": cc.ChipKind.DESFIRE}
    assert verdict(**chip) is POOR
    assert verdict(**chip, cash_fen=1200) == (("cash", 1200),)
    assert verdict(credential=cc.CredentialKind.EMERGENCY) is POOR


def test_it_lifts_no_limit_no_freeze_and_no_pin() -> None:
    assert verdict(card_state=cc.CardState.FROZEN) is cc.Refusal.FROZEN
    refusing = rules(over_limit="refuse", single_limit_fen=1199)
    assert verdict(refusing) is cc.Refusal.SINGLE_LIMIT
    assert verdict(rules(single_limit_fen=1199)) is cc.Refusal.PIN_REQUIRED
    tally = cc.Tally(TODAY, "lunch", 500, 500, 1)
    limited = cc.Limited(cc.HolderLimits(day_fen=1699))
    known = cc.Known(tally, balances={}, limited=limited, courtesy=NONE_YET)
    told = cc.decide(TAP, rules(), known)
    assert isinstance(told, cc.Declined)
    assert told.reason is cc.Refusal.GUARDIAN_DAY_LIMIT


def test_who_has_not_looked_gives_nothing() -> None:
    assert verdict(given=None) is POOR


def test_a_terminal_alone_cannot_even_ask() -> None:
    offline = cc.OfflineKnown(60)
    with pytest.raises(cc.ShapeError, match="alone"):
        cc.Known(cc.Tally(), offline=offline, courtesy=NONE_YET)
    for bundle in (rules(offline_limit_fen=0), rules(offline_limit_fen=5000)):
        told = cc.decide(TAP, bundle, cc.Known(cc.Tally(), offline=offline))
        assert not (isinstance(told, cc.Approved) and told.is_courtesy)


def test_free_of_charge_is_no_meal_on_the_school() -> None:
    assert verdict(rules(pay_percent=0)) == ()


def test_a_bundle_without_is_written_as_before_and_one_with_comes_back() -> None:
    assert b"courtesy" not in cc.to_json(make_rules())
    assert cc.rules_from_json(cc.to_json(courtesy_rules())) == courtesy_rules()


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_fen_max": -1},
        {"payment_fen_max": True},
        {"day_count_max": 0},
        {"seven_days_count_max": 57},
        {"periods": ("lunch", "lunch")},
        {"periods": ("",)},
        {"periods": tuple("abcdefghi")},
    ],
)
def test_what_is_out_of_bounds_is_never_made(changes: dict[str, Any]) -> None:
    with pytest.raises(cc.ShapeError, match=next(iter(changes))):
        cc.CourtesyRules(**changes)
