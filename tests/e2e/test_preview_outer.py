"""The page around the phone: a newcomer takes a persona and has a card within a minute."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FrameLocator, Page, expect

from tests.rig.phone import TOP, WAIT_MS
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

DESKTOP, HAND = (1280, 960), (390, 844)


class Visitor:
    """Somebody who opened /preview/ in a browser of his own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), str(getattr(message, "text", ""))
        if kind == "error" and "status of 40" not in text:  # "not bound yet" is an answer
            self.said.append(text)

    @property
    def phone(self) -> FrameLocator:
        """The phone's screen."""
        return self.page.frame_locator("#screen")

    async def shows(self, text: str) -> None:
        """Wait until the phone shows it."""
        found = self.phone.locator(TOP).get_by_text(text).first
        await expect(found).to_be_visible(timeout=WAIT_MS)


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, HAND], ids=["desktop", "hand"])
async def visitor(
    browser: Browser, school: School, request: pytest.FixtureRequest
) -> AsyncIterator[Visitor]:
    width, height = request.param
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", has_touch=width < 500
    )
    visitor = Visitor(await context.new_page())
    await visitor.page.goto(f"{school.preview_url}")  # without the slash: it is added
    await visitor.page.get_by_role("radio").first.wait_for()
    yield visitor
    assert visitor.said == []


async def test_everybody_has_a_phone_and_papers(visitor: Visitor, school: School) -> None:
    page = visitor.page
    assert await page.get_by_role("radio").count() == len(school.personas)
    wide = "() => document.documentElement.scrollWidth - innerWidth"
    assert await page.evaluate(wide) <= 0
    await page.get_by_role("radio", name="教工").click()
    await visitor.shows("用工号登录")
    staff = school.persona("staff")
    await expect(page.locator("#totp")).to_have_text(pyotp.TOTP(staff["totp_secret"]).now())
    assert staff["password"] in await page.locator("#papers").inner_text()
    await page.get_by_role("radio", name="家长").click()
    await visitor.shows("您的姓名")
    await expect(page.locator("#health")).to_have_text("页面没有错误。")


async def test_a_code_on_paper_is_typed_by_a_click(visitor: Visitor, school: School) -> None:
    page = visitor.page
    paper = school.person().binding_code
    await visitor.page.route(
        "**/personas.json",
        lambda route: route.fulfill(
            json=[
                {"persona": "student", "openid": f"x-{paper}", "name": "我", "binding_code": paper}
            ]
        ),
    )
    await page.reload()
    await visitor.shows("先绑定校园卡")
    await visitor.phone.get_by_role("button", name="去绑定").click()
    await visitor.shows("用微信手机号绑定")
    await page.get_by_role("button", name="填入").first.click()
    await visitor.phone.get_by_role("button", name="绑定", exact=True).click()
    await visitor.shows("可以使用")
    await page.get_by_label("网络").select_option("none")
    await visitor.phone.get_by_text("秒后更新").wait_for()
    await page.get_by_label("语言").select_option("en")
    await visitor.shows("No network")
    await page.get_by_label("Network").select_option("wifi")
    await visitor.shows("Ready to use")
    await page.get_by_label("Type size").select_option("23")
    await visitor.phone.locator("page .large").first.wait_for()
    await page.get_by_role("button", name="Record the screen").click()
    await visitor.shows("Code hidden")
    await page.get_by_role("button", name="Clear its data").click()
    await visitor.page.wait_for_timeout(300)
    await expect(page.locator("#health")).to_have_text("The pages have made no error.")


async def test_a_pages_error_is_seen(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.phone.locator(TOP).wait_for()
    await page.evaluate("() => document.getElementById('screen').contentWindow.__preview"
                        ".complain('something broke')")  # fmt: skip
    await page.get_by_text("页面出错").wait_for()
    await expect(page.locator("#complaints")).to_contain_text("something broke")
    visitor.said.clear()
