"""Passwords, PINs, second factors and what is drawn at random."""

import base64
import os
from collections import Counter

import pyotp
import pytest

from backend.domain.errors import InvalidInputError
from backend.domain.login import (
    LOCK_SECONDS,
    LOGIN_FAILURES_MAX,
    TOTP_STEP_SECONDS,
    LoginState,
    after_attempt,
    matching_totp_step,
    otpauth_uri,
    require_login,
)
from backend.domain.numbers import draw_card_numbers
from backend.domain.password import (
    SALT_BYTES,
    hash_password,
    is_password,
    require_password,
    require_pin,
)
from backend.domain.tokens import (
    BINDING_ALPHABET,
    BINDING_CODE_LENGTH,
    binding_code,
    read_binding_code,
    session_token,
)
from campus_code import is_damm

AT = 1_767_240_000
SECRET = bytes(range(20))
FRESH = LoginState(is_active=True, failures=0, locked_until=0, last_totp_step=0)


def test_a_password_is_known_by_its_hash_only() -> None:
    stored = hash_password("饭卡饭卡 123", bytes(SALT_BYTES))
    assert stored.startswith("scrypt$14$8$1$")
    assert is_password("饭卡饭卡 123", stored)
    assert not is_password("饭卡饭卡 124", stored)
    assert stored != hash_password("饭卡饭卡 123", b"x" * SALT_BYTES)
    assert len(stored) <= 160


@pytest.mark.parametrize("password", ["short", "a" * 129, "aaaaaaaaaaaa", "x-admin-2024-x"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        require_password(password, "admin")
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "pin", ["000000", "123456", "987654", "12345", "1234567", "12345a", "１２３４５６"]
)
def test_a_pin_that_is_guessed_first_is_refused(pin: str) -> None:
    with pytest.raises(InvalidInputError):
        require_pin(pin)


def test_an_ordinary_pin_and_password_pass() -> None:
    require_pin("739126")
    require_password("correct horse battery", "admin")


@pytest.mark.parametrize("login", ["", "a", "Admin", "1st", "a b", "a" * 33, "管理员", "a\n"])
def test_a_strange_login_is_refused(login: str) -> None:
    with pytest.raises(InvalidInputError):
        require_login(login)


def test_a_totp_step_is_accepted_once_and_never_an_older_one() -> None:
    now = AT // TOTP_STEP_SECONDS
    state, is_in = after_attempt(FRESH, is_password=True, totp_step=now, at=AT)
    assert is_in
    assert state.last_totp_step == now
    for step in (now, now - 1):
        again, is_in = after_attempt(state, is_password=True, totp_step=step, at=AT)
        assert not is_in
        assert again.failures == 1
    assert after_attempt(state, is_password=True, totp_step=now + 1, at=AT)[1]


def test_ten_failures_lock_even_the_right_password_out() -> None:
    state = FRESH
    for _ in range(LOGIN_FAILURES_MAX):
        state, is_in = after_attempt(state, is_password=False, totp_step=1, at=AT)
        assert not is_in
    assert state.locked_until == AT + LOCK_SECONDS
    locked, is_in = after_attempt(state, is_password=True, totp_step=9, at=AT + LOCK_SECONDS - 1)
    assert (locked, is_in) == (state, False)
    assert after_attempt(state, is_password=True, totp_step=9, at=AT + LOCK_SECONDS)[1]


@pytest.mark.parametrize(
    "is_active, is_right, step", [(False, True, 9), (True, False, 9), (True, True, None)]
)
def test_each_factor_is_needed(is_active: bool, is_right: bool, step: int | None) -> None:  # noqa: FBT001
    state = LoginState(is_active, failures=2, locked_until=0, last_totp_step=0)
    after, is_in = after_attempt(state, is_password=is_right, totp_step=step, at=AT)
    assert (is_in, after.failures) == (False, 3)


def test_success_forgets_failures() -> None:
    state = LoginState(is_active=True, failures=9, locked_until=0, last_totp_step=0)
    after, is_in = after_attempt(state, is_password=True, totp_step=5, at=AT)
    assert (is_in, after.failures) == (True, 0)


def test_the_second_factor_is_an_ordinary_totp() -> None:
    totp = pyotp.TOTP(base64.b32encode(SECRET).decode())
    now = AT // TOTP_STEP_SECONDS
    for drift, found in ((0, now), (-30, now - 1), (30, now + 1), (-61, None), (90, None)):
        assert matching_totp_step(SECRET, totp.at(AT + drift), AT) == found
    assert matching_totp_step(SECRET, "１２３４５６", AT) is None
    parsed = pyotp.parse_uri(otpauth_uri(SECRET, "admin", "示范大学"))
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.name) == (totp.secret, "admin")


def test_a_binding_code_survives_handwriting() -> None:
    code = binding_code(bytes([0, 1, 2, 31, 30, 10, 11, 12, 255, 200]))
    assert len(code) == BINDING_CODE_LENGTH
    assert set(code) <= set(BINDING_ALPHABET)
    assert read_binding_code(f" {code[:5].lower()}-{code[5:]} ") == code
    assert read_binding_code("O0Il1") == "00111"


def test_every_character_of_a_code_is_as_likely_as_any_other() -> None:
    counts = Counter(binding_code(bytes([byte] * 10))[0] for byte in range(256))
    assert set(counts.values()) == {8}
    assert len(counts) == len(BINDING_ALPHABET)


def test_tokens_are_43_characters_a_header_may_hold() -> None:
    token = session_token(os.urandom(32))
    assert len(token) == 43
    assert token.isascii()
    with pytest.raises(ValueError, match="exactly"):
        session_token(b"short")


def test_card_numbers_are_different_and_have_their_check_digit() -> None:
    numbers = draw_card_numbers(500, os.urandom)
    assert len(set(numbers)) == 500
    assert all(len(number) == 8 and is_damm(number) for number in numbers)
