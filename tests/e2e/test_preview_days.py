"""Bad input and bad days: each has its sentence on the screen, and the card page still opens."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from playwright.async_api import Route

from tests.e2e.conftest import NewPhone
from tests.e2e.test_preview_code import bind
from tests.rig.phone import API, Phone
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SECRETS = re.compile(r" secrets$")


async def answer_all(phone: Phone, status: int, body: object) -> None:
    """From now on the server answers everything with this; what was asked at the start, not."""
    # a refresh under way is joined by the next one, which would then never be asked
    await phone.page.wait_for_load_state("networkidle")

    async def reply(route: Route) -> None:
        if isinstance(body, str):
            await route.fulfill(status=status, body=body, content_type="text/html")
        else:
            await route.fulfill(status=status, json=body)

    await phone.page.route(API, reply)


async def test_a_wrong_binding_code_is_explained(new: NewPhone, school: School) -> None:
    phone = await new()
    await phone.open("pages/bind/index")
    await phone.tap("绑定")
    await phone.shows("请输入绑定码")
    await phone.type("绑定码", "0000000000")
    await phone.tap("绑定")
    await phone.shows("绑定码不正确或已失效")
    person = school.person()
    await phone.type("绑定码", person.binding_code.lower())
    await phone.tap("绑定")
    await phone.is_at("pages/card/index")
    other = await new()
    await other.open("pages/bind/index", language="en")
    await other.type("Binding code", person.binding_code)
    await other.tap("Bind")
    await other.shows("wrong or no longer valid")
    assert "pages/bind/index" in await other.page.evaluate("() => __preview.page().path")


async def test_no_network_at_all_on_the_first_day(new: NewPhone, school: School) -> None:
    phone = await new()
    await phone.open(network="none")
    await phone.shows("先绑定校园卡")
    await phone.tap("去绑定")
    await phone.is_at("pages/bind/index")
    await phone.type("绑定码", school.person().binding_code)
    await phone.tap("绑定")
    await phone.shows("没有网络")
    await phone.steer(network="wifi")
    await phone.tap("绑定")
    await phone.is_at("pages/card/index")


async def test_a_school_that_does_not_answer_costs_no_code(new: NewPhone, school: School) -> None:
    phone = await new()
    number = await bind(phone, school)
    await phone.code()
    await phone.open()
    await answer_all(phone, 503, {"error": "unavailable", "zh": "。", "en": ".", "evidence": {}})
    await phone.page.evaluate("() => { __preview.background(); __preview.foreground(); }")
    await phone.shows("学校服务器暂时没有回应")
    assert school.verify(await phone.code()).card_number == number
    await phone.page.unroute(API)


@pytest.mark.parametrize("body", ["<h1>Hotel, please log in</h1>", {"hello": "hotel"}, [], 7])
async def test_a_wireless_network_that_answers_itself(
    new: NewPhone, school: School, body: object
) -> None:
    phone = await new()
    number = await bind(phone, school)
    await phone.code()
    await answer_all(phone, 200, body)
    await phone.page.evaluate("() => { __preview.background(); __preview.foreground(); }")
    await phone.page.wait_for_timeout(500)
    await phone.open(network="none")
    assert school.verify(await phone.code()).card_number == number


async def test_a_slow_network_is_waited_for_by_nobody(new: NewPhone, school: School) -> None:
    phone = await new()
    await bind(phone, school)
    await phone.code()
    await phone.open(network="slow", slowSeconds=4)
    await phone.code(seconds=3)
    await phone.shows("可以使用")


@pytest.mark.parametrize("why", ["ended", "forgotten"])
async def test_an_ended_session_is_told_and_mended(new: NewPhone, school: School, why: str) -> None:
    phone = await new()
    number = await bind(phone, school)
    await phone.code()
    if why == "ended":
        ended = {"error": "no_session", "zh": "请登录。", "en": "Log in.", "evidence": {}}
        await phone.open()
        await answer_all(phone, 401, ended)
        await phone.page.evaluate("() => { __preview.background(); __preview.foreground(); }")
        await phone.shows("登录已失效")
    else:  # WeChat knows whose phone it is
        await phone.page.evaluate(
            "() => Object.keys(localStorage).filter(key => key.endsWith(' sessions'))"
            ".forEach(key => localStorage.removeItem(key))"
        )
        await phone.open()
        await phone.shows("可以使用")
    assert school.verify(await phone.code()).card_number == number


async def test_a_cleared_storage_is_filled_again_by_wechat(new: NewPhone, school: School) -> None:
    phone = await new()
    number = await bind(phone, school)
    await phone.code()
    await phone.page.evaluate("() => localStorage.clear()")
    await phone.open(network="none")
    await phone.shows("先绑定校园卡")
    await phone.open(network="wifi")
    assert school.verify(await phone.code(seconds=15)).card_number == number


async def test_a_full_storage_is_told(new: NewPhone, school: School) -> None:
    phone = await new()
    number = await bind(phone, school, storageLimitKB=1)
    await phone.shows("手机空间已满")
    assert school.verify(await phone.code()).card_number == number


async def test_broken_storage_is_as_good_as_none(new: NewPhone, school: School) -> None:
    phone = await new()
    await bind(phone, school)
    await phone.code()
    kept = await phone.storage()
    (key,) = [name for name in kept if SECRETS.search(name)]
    for broken in ('"[{"', '"null"', '"[{\\"epoch\\":-1}]"', "17"):
        text = json.dumps({"data": json.loads(broken), "isEncrypted": True})
        await phone.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
        await phone.open(network="none")
        await phone.page.wait_for_function("() => window.__preview.page()?.data.face === 'instead'")
    await phone.open(network="wifi")
    await phone.code(seconds=15)


async def test_two_phones_for_one_card(new: NewPhone, school: School) -> None:
    person = school.person()
    first = await new()
    await first.open("pages/bind/index")
    await first.type("绑定码", person.binding_code)
    await first.tap("绑定")
    await first.is_at("pages/card/index")
    await first.code()
    looked = school.office("POST", "/staff/lookups", {"number": person.number})
    card_id = looked["cards"][0]["card_id"]
    made = school.office("POST", f"/staff/cards/{card_id}/bindings", {})
    second = await new()
    await second.open("pages/bind/index")
    await second.type("绑定码", made["code"])
    await second.tap("绑定")
    await second.is_at("pages/card/index")
    newer = school.verify(await second.code())
    assert newer.card_number == person.card_number
    assert newer.issue == 2
    await first.open()
    await first.shows("已换到另一部手机")
    assert (await first.data())["digits"] == ""


async def test_a_card_frozen_meanwhile(new: NewPhone, school: School) -> None:
    person = school.person()
    phone = await new()
    await phone.open("pages/bind/index")
    await phone.type("绑定码", person.binding_code)
    await phone.tap("绑定")
    await phone.is_at("pages/card/index")
    await phone.code()
    looked = school.office("POST", "/staff/lookups", {"number": person.number})
    card_id = looked["cards"][0]["card_id"]
    await asyncio.to_thread(
        school.office, "POST", f"/staff/cards/{card_id}/freezes", {"parts": ["money"]}
    )
    await phone.page.evaluate("() => { __preview.background(); __preview.foreground(); }")
    await phone.shows("窗口不收款，门禁可用", "不是在这部手机上操作的")
    await phone.shows("这次冻结由学校或家长设定")
    assert not await phone.button("恢复消费").is_visible()


async def test_a_phone_number_needs_consent(new: NewPhone, school: School) -> None:
    student = school.persona("student")
    phone = await new()
    phone.state["openid"] = student["openid"]  # or other tests' persona would lose the card
    await phone.open("pages/bind/index", privacy="asked", phoneNumber=student["phone"])
    await phone.tap("用微信手机号绑定")
    await phone.shows("先看隐私指引")
    await phone.tap("不同意")
    await phone.shows("没有同意隐私指引")
    await phone.tap("用微信手机号绑定")
    await phone.shows("先看隐私指引")
    await phone.tap("同意并继续")
    await phone.is_at("pages/card/index")
    await phone.shows(student["name"])


async def test_a_phone_number_may_be_denied_or_unknown(new: NewPhone, school: School) -> None:
    phone = await new()
    await phone.open("pages/bind/index", phoneNumber="")
    await phone.tap("用微信手机号绑定")
    await phone.shows("没有拿到手机号")
    await phone.steer(phoneNumber="13911112222")
    await phone.tap("用微信手机号绑定")
    await phone.shows("学校没有登记这个手机号")  # the server's own sentence
    await phone.is_at("pages/bind/index")
