"""What a school takes without contact, and the verdict on a chip."""

import dataclasses

import pytest

import campus_code as cc
from tests.rig.campus import NOON, STUDENT, make_rules

TODAY = 20260101
CLASSIC = cc.ChipRules(cc.ChipKind.CLASSIC, 1500, 2000, TODAY)
DESFIRE = cc.ChipRules(cc.ChipKind.DESFIRE, 5000, 10_000)
RULES = make_rules(nfc=cc.NfcRules((CLASSIC, DESFIRE)))


def verdict(
    fen: int, kind: cc.ChipKind | None, *, spent_fen: int = 0, rules: cc.RulesBundle = RULES
) -> object:
    tap = cc.Tap(
        NOON,
        "canteen",
        STUDENT,
        cc.CardState.ACTIVE,
        asked_fen=fen,
        has_pin=True,
        credential=cc.CredentialKind.CARD,
        chip=kind,
    )
    known = cc.Known(cc.Tally(TODAY, "lunch", spent_fen), balances={"cash": 100_000})
    told = cc.decide(tap, rules, known)
    return told.reason if isinstance(told, cc.Declined) else told.charged_fen


def test_a_chip_pays_within_its_kinds_limits_whatever_pin_was_typed() -> None:
    assert verdict(1500, cc.ChipKind.CLASSIC) == 1500
    assert verdict(1501, cc.ChipKind.CLASSIC) is cc.Refusal.SINGLE_LIMIT
    assert verdict(1000, cc.ChipKind.CLASSIC, spent_fen=1000) == 1000
    assert verdict(1000, cc.ChipKind.CLASSIC, spent_fen=1001) is cc.Refusal.DAY_LIMIT
    assert verdict(5000, cc.ChipKind.DESFIRE) == 5000


def test_a_kind_that_is_not_listed_or_over_is_retired() -> None:
    assert verdict(1, cc.ChipKind.CPU) is cc.Refusal.CHIP_NOT_TAKEN
    assert verdict(1, None) is cc.Refusal.CHIP_NOT_TAKEN
    assert verdict(1, cc.ChipKind.DESFIRE, rules=make_rules()) is cc.Refusal.CHIP_NOT_TAKEN
    over = dataclasses.replace(CLASSIC, ends_on=TODAY - 1)
    rules = make_rules(nfc=cc.NfcRules((over,)))
    assert verdict(1, cc.ChipKind.CLASSIC, rules=rules) is cc.Refusal.CHIP_NOT_TAKEN


@pytest.mark.parametrize(
    "payment_fen,day_fen,ends_on",
    [(5001, 5000, TODAY), (5000, 5001, TODAY), (1500, 2000, 0), (-1, 0, TODAY)],
)
def test_a_classic_chip_without_end_or_with_much_money_is_no_rule(
    payment_fen: int, day_fen: int, ends_on: int
) -> None:
    with pytest.raises(cc.ShapeError):
        cc.ChipRules(cc.ChipKind.CLASSIC, payment_fen, day_fen, ends_on)


def test_the_rules_travel_and_are_left_out_where_there_are_none() -> None:
    assert cc.rules_from_json(cc.to_json(RULES)) == RULES
    assert b'"nfc"' not in cc.to_json(make_rules())
    with pytest.raises(cc.ShapeError, match=r"nfc.chips\[0\].kind"):
        cc.rules_from_json(cc.to_json(RULES).replace(b'"classic"', b'"prox"'))
    with pytest.raises(cc.ShapeError, match="given twice"):
        cc.NfcRules((DESFIRE, DESFIRE))
