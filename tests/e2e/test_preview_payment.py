"""The preview's wx.requestPayment: refuses what WeChat refuses, pays only what was tapped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.test_preview_runtime import SAMPLE, Files
from tests.rig.phone import Phone, new_phone
from tests.rig.preview import build_preview
from tests.rig.wechat_pay import OPENID, SimulatedPay, open_pay

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PAY = """sheet => new Promise(resolve =>
  wx.requestPayment({ ...sheet, complete: ({ errMsg }) => resolve(errMsg) }))"""
ASK = """sheet => { window.said = new Promise(resolve =>
  wx.requestPayment({ ...sheet, complete: ({ errMsg }) => resolve(errMsg) })); }"""
DIALOG = "微信支付 · WeChat Pay"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the sample is served."""
    target = tmp_path_factory.mktemp("sample") / "preview"
    build_preview(target, "--source", str(SAMPLE))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(target))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest_asyncio.fixture(loop_scope="session")
async def pay(tmp_path: Path) -> AsyncIterator[SimulatedPay]:
    """A WeChat Pay and its merchant."""
    async with open_pay(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, url: str, pay: SimulatedPay) -> AsyncIterator[Phone]:
    """The payer's phone; it must not complain."""
    phone = await new_phone(browser, url, "127.0.0.1")
    yield await phone.open(pay=pay.url, openid=OPENID)
    assert await phone.faults() == []


async def sheet_of(pay: SimulatedPay, number: str = "tu-order-1") -> dict[str, str]:
    """What a server hands to the phone."""
    sheet = await pay.gateway.prepay(pay.order(number))
    return {
        "timeStamp": sheet.timestamp,
        "nonceStr": sheet.nonce,
        "package": sheet.package,
        "signType": sheet.sign_type,
        "paySign": sheet.pay_sign,
    }


async def say(phone: Phone, sheet: dict[str, str]) -> str:
    """What WeChat answers where nobody is asked."""
    return str(await phone.page.evaluate(PAY, sheet))


async def test_the_sheet_tells_who_and_how_much_and_pays(phone: Phone, pay: SimulatedPay) -> None:
    await phone.page.evaluate(ASK, await sheet_of(pay))
    dialog = phone.page.get_by_role("dialog", name=DIALOG)
    await dialog.get_by_text("¥50.00").wait_for()
    await dialog.get_by_text("校园卡充值").wait_for()
    assert pay.held().state == "NOTPAY"
    await dialog.get_by_role("button", name="立即支付").tap()
    assert await phone.page.evaluate("() => window.said") == "requestPayment:ok"
    assert pay.held().state == "SUCCESS"
    assert await dialog.count() == 0


async def test_who_turns_back_pays_nothing(phone: Phone, pay: SimulatedPay) -> None:
    await phone.page.evaluate(ASK, await sheet_of(pay))
    await phone.page.get_by_role("button", name="取消支付").tap()
    assert await phone.page.evaluate("() => window.said") == "requestPayment:fail cancel"
    assert pay.held().state == "NOTPAY"


@pytest.mark.parametrize(
    "changed, why",
    [
        ({"paySign": "AAAA"}, "支付验证签名失败"),
        ({"nonceStr": "another"}, "支付验证签名失败"),
        ({"timeStamp": "1700000000"}, "支付验证签名失败"),
        ({"signType": "MD5"}, "支付验证签名失败"),
        ({"package": "prepay_id=wx0"}, "prepay_id"),
        ({"package": "wx0"}, "parameter error: package"),
        ({"timeStamp": "now"}, "parameter error: timeStamp"),
        ({"paySign": ""}, "parameter.paySign should be String"),
    ],
)
async def test_a_wrong_sheet_is_refused_before_anybody_is_asked(
    phone: Phone, pay: SimulatedPay, changed: dict[str, str], why: str
) -> None:
    said = await say(phone, await sheet_of(pay) | changed)
    assert said.startswith("requestPayment:fail")
    assert why in said
    assert pay.held().state == "NOTPAY"


async def test_tests_answer_in_a_persons_place(phone: Phone, pay: SimulatedPay) -> None:
    sheet = await sheet_of(pay)
    for payment, answer in (("cancel", "cancel"), ("fail", "系统繁忙")):
        await phone.steer(payment=payment)
        assert await say(phone, sheet) == f"requestPayment:fail {answer}"
    await phone.steer(payment="claim")
    assert await say(phone, sheet) == "requestPayment:ok"
    assert pay.held().state == "NOTPAY", "a phone that lies has paid nothing"
    await phone.steer(payment="pay", network="none")
    assert (await say(phone, sheet)).startswith("requestPayment:fail")
    await phone.steer(network="wifi")
    assert await say(phone, sheet) == "requestPayment:ok"
    assert pay.held().state == "SUCCESS"
    assert "已支付" in await say(phone, sheet) or "支付成功" in await say(phone, sheet)


async def test_another_persons_phone_cannot_pay_it(phone: Phone, pay: SimulatedPay) -> None:
    await phone.steer(openid="o-somebody-else", payment="pay")
    assert "不一致" in await say(phone, await sheet_of(pay))
    assert pay.held().state == "NOTPAY"
