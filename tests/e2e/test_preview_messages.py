"""A message the holder agreed to on the page comes from WeChat when his card is frozen."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from simulators.wechat.partner import FREEZE_TEMPLATE
from tests.e2e.conftest import NewPhone
from tests.e2e.test_preview_code import bind
from tests.rig.phone import Phone
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SENT_SECONDS_MAX = 60.0
"""The worker looks every 5 s."""


async def messages_of(phone: Phone) -> list[str]:
    """The templates of what WeChat has shown this person."""
    async with httpx.AsyncClient(trust_env=False) as http:
        told = (await http.get(f"{phone.state['simulator']}/simulator/messages")).json()
    openid = phone.state["openid"]
    return [one["template_id"] for one in told["messages"] if one["touser"] == openid]


async def test_a_freeze_is_told_once_to_who_agreed_once(new: NewPhone, school: School) -> None:
    phone, silent = await new(), await new()
    for one in (phone, silent):
        await bind(one, school)
        await one.code()
    await phone.go("packages/student/settings/index")
    await phone.shows("卡被冻结或解冻时通知我")
    agree = phone.find("卡被冻结或解冻时通知我").locator("xpath=../..").get_by_role("button")
    await agree.tap()
    await phone.shows("还可通知 1 次")
    with school.worker():
        for one in (silent, phone):
            await one.open()
            await one.code()
            await one.tap("丢了？一键冻结")
            await one.shows("卡已冻结")
        deadline = time.monotonic() + SENT_SECONDS_MAX
        while not await messages_of(phone):
            assert time.monotonic() < deadline, "no message came"
            await asyncio.sleep(0.5)
    assert await messages_of(phone) == [FREEZE_TEMPLATE]
    assert await messages_of(silent) == []
