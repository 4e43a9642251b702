"""Loss in one tap, from three hands: it reaches a terminal process, and the page says how far."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import expect

from simulators.lunch.window import Window
from tests.e2e.conftest import NewPhone
from tests.e2e.test_preview_code import bind
from tests.rig.phone import TOP, WAIT_MS, Phone
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

HEARD_SECONDS_MAX = 10.0
SYNCED_SECONDS = 2.5
"""Two contacts: by then a terminal knows a card that was bound just now."""
KNOWN = re.compile(r"台终端(都知道了|中已有 [1-9]\d* 台知道)")
"""Other tests of this school have had terminals, which will not hear of it any more."""


async def scan(window: Window, phone: Phone) -> str:
    """What the terminal shows when the phone is held before its scanner."""
    await window.type_amount(900)
    line = await window.show(await phone.code())
    return str(line["result"])


async def refusal_of(window: Window, digits: str, expected: str) -> float:
    """Show a code until it is refused for this reason; the seconds that took."""
    began = time.monotonic()
    while True:
        await window.type_amount(900)
        line = await window.show(digits)
        if line["result"] == "refused" and line["reason"] == expected:
            return time.monotonic() - began
        assert time.monotonic() - began < HEARD_SECONDS_MAX, line
        await asyncio.sleep(0.2)


async def test_a_freeze_on_the_page_reaches_the_window(new: NewPhone, school: School) -> None:
    phone = await new()
    await bind(phone, school)
    async with school.window() as window:
        await phone.code()
        await asyncio.sleep(SYNCED_SECONDS)
        assert await scan(window, phone) == "approved"
        digits = await phone.code()
        await phone.tap("丢了？一键冻结")
        assert (await phone.data())["face"] == "instead", "frozen before anybody was asked"
        seconds = await refusal_of(window, digits, "frozen")
        print(f"\nfreeze: a terminal process refused {seconds:.1f} s after the tap")
        await phone.shows("卡已冻结")
        told = phone.page.locator(TOP).get_by_text(KNOWN).first
        await expect(told).to_be_visible(timeout=WAIT_MS)
        await phone.shows("秒后可解冻")
        assert not await phone.button("卡找到了，解冻").is_visible()


async def test_a_freeze_without_network_waits_for_it(new: NewPhone, school: School) -> None:
    phone = await new()
    await bind(phone, school)
    await phone.code()
    await phone.steer(network="none")
    await phone.tap("丢了？一键冻结")
    await phone.shows("学校还不知道")
    await phone.open(network="none")
    await phone.shows("学校还不知道")
    await phone.steer(network="wifi")
    await phone.shows("秒后可解冻")


async def test_doors_and_money_freeze_apart(new: NewPhone, school: School) -> None:
    phone = await new()
    await bind(phone, school)
    await phone.code()
    await phone.tap("只冻结门禁")
    await phone.shows("窗口照常收款，门禁不开")
    await phone.code()
    await phone.tap("恢复门禁")
    await phone.shows("可以使用")
    await phone.tap("只冻结消费")
    await phone.shows("窗口不收款，门禁可用", "秒后可恢复消费")
    verified = school.verify(await phone.code())  # a door would take it
    assert verified.issue == 1
    await phone.tap("只冻结门禁")
    await phone.shows("卡已冻结")
    assert (await phone.data())["digits"] == ""


async def test_a_guardian_freezes_for_a_child(new: NewPhone, school: School) -> None:
    persona = school.persona("guardian")
    phone = await new()
    phone.state["openid"] = persona["openid"]
    await phone.open("pages/bind/index?role=guardian")
    await phone.type("您的姓名", "妈妈")
    await phone.type("绑定码", persona["guardian_code"])
    await phone.tap("绑定")
    await phone.is_at("packages/guardian/children/index")
    minor = school.persona("student", 1)
    await phone.shows(minor["name"], school.persona("student")["name"])
    await phone.find(minor["name"]).tap()
    await phone.is_at("packages/guardian/child/index")
    await phone.shows(minor["name"])
    await phone.tap("替孩子冻结")
    await phone.shows("已冻结")
    child = await new()
    child.state["openid"] = minor["openid"]
    await child.open("pages/bind/index")
    await child.type("绑定码", minor["binding_code"])
    await child.tap("绑定")
    await child.is_at("pages/card/index")
    await child.shows("卡已冻结")


async def test_staff_look_freeze_and_hand_out_and_the_holder_sees_it(
    new: NewPhone, school: School
) -> None:
    person = school.person()
    holder = await new()
    await holder.open("pages/bind/index")
    await holder.type("绑定码", person.binding_code)
    await holder.tap("绑定")
    await holder.is_at("pages/card/index")
    await holder.code()
    staff = school.persona("staff")
    phone = await new()
    await phone.open("packages/staff/login/index")
    await phone.type("工号", staff["login"])
    await phone.type("密码", staff["password"])
    await phone.type("动态码", await school.totp(staff["totp_secret"]))
    await phone.tap("登录")
    await phone.is_at("packages/staff/lookup/index")
    await phone.type("学号或工号", person.number)
    await phone.tap("查找")
    await phone.is_at("packages/staff/person/index")
    await phone.shows(person.name, "正常")
    await phone.tap("发应急码")
    await phone.shows("应急码")
    await phone.tap("冻结这张卡")
    await phone.shows("已冻结")
    await holder.open()
    await holder.shows("卡已冻结", "不是在这部手机上操作的")
    await holder.open("packages/student/trail/index")
    await holder.shows("查询了您的资料", "发了应急码", "冻结了卡")
