import base64
import datetime as dt
import hashlib

import pyotp
import pytest

import campus_code as cc
from tests.unit.campus_code.samples import AT, CARD, FOREVER, RING, TERMINAL_KEY, TERMINAL_MASTER

NEW_YEAR = dt.date(2026, 1, 1)


def shown(on: dt.date = NEW_YEAR, issue: int = 1, key: cc.EpochKey = TERMINAL_KEY) -> str:
    return CARD + cc.emergency_code(key, CARD, issue, on)


def refused(text: str, ring: cc.Keyring = RING, issue: int = 1, at: int = AT) -> cc.Refusal:
    with pytest.raises(cc.RefusedError) as caught:
        cc.verify_emergency(text, issue, ring, at, NEW_YEAR)
    return caught.value.refusal


def test_the_published_code_comes_out_and_is_taken() -> None:
    assert shown() == CARD + "34161410"
    verified = cc.verify_emergency(shown(), 1, RING, AT, NEW_YEAR)
    assert verified == cc.VerifiedEmergency(CARD, 1, 7, NEW_YEAR)


def test_it_is_pyotp_s_hotp_with_the_date_as_counter() -> None:
    secret = cc.derive_secret(TERMINAL_MASTER, cc.Role.EMERGENCY, 7, CARD, 1)
    key = base64.b32encode(secret).decode().rstrip("=")
    assert shown()[8:] == pyotp.HOTP(key, digits=8, digest=hashlib.sha256).at(20260101)


def test_every_digit_the_date_and_the_issue_count() -> None:
    for place in range(8, 16):
        wrong = str((int(shown()[place]) + 1) % 10)
        assert refused(shown()[:place] + wrong + shown()[place + 1 :]) is cc.Refusal.WRONG_CODE
    assert refused(shown(dt.date(2026, 1, 2))) is cc.Refusal.WRONG_CODE
    assert refused(shown(), issue=2) is cc.Refusal.WRONG_CODE


@pytest.mark.parametrize(
    "text,reason",
    [
        ("", cc.Refusal.UNREADABLE),
        (CARD + "3416141", cc.Refusal.UNREADABLE),
        (CARD + "341614100", cc.Refusal.UNREADABLE),
        (CARD + "3416141\u0660", cc.Refusal.UNREADABLE),
        ("20240014" + "34161410", cc.Refusal.UNREADABLE),
        ("28000001" + "34161410", cc.Refusal.FOREIGN_CODE),
        ("130000000000000001", cc.Refusal.FOREIGN_CODE),
    ],
)
def test_what_is_no_emergency_code(text: str, reason: cc.Refusal) -> None:
    assert refused(text) is reason


def test_our_own_card_numbers_win_over_a_wallet_s_beginning() -> None:
    card_number = cc.card_number(2_800_001)
    text = card_number + cc.emergency_code(TERMINAL_KEY, card_number, 1, NEW_YEAR)
    assert cc.verify_emergency(text, 1, RING, AT, NEW_YEAR).card_number == card_number
    assert cc.parse_emergency(text) == cc.EmergencyCredential(card_number, text[8:])


def test_both_neighbours_of_a_boundary_within_the_day_count() -> None:
    old = cc.EpochKey(7, 0, AT, TERMINAL_MASTER)
    new = cc.EpochKey(8, AT, FOREVER, bytes(32))
    ring = cc.Keyring((old, new))
    for key in (old, new):
        text = shown(key=key)
        assert cc.verify_emergency(text, 1, ring, AT, NEW_YEAR).epoch == key.epoch
    assert refused(shown(key=old), ring, at=AT + 86_400) is cc.Refusal.WRONG_CODE
    assert refused(shown(key=new), ring, at=AT - 86_401) is cc.Refusal.WRONG_CODE
    gone = cc.Keyring((old,))
    assert refused(shown(), gone, at=AT + 86_400) is cc.Refusal.EXPIRED_CREDENTIAL
