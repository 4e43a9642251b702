import base64
import hashlib
import hmac

import pyotp
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import campus_code as cc
from tests.unit.campus_code.samples import (
    AT,
    CARD,
    FOREVER,
    ISSUER_KEY,
    ISSUER_MASTER,
    ISSUER_RING,
    RING,
    TERMINAL_KEY,
    TERMINAL_MASTER,
    code,
)

PUBLISHED = [
    ("20240013", 1, 1767225600, "9072024001301040897646836818487666"),
    ("20240013", 1, 1767225615, "9072024001301041955908396362480675"),
    ("00000000", 0, 59, "9070000000000003892398011189025670"),
    ("57299993", 42, 4102444800, "9075729999342320437001723652773893"),
]


def refused(text: str, at: int = AT, ring: cc.Keyring = RING) -> tuple[cc.Refusal, cc.Evidence]:
    with pytest.raises(cc.RefusedError) as caught:
        cc.verify_code(text, ring, at)
    return caught.value.refusal, caught.value.evidence


@pytest.mark.parametrize("card_number,issue,at,expected", PUBLISHED)
def test_published_codes_come_out_exactly(
    card_number: str, issue: int, at: int, expected: str
) -> None:
    assert code(card_number, issue, at) == expected
    verified = cc.verify_code(expected, RING, at)
    assert (verified.card_number, verified.issue) == (card_number, issue)
    assert (verified.epoch, verified.step, verified.offset_seconds) == (7, at // 15, 0)
    cc.verify_tac(expected, verified.step, ISSUER_RING, at)


def test_values_are_what_pyotp_makes_of_the_base32_secret() -> None:
    for master, role, part in (
        (TERMINAL_MASTER, "terminal", slice(16, 25)),
        (ISSUER_MASTER, "issuer", slice(25, 34)),
    ):
        info = f"campus-code/9/{role}/07{CARD}01".encode()
        secret = HKDF(SHA256(), 32, b"", info).derive(master)
        plain = pyotp.TOTP(
            base64.b32encode(secret).decode().rstrip("="),
            digits=9,
            digest=hashlib.sha256,
            interval=15,
        )
        assert code()[part] == plain.at(AT)
        # and once more without pyotp, straight from RFC 4226
        mac = hmac.digest(secret, (AT // 15).to_bytes(8, "big"), "sha256")
        at = mac[-1] & 15
        number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
        assert code()[part] == f"{number % 10**9:09d}"


@pytest.mark.parametrize("away,offset", [(0, 0), (14, 0), (15, 0), (45, -30), (-1, 1), (-15, 15)])
def test_window_holds_to_its_edges(away: int, offset: int) -> None:
    assert cc.verify_code(code(), RING, AT + away).offset_seconds == offset


def test_one_second_past_the_edges_is_refused_and_says_by_how_much() -> None:
    assert refused(code(), AT + 46) == (cc.Refusal.EXPIRED, {"seconds": 31})
    assert refused(code(), AT - 16) == (cc.Refusal.EARLY, {"seconds": 16})


def test_window_settings_are_obeyed_and_bounded() -> None:
    assert cc.verify_code(code(), RING, AT + 75, cc.Window(0, 60)).offset_seconds == -60
    with pytest.raises(cc.RefusedError):
        cc.verify_code(code(), RING, AT + 16, cc.Window(0, 0))
    for early, late in ((61, 0), (0, 61), (-1, 0), (0, -1), (True, 0)):
        with pytest.raises(cc.ShapeError):
            cc.Window(early, late)


def test_a_phone_three_minutes_ahead_is_told_so() -> None:
    refusal, evidence = refused(code(at=AT + 180))
    assert (refusal, evidence) == (cc.Refusal.EARLY, {"seconds": 180})
    assert "180" in refusal.sentence("zh", evidence)


def test_steps_before_the_beginning_of_time_are_expired() -> None:
    text = code(at=0)
    before = text[:13] + "999" + text[16:]
    assert refused(before, 0)[0] is cc.Refusal.EXPIRED


@pytest.mark.parametrize("place", range(16, 25))
def test_every_digit_of_totp_counts(place: int) -> None:
    wrong = str((int(code()[place]) + 1) % 10)
    text = code()[:place] + wrong + code()[place + 1 :]
    assert refused(text) == (cc.Refusal.WRONG_CODE, {"which": "totp"})


@pytest.mark.parametrize("place", range(25, 34))
def test_terminal_cannot_see_a_wrong_tac_but_the_issuer_does(place: int) -> None:
    wrong = str((int(code()[place]) + 1) % 10)
    text = code()[:place] + wrong + code()[place + 1 :]
    step = cc.verify_code(text, RING, AT).step
    with pytest.raises(cc.RefusedError) as caught:
        cc.verify_tac(text, step, ISSUER_RING, AT)
    assert caught.value.evidence == {"which": "tac"}


def test_tac_of_another_step_is_refused() -> None:
    step = AT // 15
    for other in (step + 1, step + 1000, -1, step % 1000 - 1000):
        with pytest.raises(cc.RefusedError) as caught:
            cc.verify_tac(code(), other, ISSUER_RING, AT)
        assert caught.value.refusal is cc.Refusal.WRONG_CODE


def test_issue_and_card_are_bound_into_the_code() -> None:
    assert refused(code()[:11] + "02" + code()[13:])[0] is cc.Refusal.WRONG_CODE
    assert refused(code()[:3] + "57299993" + code()[11:])[0] is cc.Refusal.WRONG_CODE


def test_epoch_must_be_held_and_valid_at_the_time() -> None:
    assert refused("908" + code()[3:]) == (cc.Refusal.EXPIRED_CREDENTIAL, {"epoch": 8})
    for valid_from, valid_until, is_valid in (
        (AT, AT + 1, True),
        (AT + 1, FOREVER, False),
        (0, AT, False),
    ):
        ring = cc.Keyring((cc.EpochKey(7, valid_from, valid_until, TERMINAL_MASTER),))
        if is_valid:
            assert cc.verify_code(code(), ring, AT).epoch == 7
        else:
            assert refused(code(), ring=ring)[0] is cc.Refusal.EXPIRED_CREDENTIAL


def test_epochs_with_the_same_digits_are_told_apart_by_time() -> None:
    later = cc.EpochKey(107, AT, FOREVER, ISSUER_MASTER)
    ring = cc.Keyring((cc.EpochKey(7, 0, AT, TERMINAL_MASTER), later))
    assert cc.verify_code(code(at=AT - 15), ring, AT - 15).epoch == 7
    assert ring.find(7, AT) is later
    secrets = cc.phone_secrets(later, cc.EpochKey(107, 0, FOREVER, bytes(32)), CARD, 1)
    assert cc.verify_code(cc.issue_code(secrets, AT), ring, AT).epoch == 107


def test_the_current_key_is_the_newest_valid_one() -> None:
    old, new = cc.EpochKey(7, 0, AT + 60, bytes(32)), cc.EpochKey(8, AT, AT + 90, bytes(32))
    ring = cc.Keyring((old, new))
    assert [ring.current(at).epoch for at in (AT - 1, AT, AT + 89)] == [7, 8, 8]
    with pytest.raises(cc.RefusedError) as caught:
        ring.current(AT + 90)
    assert caught.value.refusal is cc.Refusal.EXPIRED_CREDENTIAL


def test_order_of_the_steps_is_the_format_s() -> None:
    # everything is wrong with this one; the first thing named is the check digit
    text = "908" + "20240014" + code()[11:]
    assert refused(text, AT + 999)[0] is cc.Refusal.UNREADABLE
    assert refused("908" + code()[3:], AT + 999)[0] is cc.Refusal.EXPIRED_CREDENTIAL
    assert refused(code()[:16] + "0" * 18, AT + 999)[0] is cc.Refusal.EXPIRED


def test_steps_strictly_increase() -> None:
    cc.check_step(5, None)
    cc.check_step(5, 4)
    for last in (5, 6):
        with pytest.raises(cc.RefusedError) as caught:
            cc.check_step(5, last)
        assert caught.value.refusal is cc.Refusal.ALREADY_USED


def test_phone_makes_no_code_outside_its_epoch() -> None:
    key = cc.EpochKey(7, AT, AT + 60, TERMINAL_MASTER)
    secrets = cc.phone_secrets(key, ISSUER_KEY, CARD, 1)
    assert (secrets.valid_from, secrets.valid_until) == (AT, AT + 60)
    assert cc.issue_code(secrets, AT + 59)
    for at in (AT - 1, AT + 60):
        with pytest.raises(cc.RefusedError):
            cc.issue_code(secrets, at)
    with pytest.raises(cc.ShapeError, match="another epoch"):
        cc.phone_secrets(TERMINAL_KEY, cc.EpochKey(8, 0, FOREVER, bytes(32)), CARD, 1)


def test_no_repr_shows_a_key() -> None:
    secrets = cc.phone_secrets(TERMINAL_KEY, ISSUER_KEY, CARD, 1)
    for thing in (TERMINAL_KEY, RING, secrets):
        shown = repr(thing)
        assert "\\x" not in shown
        assert TERMINAL_MASTER.hex() not in shown
        assert "bytes" not in shown
        assert "b'" not in shown


def test_secrets_are_cached_within_a_bound() -> None:
    ring = cc.Keyring((TERMINAL_KEY,))
    for serial in range(9000):
        ring.secret(TERMINAL_KEY, cc.Role.TERMINAL, cc.card_number(serial), 1)
    info = ring._derive.cache_info()
    assert info.currsize == info.maxsize == 8192


def test_keyring_refuses_an_epoch_twice_and_too_many() -> None:
    with pytest.raises(cc.ShapeError, match="twice"):
        cc.Keyring((TERMINAL_KEY, TERMINAL_KEY))
    many = tuple(cc.EpochKey(n, 0, 1, bytes(32)) for n in range(129))
    with pytest.raises(cc.ShapeError, match="128"):
        cc.Keyring(many)


def test_twenty_wrong_codes_a_minute_are_borne_the_next_pauses() -> None:
    gate = cc.WrongCodeGate()
    for _ in range(20):
        gate = gate.after_wrong(AT)
    assert gate.paused_until(AT) is None
    gate = gate.after_wrong(AT + 59)
    assert gate.paused_until(AT + 59) == AT + 64
    assert gate.paused_until(AT + 64) is None
    with pytest.raises(cc.RefusedError) as caught:
        gate.check(AT + 60)
    assert caught.value.evidence == {"seconds": 4}


def test_wrong_codes_spread_over_time_never_pause() -> None:
    gate = cc.WrongCodeGate()
    for n in range(100):
        gate = gate.after_wrong(AT + n * 3)
        assert gate.paused_until(AT + n * 3) is None


def test_pauses_double_to_five_minutes_and_are_forgotten() -> None:
    gate, at, pauses = cc.WrongCodeGate(), AT, []
    for _ in range(9):
        for _ in range(21):
            gate = gate.after_wrong(at)
        until = gate.paused_until(at)
        assert until is not None
        pauses.append(until - at)
        at = until
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    at += 901
    for _ in range(21):
        gate = gate.after_wrong(at)
    assert gate.paused_until(at) == at + 5
