"""The simulator is as strict as the true gateway: a wrong request gets the true error body."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.domain.wechat_pay_account import WechatPayAccount
from backend.gateways.wechat_pay import WechatPayGateway
from backend.gateways.wechat_pay_signing import Signer
from simulators.wechat_pay.keys import SCHEME, new_key
from tests.rig.process import ROOT
from tests.rig.wechat_pay import APP_ID, JSAPI, MCHID, OPENID, SERIAL, SimulatedPay

QUERY = f"/v3/pay/transactions/out-trade-no/tu-order-1?mchid={MCHID}"
USUAL = {"accept": "application/json", "user-agent": "tests", "content-type": "application/json"}


def order_body(**change: Any) -> dict[str, Any]:
    body = {
        "appid": APP_ID,
        "mchid": MCHID,
        "description": "校园卡充值",
        "out_trade_no": "tu-order-1",
        "notify_url": "https://card.example.edu/n",
        "amount": {"total": 5_000, "currency": "CNY"},
        "payer": {"openid": OPENID},
    }
    return {key: value for key, value in (body | change).items() if value is not None}


async def asked(
    pay: SimulatedPay,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    signer: Signer | None = None,
    signs: tuple[str, str, bytes] | None = None,
    late_seconds: int = 0,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Ask with a signature that may be over something else."""
    raw = b"" if body is None else json.dumps(body).encode()
    signer = signer or Signer(MCHID, SERIAL, pay.merchant_key)
    over = signs or (method, path, raw)
    header = signer.authorization(*over, int(pay.clock()) - late_seconds, "n" * 32)
    sent = {"authorization": header, **USUAL, **(headers or {})}
    return await pay.http.request(method, path, content=raw, headers=sent)


@pytest.mark.parametrize(
    "signs",
    [
        ("GET", JSAPI, b"BODY"),
        ("POST", f"{JSAPI}/", b"BODY"),
        ("POST", f"{JSAPI}?", b"BODY"),
        ("POST", JSAPI, b""),
        ("POST", JSAPI, b"BODY "),
    ],
    ids=["method", "path", "query", "no_body", "body"],
)
async def test_a_signature_over_something_else_is_refused(
    pay: SimulatedPay, signs: tuple[str, str, bytes]
) -> None:
    body = order_body()
    raw = json.dumps(body).encode()
    over = (signs[0], signs[1], signs[2].replace(b"BODY", raw))
    answer = await asked(pay, "POST", JSAPI, body, signs=over)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (401, "SIGN_ERROR")
    assert told["detail"]["detail"]["issue"] == "sign not match"
    assert told["detail"]["sign_information"]["truncated_sign_message"].startswith(
        f"POST\n{JSAPI}\n"
    )
    assert pay.sim.orders.orders == {}


async def test_the_query_is_signed_too(pay: SimulatedPay) -> None:
    await pay.gateway.prepay(pay.order())
    assert (await asked(pay, "GET", QUERY)).status_code == 200
    bare = QUERY.partition("?")[0]
    assert (await asked(pay, "GET", QUERY, signs=("GET", bare, b""))).status_code == 401


@pytest.mark.parametrize("seconds, status", [(300, 404), (301, 401), (-300, 404), (-301, 401)])
async def test_an_old_or_early_signature_is_refused(
    pay: SimulatedPay, seconds: int, status: int
) -> None:
    answer = await asked(pay, "GET", QUERY, late_seconds=seconds)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "header, word",
    [
        ("", "格式错误"),
        ("Bearer abc", "认证类型"),
        (f"{SCHEME} mchid=1", "格式错误"),
        (f'{SCHEME} mchid="1",mchid="1"', "格式错误"),
        (f'{SCHEME} mchid="1",nonce_str="n",signature="s",timestamp="1"', "格式错误"),
    ],
)
async def test_a_header_of_another_shape_is_refused(
    pay: SimulatedPay, header: str, word: str
) -> None:
    answer = await asked(pay, "GET", QUERY, headers={"authorization": header})
    assert answer.status_code == 401
    assert word in answer.json()["message"]


async def test_a_stranger_is_refused(pay: SimulatedPay) -> None:
    for signer in (
        Signer(MCHID, SERIAL, new_key()),
        Signer(MCHID, "0" * 40, pay.merchant_key),
        Signer("1900000110", SERIAL, pay.merchant_key),
    ):
        answer = await asked(pay, "GET", QUERY, signer=signer)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    "headers, word",
    [
        ({"user-agent": ""}, "User-Agent"),
        ({"accept": ""}, "Accept"),
        ({"wechatpay-serial": "PUB_KEY_ID_OTHER"}, "Wechatpay-Serial"),
    ],
)
async def test_headers_are_wanted(pay: SimulatedPay, headers: dict[str, str], word: str) -> None:
    answer = await asked(pay, "GET", QUERY, headers=headers)
    assert answer.status_code == 400
    assert word in answer.json()["message"]


@pytest.mark.parametrize(
    "change, code",
    [
        *(
            ({"amount": {"total": total, "currency": "CNY"}}, "PARAM_ERROR")
            for total in (0, -1, 0.001, 1e309, 2**63, "１００", "100", True, None, 1.0, [1])
        ),
        ({"amount": {"total": 1, "currency": "USD"}}, "PARAM_ERROR"),
        ({"out_trade_no": "short"}, "PARAM_ERROR"),
        ({"out_trade_no": "订单号码一二三"}, "PARAM_ERROR"),
        ({"description": "x" * 128}, "PARAM_ERROR"),
        ({"description": None}, "PARAM_ERROR"),
        ({"payer": None}, "PARAM_ERROR"),
        ({"notify_url": "http://card.example.edu/n"}, "PARAM_ERROR"),
        ({"notify_url": "https://card.example.edu/n?x=1"}, "PARAM_ERROR"),
        ({"time_expire": "2020-01-01T00:00:00+08:00"}, "PARAM_ERROR"),
        ({"time_expire": "2026-09-01T13:00:00"}, "PARAM_ERROR"),
        ({"appid": "wx00000000000000xx"}, "APPID_MCHID_NOT_MATCH"),
        ({"mchid": "1900000110"}, "NO_AUTH"),
    ],
)
async def test_a_wrong_order_is_not_taken(
    pay: SimulatedPay, change: dict[str, Any], code: str
) -> None:
    answer = await asked(pay, "POST", JSAPI, order_body(**change))
    assert answer.status_code in {400, 403}
    assert answer.json()["code"] == code
    assert pay.sim.orders.orders == {}


async def test_a_payer_pays_his_own_order_while_it_lasts(pay: SimulatedPay) -> None:
    await asked(pay, "POST", JSAPI, order_body())
    wish = {"mchid": MCHID, "out_trade_no": "tu-order-1"}
    other = await pay.steer("payments", **wish, openid="o-somebody")
    assert (other.status_code, pay.held().state) == (400, "NOTPAY")
    await pay.sim.timeline.advance(7_201)
    late = await pay.steer("payments", **wish)
    assert (late.status_code, pay.held().state) == (400, "NOTPAY")
    await asked(pay, "POST", JSAPI, order_body())  # the same order gets a new prepay_id
    assert (await pay.steer("payments", **wish)).status_code == 200
    assert (await pay.steer("payments", **wish)).status_code == 400  # and is paid once


@pytest.mark.parametrize(
    "wish",
    [
        {"what": "notices", "kind": "nonsense"},
        {"what": "nonsense", "kind": "late"},
        {"what": "notices", "kind": "late", "times": 0},
        {"what": "notices", "kind": "late", "seconds": -1},
        {"kind": "busy"},
    ],
)
async def test_a_wrong_wish_is_refused(pay: SimulatedPay, wish: dict[str, Any]) -> None:
    answer = await pay.steer("faults", **wish)
    assert answer.status_code == 400
    assert ":" in answer.json()["error"]


async def test_pages_of_this_machine_may_steer_it(pay: SimulatedPay) -> None:
    for origin, is_told in (("http://127.0.0.1:8700", True), ("https://evil.example", False)):
        answer = await pay.http.get("/simulator/clock", headers={"origin": origin})
        assert ("access-control-allow-origin" in answer.headers) == is_told


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulators.wechat_pay", "--folder", str(tmp_path / "keys")]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        environment = {"XIAOMA_PUBLIC_URL": "http://127.0.0.1:1", "XIAOMA_WECHAT_APP_ID": "wx1"}
        while "XIAOMA_PAY_URLS" not in environment:
            name, _, value = process.stdout.readline().strip().partition("=")
            environment[name] = value
        account = WechatPayAccount.read(environment)
        assert account is not None
        gateway = WechatPayGateway(account, clock=time.time, randomness=lambda size: b"r" * size)
        wait_for(f"{account.urls[0]}/simulator/clock")
        assert gateway._wire._urls == account.urls
    finally:
        process.terminate()
        assert process.wait(20) == 0
        assert process.stdout is not None
        process.stdout.close()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            assert httpx.get(url, trust_env=False).status_code == 200
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the simulator did not start"
            time.sleep(0.05)
        else:
            return
