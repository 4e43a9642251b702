"""Money in on the phone: a guardian pays from afar, the child eats; what goes wrong on the way."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from simulators.lunch.campus import Person
from tests.e2e.conftest import NewPhone
from tests.rig.phone import TOP, WAIT_MS, Phone
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

CARD = "pages/card/index"
TOP_UP = "packages/topup/topup/index"
HISTORY = "packages/topup/history/index"
INVITATIONS = "packages/topup/invitations/index"
LIMITS = "packages/topup/limits/index"
CHILDREN = "packages/guardian/children/index"
CHILD = "packages/guardian/child/index"
JSAPI = "/v3/pay/transactions/jsapi"
SYNCED_SECONDS = 2.5
"""Two contacts: by then a terminal knows a card that was bound just now."""
PATIENCE_SECONDS = 8.0
FIVE_TAPS = """button => {
  const { x, y, width, height } = button.getBoundingClientRect();
  const at = { clientX: x + width / 2, clientY: y + height / 2 };
  const bubbling = { bubbles: true, composed: true };
  for (let tap = 0; tap < 5; tap += 1) {
    const touch = new Touch({ identifier: tap, target: button, ...at });
    const down = { touches: [touch], changedTouches: [touch], ...bubbling };
    button.dispatchEvent(new TouchEvent('touchstart', down));
    button.dispatchEvent(new TouchEvent('touchend', { ...down, touches: [] }));
  }
}"""


async def bound(phone: Phone, person: Person) -> Phone:
    """A student binds his phone and has his code."""
    await phone.open("pages/bind/index")
    await phone.type("绑定码", person.binding_code)
    await phone.tap("绑定")
    await phone.is_at(CARD)
    await phone.code()
    return phone


async def guardian_of(student: Phone, guardian: Phone) -> Phone:
    """The student invites a guardian, who binds."""
    await student.go("packages/student/guardians/index")
    await student.tap("邀请一位家长")
    await student.shows("家长绑定码")
    await student.tap("复制")
    code = str((await student.calls("setClipboardData"))[-1]["data"])
    await guardian.open("pages/bind/index?role=guardian")
    await guardian.type("您的姓名", "妈妈")
    await guardian.type("绑定码", code)
    await guardian.tap("绑定")
    await guardian.is_at(CHILDREN)
    return guardian


async def other_code(phone: Phone, digits: str) -> str:
    """The next code: one that was shown to a terminal is spent."""
    while (now := await phone.code()) == digits:
        await phone.page.wait_for_timeout(500)
    return now


async def choose(phone: Phone, amount: str) -> None:
    """Tap one of the amounts."""
    await phone.page.locator(TOP).get_by_role("radio", name=amount, exact=True).tap()


async def answer_sheet(phone: Phone, button: str) -> str:
    """Tap a button of WeChat's payment sheet; what the sheet said."""
    sheet = phone.page.get_by_role("dialog", name="微信支付")
    said = str(await sheet.inner_text())
    await sheet.get_by_role("button", name=button).tap()
    return said


async def lines(phone: Phone, child: int = 0) -> list[tuple[str, str]]:
    """Amount and state of each top-up the school tells of, newest first."""
    await phone.page.evaluate("url => wx.navigateTo({ url })", f"/{HISTORY}?child={child}")
    await phone.is_at(HISTORY)
    await phone.page.wait_for_function("() => window.__preview.page().data.hasAnswer")
    await phone.page.wait_for_function("() => !window.__preview.page().data.isWaiting")
    await phone.page.wait_for_timeout(300)
    told = (await phone.data())["lines"]
    await phone.back()
    return [(one["amount"], one["state"]) for one in told]


async def balance_fen(phone: Phone) -> int:
    """What the holder's page says there is."""
    await phone.open()
    await phone.page.wait_for_function("() => window.__preview.page().data.isRefreshing === false")
    shown = str((await phone.data())["balance"])
    return round(float(shown.removeprefix("¥")) * 100)


async def steer(school: School, name: str, **wish: Any) -> None:
    """Tell the simulated WeChat Pay what is to go wrong."""
    async with httpx.AsyncClient(base_url=school.pay_url, trust_env=False) as http:
        answer = await http.post(f"/simulator/{name}", json=wish)
        assert answer.is_success, answer.text


async def order_count(school: School) -> int:
    """How many orders WeChat Pay holds."""
    async with httpx.AsyncClient(base_url=school.pay_url, trust_env=False) as http:
        return len((await http.get("/simulator/orders")).json()["orders"])


async def test_a_guardian_tops_up_and_the_child_eats_and_both_see_it(
    new: NewPhone, school: School
) -> None:
    person = school.poor_person()
    student = await bound(await new(), person)
    guardian = await guardian_of(student, await new())
    await student.back()
    async with school.window() as window:
        await asyncio.sleep(SYNCED_SECONDS)
        await window.type_amount(900)
        digits = await student.code()
        line = await window.show(digits)
        assert (line["result"], line["reason"]) == ("refused", "insufficient_funds")

        await guardian.find(person.name).tap()
        await guardian.is_at(CHILD)
        await guardian.tap(f"给{person.name}充值")
        await guardian.is_at(TOP_UP)
        await guardian.shows(person.name, "给孩子充值")
        await choose(guardian, "¥50")
        await guardian.tap(f"给{person.name}充值 ¥50.00")
        assert "¥50.00" in await answer_sheet(guardian, "立即支付")
        await guardian.shows("充值成功", "¥50.00 已到账")

        await window.type_amount(900)
        line = await window.show(await other_code(student, digits))
        assert line["result"] == "approved", "the next scan uses the money"

    left_fen = await balance_fen(student)
    charged_fen = 5000 - left_fen
    assert charged_fen in {900, 1035}, "what the window asked, with a fee for some classes"
    await student.go("packages/student/statement/index")
    await student.shows("¥9.00" if charged_fen == 900 else "¥10.35")
    child = int(await guardian.page.evaluate("() => Number(window.__preview.page().query.child)"))
    assert await lines(guardian, child) == [("¥50.00", "已到账")]
    await guardian.tap("好")
    await guardian.shows("和上次一样", "¥50.00")
    assert await lines(student) == [("¥50.00", "已到账")]


async def test_own_amounts_have_bounds_and_the_last_is_one_tap(
    new: NewPhone, school: School
) -> None:
    phone = await bound(await new(), school.person())
    before = await balance_fen(phone)
    await phone.go(TOP_UP)
    await phone.shows("给自己充值")
    await phone.tap("请选择金额")
    await phone.shows("请输入金额")
    await phone.type("其他金额（元）", "1000.01")
    await phone.page.locator(f"{TOP} .pay-now").tap()
    await phone.shows("金额应在 0.01 元到 1000.00 元之间")
    await phone.type("其他金额（元）", "12.5")
    await phone.steer(payment="pay")
    await phone.tap("充值 ¥12.50")
    await phone.shows("充值成功")
    await phone.tap("好")
    await phone.page.locator(TOP).get_by_role("button", name="和上次一样，充值 ¥12.50").tap()
    await phone.shows("充值成功")
    assert await lines(phone) == [("¥12.50", "已到账")] * 2
    assert await balance_fen(phone) == before + 2500


async def test_a_phone_that_says_ok_and_paid_nothing_is_credited_nothing(
    new: NewPhone, school: School
) -> None:
    phone = await bound(await new(), school.person())
    before = await balance_fen(phone)
    await phone.go(TOP_UP)
    await choose(phone, "¥50")
    await phone.steer(payment="claim")
    await phone.tap("充值 ¥50.00")
    await phone.shows("正在和学校核对")
    await phone.page.wait_for_timeout(PATIENCE_SECONDS * 1000)
    await phone.shows("正在和学校核对")
    assert not await phone.page.locator(f"{TOP} .pay-now").is_visible()
    assert await balance_fen(phone) == before
    assert await lines(phone) == [("¥50.00", "等待支付")]


async def test_who_turns_back_is_charged_nothing_and_may_go_on(
    new: NewPhone, school: School
) -> None:
    phone = await bound(await new(), school.person())
    before = await balance_fen(phone)
    await phone.go(TOP_UP)
    await choose(phone, "¥100")
    await phone.tap("充值 ¥100.00")
    await answer_sheet(phone, "取消支付")
    await phone.shows("您取消了支付，没有扣款", "还没有支付")
    assert await balance_fen(phone) == before
    await phone.open(TOP_UP)
    await phone.shows("前有效")
    await phone.tap("继续支付 ¥100.00")
    await answer_sheet(phone, "立即支付")
    await phone.shows("充值成功")
    assert await lines(phone) == [("¥100.00", "已到账")]
    assert await balance_fen(phone) == before + 10_000


async def test_a_notice_that_never_comes_is_found_by_asking(new: NewPhone, school: School) -> None:
    phone = await bound(await new(), school.person())
    await steer(school, "faults", what="notices", kind="never", times=1)
    await phone.go(TOP_UP)
    await choose(phone, "¥50")
    await phone.steer(payment="pay")
    began = time.monotonic()
    await phone.tap("充值 ¥50.00")
    await phone.shows("充值成功")
    print(f"\ncredited without a notice {time.monotonic() - began:.1f} s after the tap")
    assert await lines(phone) == [("¥50.00", "已到账")]


async def test_a_hasty_finger_orders_once(new: NewPhone, school: School) -> None:
    phone = await bound(await new(), school.person())
    await phone.go(TOP_UP)
    await choose(phone, "¥50")
    await phone.steer(payment="pay")
    before = await order_count(school)
    await phone.button("充值 ¥50.00").evaluate(FIVE_TAPS)
    await phone.shows("充值成功")
    assert await order_count(school) == before + 1
    assert await lines(phone) == [("¥50.00", "已到账")]


async def test_a_lost_answer_and_a_fresh_start_order_once(new: NewPhone, school: School) -> None:
    phone = await bound(await new(), school.person())
    await phone.go(TOP_UP)
    await choose(phone, "¥50")
    before = await order_count(school)

    async def swallow(route: Any) -> None:
        await route.fetch(headers={**route.request.headers, "x-forwarded-for": school.address()})
        await route.abort()

    await phone.page.route("**/student/top-ups", swallow)
    await phone.tap("充值 ¥50.00")
    await phone.shows("没有网络")
    await phone.open(TOP_UP)  # killed, and started again
    await choose(phone, "¥50")
    await phone.tap("充值 ¥50.00")
    await answer_sheet(phone, "立即支付")
    await phone.shows("充值成功")
    assert await order_count(school) == before + 1
    assert await lines(phone) == [("¥50.00", "已到账")]


async def test_without_network_and_with_a_wechat_pay_that_is_away(
    new: NewPhone, school: School
) -> None:
    phone = await bound(await new(), school.person())
    await phone.go(TOP_UP)
    await choose(phone, "¥50")
    await phone.steer(network="none", payment="pay")
    await phone.tap("充值 ¥50.00")
    await phone.shows("没有网络")
    await phone.steer(network="wifi")
    await steer(school, "faults", path=JSAPI, kind="unavailable", times=20)
    await phone.tap("充值 ¥50.00")
    await phone.page.wait_for_function(
        "() => window.__preview.page().data.payNotice && window.__preview.page().data.isFormShown"
    )
    assert "没有网络" not in (await phone.data())["payNotice"]
    await steer(school, "faults", path=JSAPI, kind="slow", times=1, seconds=0)
    await phone.open(TOP_UP)
    await choose(phone, "¥50")
    deadline = time.monotonic() + 60
    while "充值成功" not in await phone.text():
        assert time.monotonic() < deadline, await phone.text()
        if await phone.button("充值 ¥50.00").is_visible():
            await phone.tap("充值 ¥50.00")
        await phone.page.wait_for_timeout(500)
    assert await lines(phone) == [("¥50.00", "已到账")]


async def test_a_relative_pays_once_by_a_link(new: NewPhone, school: School) -> None:
    person = school.person()
    phone = await bound(await new(), person)
    before = await balance_fen(phone)
    await phone.go(INVITATIONS)
    await choose(phone, "¥100")
    await choose(phone, "3 天")
    await phone.tap("生成链接")
    await phone.shows("链接好了", "最多 ¥100.00")
    await phone.tap("发给微信好友")
    shared = (await phone.calls("openType share"))[-1]
    assert person.name not in shared["title"]
    path = str(shared["path"]).removeprefix("/")

    relative = await new()
    await relative.open(path, payment="pay")
    await relative.shows(f"{person.name[0]}*", "最多 ¥100.00")
    assert person.name not in await relative.text()
    assert not await relative.page.locator(TOP).get_by_role("radio", name="¥200").is_visible()
    await choose(relative, "¥100")
    await relative.page.locator(f"{TOP} .pay-now").tap()
    await relative.shows("充值成功", "谢谢")
    kept = " ".join((await relative.storage()).values())
    assert path.rpartition("=")[2] not in kept
    assert '"token"' not in kept, "nobody was logged in"

    another = await new()
    await another.open(path)
    await another.shows("这个链接已经付过款了")
    assert not await another.page.locator(f"{TOP} .pay-now").is_visible()
    assert await balance_fen(phone) == before + 10_000
    await phone.go(INVITATIONS)
    await phone.shows("已付款")


async def test_an_ended_link_pays_nothing(new: NewPhone, school: School) -> None:
    phone = await bound(await new(), school.person())
    await phone.go(INVITATIONS)
    await phone.tap("生成链接")
    await phone.shows("链接好了")
    await phone.tap("发给微信好友")
    path = str((await phone.calls("openType share"))[-1]["path"]).removeprefix("/")
    await phone.tap("作废")
    await phone.page.get_by_role("dialog").get_by_role("button", name="确定").tap()
    await phone.shows("已作废")
    relative = await new()
    await relative.open(path)
    await relative.shows("这个链接已经失效")
    await relative.open(path[:-4] + "AAAA")
    await relative.page.wait_for_function(
        "() => window.__preview.page().data.notice", timeout=WAIT_MS
    )
    assert not await relative.page.locator(f"{TOP} .pay-now").is_visible()


def unfreeze(school: School, number: str) -> None:
    """Another test may have frozen this one's card."""
    (card,) = school.office("POST", "/staff/lookups", {"number": number})["cards"]
    if card["state"] == "frozen":
        school.office("DELETE", f"/staff/cards/{card['card_id']}/freezes")


async def test_a_guardians_limit_is_kept_at_the_till(new: NewPhone, school: School) -> None:
    minor = school.persona("student", 1)
    unfreeze(school, minor["number"])
    guardian = await new()
    guardian.state["openid"] = school.persona("guardian")["openid"]
    await guardian.open("pages/bind/index?role=guardian")
    await guardian.type("您的姓名", "妈妈")
    await guardian.type("绑定码", school.persona("guardian")["guardian_code"])
    await guardian.tap("绑定")
    await guardian.page.wait_for_timeout(1500)
    await guardian.open(CHILDREN)
    await guardian.find(minor["name"]).tap()
    await guardian.is_at(CHILD)
    await guardian.tap("消费限额")
    await guardian.is_at(LIMITS)
    await guardian.shows(minor["name"])
    await guardian.type("每天最多（元）", "many")
    await guardian.tap(f"保存{minor['name']}的限额")
    await guardian.shows("请只输入数字")
    await guardian.type("每天最多（元）", "5")
    await guardian.tap(f"保存{minor['name']}的限额")
    await guardian.shows("已保存")

    child = await new()
    child.state["openid"] = minor["openid"]
    await child.open("pages/bind/index")
    await child.type("绑定码", minor["binding_code"])
    await child.tap("绑定")
    await child.page.wait_for_timeout(1500)
    await child.open()
    await child.code(seconds=15)
    async with school.window() as window:
        await asyncio.sleep(SYNCED_SECONDS)
        await window.type_amount(900)
        line = await window.show(await child.code())
        assert (line["result"], line["reason"]) == ("refused", "guardian_day_limit")
    await child.go(LIMITS)
    await child.shows("每天最多", "¥5.00", "由 妈妈 设定")
