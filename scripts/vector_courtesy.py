"""The taps of vectors/courtesy.json: meals on the school, and what is none."""

import dataclasses

import campus_code as cc
from scripts.vector_decisions import NOON, Case, alone, sample_case, sample_rules

GIVEN = {"day": 0, "seven_days": 0}
COURTESY_FAULTS = (
    ('"periods":["lunch"]', '"periods":["supper"]'),
    ('"day_count_max":1', '"day_count_max":0'),
    ('"gives_courtesy":true', '"gives_courtesy":1'),
)
"""What is wrong with `courtesy_rules` when this is put in the place of that."""


def courtesy_rules() -> cc.RulesBundle:
    """The same school; it gives students a lunch of up to 12 yuan, once a day, twice in seven."""
    rules = sample_rules()
    student = dataclasses.replace(
        rules.classes[1], courtesy=cc.CourtesyRules(1200, 1, 2, ("lunch",))
    )
    noodles = dataclasses.replace(rules.groups["noodles"], gives_courtesy=True)
    return dataclasses.replace(
        rules,
        classes={**rules.classes, 1: student},
        groups={**rules.groups, "noodles": noodles},
    )


def courtesy_cases() -> list[Case]:
    """Taps whose purses hold nothing, unless said otherwise, and what the school has given."""
    asked: list[tuple[str, Case, Case, Case]] = [
        ("the first", {}, {}, {}),
        ("the purses reach", {}, {}, {"balances": {"cash": 1100}}),
        ("a part of it is there and stays", {}, {}, {"balances": {"cash": 1099}}),
        ("the most it may cost", {"asked_fen": 1500}, {}, {}),
        ("over the most", {"asked_fen": 1501}, {}, {}),
        ("one today", {}, {}, {"courtesy": {"day": 1, "seven_days": 1}}),
        ("one of other days", {}, {}, {"courtesy": {"day": 0, "seven_days": 1}}),
        ("two of other days", {}, {}, {"courtesy": {"day": 0, "seven_days": 2}}),
        ("another meal", {"at": NOON - 5 * 3600}, {"period": "breakfast"}, {}),
        ("another class", {"class_id": 2, "asked_fen": 500}, {}, {}),
        ("another group", {"group_id": "set_meal", "asked_fen": None}, {}, {}),
        ("an emergency code", {"credential": "emergency", "asked_fen": 500}, {}, {}),
        ("nobody looked", {}, {}, {"courtesy": None}),
        ("a frozen card", {"card_state": 1}, {}, {}),
        ("a limit", {}, {"day_fen": 9001}, {}),
        ("a PIN is wanted", {"asked_fen": 4000}, {}, {}),
        ("alone", {}, {}, {**alone(payments=3), "balances": None, "courtesy": None}),
    ]
    return [
        sample_case(name, tap, tally, _known(changed), courtesy_rules())
        for name, tap, tally, changed in asked
    ]


def _known(changed: Case) -> Case:
    known: Case = {"balances": {"cash": 0, "benefit": 0}, "courtesy": GIVEN} | changed
    return {name: value for name, value in known.items() if value is not None}
