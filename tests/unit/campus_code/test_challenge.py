import hashlib
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import campus_code as cc
from tests.unit.campus_code.samples import (
    AT,
    CARD,
    ISSUER_KEY,
    ISSUER_RING,
    RING,
    TERMINAL_KEY,
    code,
)

PHONE = cc.phone_secrets(TERMINAL_KEY, ISSUER_KEY, CARD, 1)
ASKED = cc.Challenge(bytes.fromhex("c0c1c2c3c4c5c6c7"), 42, 1250)
ANSWER = cc.answer_challenge(PHONE, code(), ASKED.to_bytes())


def refusal(answer: cc.ChallengeAnswer, asked: cc.Challenge, at: int = AT) -> cc.RefusedError:
    with pytest.raises(cc.RefusedError) as caught:
        cc.verify_challenge(answer, asked, RING, at)
    return caught.value


def test_the_mac_is_what_the_page_says() -> None:
    message = b"campus-code/9/challenge" + code().encode() + bytes.fromhex("c0c1c2c3c4c5c6c7")
    message += bytes.fromhex("0000002a") + bytes.fromhex("000004e2")
    mac = hmac.new(PHONE.terminal_secret, message, hashlib.sha256).digest()[:8]
    issuer = hmac.new(PHONE.issuer_secret, message, hashlib.sha256).digest()[:8]
    assert ANSWER.to_bytes() == code().encode() + mac + issuer


def test_a_right_answer_passes_at_the_terminal_and_at_the_issuer() -> None:
    verified = cc.verify_challenge(ANSWER, ASKED, RING, AT)
    assert (verified.card_number, verified.issue, verified.step) == (CARD, 1, AT // 15)
    cc.verify_issuer_mac(ANSWER, ASKED, ISSUER_RING, AT)


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, nonce=bytes(8)),
        replace(ASKED, terminal_id=43),
        replace(ASKED, amount_fen=1251),
    ],
    ids=["nonce", "terminal", "amount"],
)
def test_an_answer_for_another_tap_is_refused(other: cc.Challenge) -> None:
    error = refusal(ANSWER, other)
    assert (error.refusal, error.evidence) == (cc.Refusal.WRONG_CODE, {"which": "challenge"})
    with pytest.raises(cc.RefusedError) as caught:
        cc.verify_issuer_mac(ANSWER, other, ISSUER_RING, AT)
    assert caught.value.evidence == {"which": "issuer_challenge"}


def test_a_terminal_cannot_make_the_issuers_mac() -> None:
    forged = replace(ANSWER, mac_issuer=ANSWER.mac_terminal)
    cc.verify_challenge(forged, ASKED, RING, AT)
    with pytest.raises(cc.RefusedError):
        cc.verify_issuer_mac(forged, ASKED, ISSUER_RING, AT)


def test_the_code_inside_is_verified_as_any_code() -> None:
    assert refusal(ANSWER, ASKED, AT + 46).refusal is cc.Refusal.EXPIRED
    later = cc.answer_challenge(PHONE, code(at=AT + 15), ASKED.to_bytes())
    # the MAC of one moment does not fit the code of another
    assert refusal(replace(later, code=code()), ASKED).evidence == {"which": "challenge"}
    wrong = code()[:-10] + "0" + code()[-9:]
    made = cc.answer_challenge(PHONE, wrong, ASKED.to_bytes())
    assert refusal(made, ASKED).evidence == {"which": "totp"}


@given(st.binary(max_size=60) | st.from_regex(rb"\A[0-9]{34}(?s:.){14,18}\Z"))
def test_no_bytes_make_reading_an_answer_break(raw: bytes) -> None:
    is_answer = len(raw) == 50 and raw[:34].isdigit()
    if is_answer:
        assert cc.read_answer(raw).to_bytes() == raw
        return
    with pytest.raises(cc.RefusedError) as caught:
        cc.read_answer(raw)
    assert caught.value.refusal is cc.Refusal.UNREADABLE


@pytest.mark.parametrize(
    "fields",
    [
        {"nonce": bytes(7)},
        {"terminal_id": 2**32},
        {"terminal_id": -1},
        {"amount_fen": 10_000_001},
        {"amount_fen": True},
    ],
)
def test_a_challenge_out_of_bounds_is_not_built(fields: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        replace(ASKED, **fields)  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_a_phone_answers_whatever_a_reader_sends(commands: list[bytes]) -> None:
    phone = cc.PhoneCard(PHONE)
    for command in commands:
        data, status = cc.split_answer(phone.answer(command, AT))
        assert len(status) == 2
        if status != b"\x90\x00":
            assert data == b""


def test_nothing_is_said_before_select_and_after_leaving() -> None:
    phone = cc.PhoneCard(PHONE)
    ask = cc.challenge_command(ASKED)
    assert phone.answer(ask, AT) == b"\x69\x85"
    assert phone.answer(cc.select_command(), AT) == b"\x01\x90\x00"
    data, status = cc.split_answer(phone.answer(ask, AT))
    assert (cc.read_answer(data), status) == (ANSWER, b"\x90\x00")
    phone.leave()
    assert phone.answer(cc.get_code_command(), AT) == b"\x69\x85"
    assert cc.split_answer(b"\x90") == (b"", b"")


def test_no_secret_stands_in_a_repr() -> None:
    assert ANSWER.mac_terminal.hex() not in repr(ANSWER)
    assert "secret=" not in repr(cc.PhoneCard(PHONE))
