"""The simulated WeChat is as strict as the true one, and runs as a program."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from simulators.wechat.partner import (
    CODE_SECONDS,
    FORCED_REFRESHES_MAX,
    FREEZE_TEMPLATE,
    TOKEN_OVERLAP_SECONDS,
    TOKEN_SECONDS,
    Partner,
    PartnerError,
)
from tests.rig.office import Hand
from tests.tidy.sources import ROOT

ACCOUNT = {"appid": "wx1", "secret": "s"}
ASKED = ACCOUNT | {"grant_type": "client_credential"}
LOGIN = ACCOUNT | {"grant_type": "authorization_code"}
MESSAGE = {
    "touser": "oMe",
    "template_id": FREEZE_TEMPLATE,
    "data": {"thing1": {"value": "冻结"}, "time2": {"value": "2026年1月1日 12:00"}},
}


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def partner(clock: Hand) -> Partner:
    return Partner("wx1", "s", clock, os.urandom)


def errcode(call: Callable[[], Any]) -> int:
    with pytest.raises(PartnerError) as refused:
        call()
    return refused.value.errcode


def token(partner: Partner, **more: object) -> str:
    return str(partner.stable_token(ASKED | more)["access_token"])


@pytest.mark.parametrize(
    "changed, code",
    [({"appid": "wx2"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": ""}, 40002)],
)
def test_the_account_is_checked(partner: Partner, changed: dict[str, str], code: int) -> None:
    login = partner.login_code("oMe")
    assert errcode(lambda: partner.stable_token(ASKED | changed)) == code
    assert errcode(lambda: partner.code_to_session(LOGIN | {"js_code": login} | changed)) == code
    assert partner.code_to_session(LOGIN | {"js_code": login})["openid"] == "oMe"


def test_a_login_code_works_once_and_five_minutes(partner: Partner, clock: Hand) -> None:
    used, old = partner.login_code("oMe"), partner.login_code("oMe")
    partner.code_to_session(LOGIN | {"js_code": used})
    assert errcode(lambda: partner.code_to_session(LOGIN | {"js_code": used})) == 40163
    clock.now += CODE_SECONDS
    assert errcode(lambda: partner.code_to_session(LOGIN | {"js_code": old})) == 40029
    assert errcode(lambda: partner.code_to_session(LOGIN)) == 41008


def test_a_token_stays_the_same_until_shortly_before_its_end(partner: Partner, clock: Hand) -> None:
    first = token(partner)
    assert token(partner) == first
    clock.now += TOKEN_SECONDS - TOKEN_OVERLAP_SECONDS
    second = token(partner)
    assert second != first
    assert errcode(lambda: partner.phone_number(first, {"code": "x"})) == 40029, "both work now"
    clock.now += TOKEN_OVERLAP_SECONDS
    assert errcode(lambda: partner.phone_number(first, {"code": "x"})) == 42001
    assert errcode(lambda: partner.phone_number("", {"code": "x"})) == 41001


def test_a_forced_token_ends_the_one_before_and_is_rationed(partner: Partner) -> None:
    first = token(partner)
    for _ in range(FORCED_REFRESHES_MAX):
        assert token(partner, force_refresh=True) != first
    assert errcode(lambda: partner.phone_number(first, {"code": "x"})) == 40001
    assert errcode(lambda: token(partner, force_refresh=True)) == 45009


def test_a_message_needs_an_acceptance_and_the_template_its_words(partner: Partner) -> None:
    access = token(partner)
    assert errcode(lambda: partner.send(access, MESSAGE)) == 40003
    partner.accept("oMe", FREEZE_TEMPLATE)
    assert errcode(lambda: partner.send(access, MESSAGE | {"template_id": "x"})) == 40037
    for data, code in (
        (None, 47001),
        ({"thing1": {"value": "x"}}, 47003),
        ({"thing1": {"value": "x" * 21}, "time2": {"value": "12:00"}}, 47003),
        ({"thing1": {"value": "x"}, "time2": {"value": "noon"}}, 47003),
        ({**MESSAGE["data"], "thing3": {"value": "x"}}, 47003),  # type: ignore[dict-item]
    ):
        assert errcode(functools.partial(partner.send, access, MESSAGE | {"data": data})) == code
    assert partner.send(access, MESSAGE)["errcode"] == 0
    assert errcode(lambda: partner.send(access, MESSAGE)) == 43101


@pytest.mark.parametrize("phone", ["", "12", "phone", "+1234 5678901", "138 0000 0000"])
def test_what_is_no_phone_number_gets_no_code(partner: Partner, phone: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        partner.phone_code(phone)


def test_the_program_serves_pages_of_this_machine_and_no_others() -> None:
    command = [sys.executable, "-m", "simulators.wechat", "--port", "0", "--secret", "s"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            said = re.search(r"http://127\.0\.0\.1:\d+", program.stdout.readline())
            assert said is not None
            with httpx.Client(
                base_url=said.group(), transport=httpx.HTTPTransport(retries=5)
            ) as http:
                path, body = "/simulator/login-codes", {"openid": "oMe"}
                here = {"origin": "http://localhost:8700"}
                asked = http.options(path, headers=here)
                assert asked.headers["access-control-allow-origin"] == here["origin"]
                made = http.post(path, json=body, headers={"origin": "https://evil.example"})
                assert "access-control-allow-origin" not in made.headers
                query = {**LOGIN, "appid": "wx00000000000000de", "js_code": made.json()["code"]}
                assert http.get("/sns/jscode2session", params=query).json()["openid"] == "oMe"
                assert http.post(path, json={}).status_code == 400
        finally:
            program.terminate()
    assert program.returncode == 0
