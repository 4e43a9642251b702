"""The gateway to WeChat against a WeChat that is as strict as the true one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from backend.domain.message import Template
from backend.domain.wechat import (
    MessageRefusedError,
    WechatAwayError,
    WechatFaultError,
    WechatOffError,
    WrongWechatCodeError,
)
from backend.gateways import wechat as gateways
from backend.gateways.vault import VaultError
from backend.gateways.wechat import NoWechat, WechatAccount, WechatGateway
from backend.gateways.wechat_tokens import LocalTokens, RedisTokens, Token, Tokens
from simulators.wechat.partner import CODE_SECONDS, FREEZE_TEMPLATE, TOKEN_SECONDS
from tests.rig.office import Hand
from tests.rig.wechat import LOGIN, SECRET, SEND, TOKEN, SimulatedWechat, open_wechat

CANARY = "canary-login-code"
FREEZE = {"thing1": "校园卡消费已冻结", "time2": "2026年1月1日 12:00"}


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest_asyncio.fixture
async def wechat(tmp_path: Path, clock: Hand) -> AsyncIterator[SimulatedWechat]:
    async with open_wechat(tmp_path, clock) as made:
        yield made


@asynccontextmanager
async def opened(
    config: WechatAccount, clock: Hand, tokens: Tokens | None = None
) -> AsyncIterator[WechatGateway]:
    gateway = WechatGateway(config, tokens or LocalTokens(clock), clock)
    try:
        yield gateway
    finally:
        await gateway.close()


@pytest_asyncio.fixture
async def gateway(wechat: SimulatedWechat, clock: Hand) -> AsyncIterator[WechatGateway]:
    async with opened(wechat.account, clock) as made:
        yield made


async def test_a_login_needs_one_call_and_no_token(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    assert await gateway.openid_of(wechat.partner.login_code("oOne")) == "oOne"
    assert dict(wechat.partner.calls) == {LOGIN: 1}


async def test_a_code_works_once_and_for_five_minutes(
    gateway: WechatGateway, wechat: SimulatedWechat, clock: Hand
) -> None:
    used, old = wechat.partner.login_code("oOne"), wechat.partner.login_code("oTwo")
    await gateway.openid_of(used)
    clock.now += CODE_SECONDS
    for code in (used, old, "never given", "a&appid=x"):
        with pytest.raises(WrongWechatCodeError):
            await gateway.openid_of(code)


async def test_a_phone_number_is_told_with_its_country(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    partner = wechat.partner
    assert await gateway.phone_of(partner.phone_code("13800000000")) == "+8613800000000"
    code = partner.phone_code("+852 51234567")
    assert await gateway.phone_of(code) == "+85251234567"
    with pytest.raises(WrongWechatCodeError):
        await gateway.phone_of(code)
    assert partner.calls[TOKEN] == 1


async def test_a_login_code_is_no_phone_code(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    with pytest.raises(WrongWechatCodeError):
        await gateway.phone_of(wechat.partner.login_code("oOne"))


async def test_a_message_is_sent_once_for_each_acceptance(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    wechat.partner.accept("oOne", FREEZE_TEMPLATE)
    await gateway.send("oOne", Template.FREEZE, FREEZE)
    with pytest.raises(MessageRefusedError):
        await gateway.send("oOne", Template.FREEZE, FREEZE)
    (message,) = wechat.partner.messages
    assert message["data"]["thing1"] == {"value": "校园卡消费已冻结"}


async def test_what_is_wrong_with_a_message_stays_wrong(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    wechat.partner.accept("oOne", FREEZE_TEMPLATE)
    for openid, body in (("oNobody", FREEZE), ("oOne", {"thing1": "x" * 21, "time2": "12:00"})):
        with pytest.raises(WechatFaultError) as refused:
            await gateway.send(openid, Template.FREEZE, body)
        assert refused.value.is_lasting


async def test_the_token_is_fetched_again_before_it_ends(
    gateway: WechatGateway, wechat: SimulatedWechat, clock: Hand
) -> None:
    wechat.partner.accept("oOne", FREEZE_TEMPLATE)
    wechat.partner.accept("oOne", FREEZE_TEMPLATE)
    await gateway.send("oOne", Template.FREEZE, FREEZE)
    clock.now += TOKEN_SECONDS - 30
    await gateway.send("oOne", Template.FREEZE, FREEZE)
    assert (wechat.partner.calls[TOKEN], wechat.partner.calls[SEND]) == (2, 2)


async def test_a_refused_token_is_made_anew_once(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    for _ in range(2):
        wechat.partner.accept("oOne", FREEZE_TEMPLATE)
        await gateway.send("oOne", Template.FREEZE, FREEZE)
        wechat.partner.forget_tokens()
    assert wechat.partner.calls[SEND] == 3
    assert wechat.partner.calls[TOKEN] == 2


async def test_a_token_that_stays_refused_is_forced_and_then_given_up(
    wechat: SimulatedWechat, clock: Hand
) -> None:
    """WeChat may go on giving out a token that it refuses; wechatpy would ask for ever."""
    gateway = WechatGateway(wechat.account, LocalTokens(clock), clock)
    try:
        for _ in range(3):
            wechat.faults.plan(SEND, "token", 2)
            with pytest.raises(WechatFaultError):
                await gateway.send("oOne", Template.FREEZE, FREEZE)
        assert wechat.partner.calls[SEND] == 6
    finally:
        await gateway.close()


@pytest.mark.parametrize("kind", ["busy", "error", "garbage"])
async def test_what_is_no_answer_is_away(
    gateway: WechatGateway, wechat: SimulatedWechat, kind: str
) -> None:
    code = wechat.partner.login_code("oOne")
    wechat.faults.plan(LOGIN, kind, 1)
    wechat.faults.plan(TOKEN, kind, 1)
    with pytest.raises(WechatAwayError):
        await gateway.openid_of(code)
    with pytest.raises(WechatAwayError):
        await gateway.phone_of("x")
    assert await gateway.openid_of(code) == "oOne", "nothing of it stays"


async def test_an_unknown_number_is_a_fault_of_its_own(
    gateway: WechatGateway, wechat: SimulatedWechat
) -> None:
    wechat.faults.plan(LOGIN, "stranger", 1)
    with pytest.raises(WechatFaultError) as refused:
        await gateway.openid_of("x")
    assert (refused.value.errcode, refused.value.is_lasting) == (99_999, False)


async def test_silence_ends_after_the_time_out_and_blocks_nobody(
    gateway: WechatGateway, wechat: SimulatedWechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "READ_SECONDS", 0.3)
    wechat.faults.plan(LOGIN, "hang", gateways.THREADS_MAX)
    began, ticks = time.monotonic(), 0
    asked = [asyncio.create_task(gateway.openid_of("x")) for _ in range(gateways.THREADS_MAX)]
    while not all(task.done() for task in asked):
        await asyncio.sleep(0.01)
        ticks += 1
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {WechatAwayError}
    assert time.monotonic() - began < 2
    assert ticks > 10
    assert await gateway.openid_of(wechat.partner.login_code("oOne")) == "oOne"


async def test_a_silent_token_address_ends_too(
    gateway: WechatGateway, wechat: SimulatedWechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There wechatpy itself waits for ever."""
    monkeypatch.setattr(gateways, "READ_SECONDS", 0.3)
    wechat.faults.plan(TOKEN, "hang", 1)
    began = time.monotonic()
    with pytest.raises(WechatAwayError):
        await gateway.phone_of("x")
    assert time.monotonic() - began < 2


async def test_a_request_waits_no_longer_than_it_may(
    gateway: WechatGateway, wechat: SimulatedWechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "READ_SECONDS", 1.0)
    monkeypatch.setattr(gateways, "CALL_SECONDS_MAX", 0.2)
    wechat.faults.plan(LOGIN, "hang", 1)
    began = time.monotonic()
    with pytest.raises(WechatAwayError):
        await gateway.openid_of("x")
    assert time.monotonic() - began < 0.8


async def test_a_crowd_is_turned_away_at_once(
    gateway: WechatGateway, wechat: SimulatedWechat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "READ_SECONDS", 0.3)
    monkeypatch.setattr(gateways, "WAITING_MAX", 0)
    wechat.faults.plan(LOGIN, "hang", gateways.THREADS_MAX)
    waiting = [asyncio.create_task(gateway.openid_of("x")) for _ in range(gateways.THREADS_MAX)]
    await asyncio.sleep(0.05)
    with pytest.raises(WechatAwayError) as refused:
        await gateway.openid_of("x")
    assert refused.value.evidence == {"how": "crowded"}
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_nobody_listening_is_away(tmp_path: Path, clock: Hand) -> None:
    async with open_wechat(tmp_path, clock) as made:
        config = made.account
    async with opened(config, clock) as gateway:
        with pytest.raises(WechatAwayError):
            await gateway.openid_of("x")


async def test_two_processes_share_one_token(
    wechat: SimulatedWechat, clock: Hand, redis_url: str
) -> None:
    stores = [RedisTokens(redis_url, wechat.account.app_id, clock) for _ in range(2)]
    async with (
        opened(wechat.account, clock, stores[0]) as one,
        opened(wechat.account, clock, stores[1]) as other,
    ):
        codes = [wechat.partner.phone_code("13800000000") for _ in range(8)]
        asked = [(one if number % 2 else other).phone_of(code) for number, code in enumerate(codes)]
        assert set(await asyncio.gather(*asked)) == {"+8613800000000"}
        assert wechat.partner.calls[TOKEN] == 1
        # one of them finds it refused: the other need not ask WeChat for the new one
        wechat.partner.forget_tokens()
        await one.phone_of(wechat.partner.phone_code("13800000000"))
        await other.phone_of(wechat.partner.phone_code("13800000000"))
        assert wechat.partner.calls[TOKEN] == 2


async def test_without_redis_each_process_has_a_token(wechat: SimulatedWechat, clock: Hand) -> None:
    nowhere = RedisTokens("redis://127.0.0.1:1/0", wechat.account.app_id, clock)
    async with opened(wechat.account, clock, nowhere) as gateway:
        for _ in range(2):
            await gateway.phone_of(wechat.partner.phone_code("13800000000"))
    assert wechat.partner.calls[TOKEN] == 1


def test_a_token_about_to_end_is_none(clock: Hand) -> None:
    tokens = LocalTokens(clock)
    tokens.write(Token("x", int(clock.now) + 60))
    assert tokens.read() is None
    tokens.write(Token("x", int(clock.now) + 61))
    assert tokens.read() == Token("x", int(clock.now) + 61)


async def test_neither_secret_nor_openid_is_ever_written_down(
    gateway: WechatGateway, wechat: SimulatedWechat, caplog: pytest.LogCaptureFixture
) -> None:
    said = []
    with caplog.at_level(logging.INFO):
        for kind in ("stranger", "error", "garbage", "busy"):
            wechat.faults.plan(LOGIN, kind, 1)
            with pytest.raises((WechatAwayError, WechatFaultError)) as refused:
                await gateway.openid_of(CANARY)
            said.append(f"{refused.value} {refused.value.evidence} {refused.getrepr(chain=True)}")
        await gateway.openid_of(wechat.partner.login_code("canary-openid"))
        with pytest.raises(WechatFaultError):
            await gateway.send("canary-openid", Template.PAYMENT, {})
    written = caplog.text + "".join(said)
    assert "errcode 99999" in written
    assert [word for word in (SECRET, "canary-openid", CANARY) if word in written] == []


async def test_a_school_without_a_mini_program_says_so() -> None:
    nobody = NoWechat()
    with pytest.raises(WechatOffError):
        await nobody.openid_of("x")
    with pytest.raises(WechatOffError):
        await nobody.phone_of("x")
    with pytest.raises(WechatOffError):
        await nobody.send("x", Template.FREEZE, FREEZE)


async def test_a_message_without_a_template_is_off(wechat: SimulatedWechat, clock: Hand) -> None:
    config = WechatAccount(wechat.account.app_id, wechat.secret_file, wechat.url)
    async with opened(config, clock) as gateway:
        with pytest.raises(WechatOffError):
            await gateway.send("oOne", Template.FREEZE, FREEZE)
    assert not wechat.partner.calls


@pytest.mark.parametrize("wrong", ["missing", "open", "empty"])
def test_the_secret_is_in_a_private_file(tmp_path: Path, clock: Hand, wrong: str) -> None:
    path = tmp_path / "secret"
    if wrong != "missing":
        path.write_text("" if wrong == "empty" else SECRET, encoding="utf-8")
        path.chmod(0o644 if wrong == "open" else 0o600)
    with pytest.raises(VaultError):
        WechatGateway(WechatAccount("wx", path, "http://127.0.0.1:1"), LocalTokens(clock), clock)


async def test_another_account_is_a_fault(wechat: SimulatedWechat, clock: Hand) -> None:
    config = WechatAccount("wx-another", wechat.secret_file, wechat.url)
    async with opened(config, clock) as gateway:
        with pytest.raises(WechatFaultError) as refused:
            await gateway.openid_of(wechat.partner.login_code("oOne"))
    assert refused.value.errcode == 40013
