import dataclasses

from hypothesis import given
from hypothesis import strategies as st

import campus_code as cc
from campus_code.explanation import STEPS, explain
from tests.unit.campus_code.test_decision import (
    LUNCH,
    RICH,
    RULES,
    TAP,
    alone,
    changed_class,
    changed_group,
    known,
    tap,
)

DEBIT = ("state", "place", "interval", "price", "charge", "guardian", "limits")


def test_an_approved_tap_went_through_every_step() -> None:
    told = explain(TAP, RULES, RICH)
    assert told.verdict == cc.decide(TAP, RULES, RICH)
    assert isinstance(told.verdict, cc.Approved)
    assert [step.name for step in told.steps] == [*DEBIT, "purses"]
    assert not any(step.is_refused for step in told.steps)
    charge = told.steps[4].figures
    assert charge["nominal_fen"] == 1250
    assert charge["charged_fen"] == told.verdict.charged_fen
    assert told.steps[-1].figures["balance_fen.cash"] == 1_000_000
    assert (told.period_id, told.business_on) == ("lunch", 20260101)


def test_the_last_step_is_where_it_was_refused() -> None:
    frozen = explain(tap(card_state=cc.CardState.FROZEN), RULES, RICH)
    assert [(one.name, one.is_refused) for one in frozen.steps] == [("state", True)]
    assert frozen.steps[0].figures == {"card_state": "frozen"}
    nowhere = explain(tap(group_id="gone"), RULES, RICH)
    assert nowhere.steps[-1].name == "place"
    assert nowhere.steps[-1].is_refused
    poor = explain(TAP, RULES, known(cash=3))
    assert (poor.steps[-1].name, poor.steps[-1].is_refused) == ("purses", True)
    soon = known(last_at=TAP.at - 5)
    hurried = explain(TAP, changed_group(interval_seconds=60), soon)
    assert hurried.steps[-1].name == "interval"
    assert hurried.steps[-1].figures == {"interval_seconds": 60, "apart_seconds": 5}
    over = explain(TAP, changed_class(single_limit_fen=100, over_limit="refuse"), RICH)
    assert over.steps[-1].name == "limits"
    assert over.steps[-1].figures["single_limit_fen"] == 100


def test_a_terminal_alone_ends_with_its_own_limits() -> None:
    told = explain(TAP, RULES, alone(sync_age_seconds=10**7))
    assert told.steps[-1].name == "offline"
    assert told.steps[-1].is_refused
    assert told.steps[-1].figures["trust"] == "stop"
    assert told.steps[-1].figures["payments_max"] is None
    fresh = explain(TAP, RULES, alone())
    assert fresh.steps[-1].figures["trust"] == "fresh"


def test_guardians_and_chips_have_a_step_of_their_own() -> None:
    limits = cc.HolderLimits(day_fen=100)
    held = dataclasses.replace(RICH, limited=cc.Limited(limits))
    told = explain(TAP, RULES, held)
    assert (told.steps[-1].name, told.steps[-1].figures["day_limit_fen"]) == ("guardian", 100)
    chip = tap(credential=cc.CredentialKind.CARD, chip=cc.ChipKind.CLASSIC)
    shown = explain(chip, RULES, RICH)
    assert shown.steps[-1].name == "chip"
    assert shown.steps[-1].is_refused


@given(
    asked=st.integers(0, 30_000),
    cash=st.integers(0, 30_000),
    state=st.sampled_from(cc.CardState),
    at=st.integers(TAP.at - 86_400, TAP.at + 86_400),
    has_pin=st.booleans(),
    is_alone=st.booleans(),
)
def test_the_explanation_never_says_anything_but_decide(
    asked: int, cash: int, state: cc.CardState, at: int, *, has_pin: bool, is_alone: bool
) -> None:
    one = tap(asked_fen=asked, card_state=state, at=at, has_pin=has_pin)
    knows = alone() if is_alone else cc.Known(LUNCH, balances={"cash": cash})
    told = explain(one, RULES, knows)
    assert told.verdict == cc.decide(one, RULES, knows)
    assert [step.name for step in told.steps] == sorted(
        (step.name for step in told.steps), key=STEPS.index
    )
    refused = [step for step in told.steps if step.is_refused]
    assert refused == (list(told.steps[-1:]) if isinstance(told.verdict, cc.Declined) else [])
