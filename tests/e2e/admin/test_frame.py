"""The frame of the office's web: logging in and out, what a role sees, languages, sizes, policy."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from backend.domain.access import Role
from backend.tables.staff import SessionRow
from tests.rig.office import PASSWORD, Office
from tests.rig.web import SIZES, Web, on_both, open_web

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), on_both]


async def test_from_the_login_to_the_door_again(web: Web) -> None:
    await web.enter(Role.ADMIN)
    await expect(web.page.get_by_role("heading", level=1)).to_contain_text("您好")
    await web.page.get_by_role("button", name="退出登录").click()
    await expect(web.page).to_have_url(f"{web.url}/login")
    assert await SessionRow.filter(ended_at=None).count() == 0
    await web.go("/")
    await expect(web.page).to_have_url(f"{web.url}/login")


async def test_no_script_of_the_page_can_read_the_session(web: Web) -> None:
    await web.enter(Role.ADMIN)
    seen = "() => document.cookie + JSON.stringify({...localStorage, ...sessionStorage})"
    kept: str = await web.page.evaluate(seen)
    (cookie,) = await web.context.cookies()
    assert cookie["value"] not in kept
    assert cookie["httpOnly"]


async def test_a_wrong_login_says_one_sentence_and_keeps_the_name(web: Web) -> None:
    await web.go("/login")
    await web.page.locator("input[name=login]").fill("nobody")
    await web.page.locator("input[name=password]").fill(PASSWORD)
    await web.page.locator("input[name=totp]").fill("000000")
    await web.page.locator("button[type=submit]").click()
    await expect(web.page.get_by_role("alert")).to_have_text("登录名、密码或动态码不正确")
    await expect(web.page.locator("input[name=login]")).to_have_value("nobody")


async def test_the_page_asked_for_is_opened_after_the_login(web: Web) -> None:
    _, login = await web.office.hire(Role.ADMIN)
    await web.log_in(login, "/?kept=1")
    await expect(web.page).to_have_url(f"{web.url}/?kept=1")


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "/\\evil.example", "https://evil.example"]
)
async def test_a_login_leads_to_no_other_site(web: Web, elsewhere: str) -> None:
    _, login = await web.office.hire(Role.ADMIN)
    await web.log_in(login, f"/login?to={elsewhere}")
    assert web.page.url.startswith(web.url)


async def test_ctrl_k_finds_a_page_in_either_language(web: Web) -> None:
    await web.enter(Role.ADMIN)
    await web.page.keyboard.press("Control+k")
    await web.page.keyboard.type("home")
    await web.page.keyboard.press("Enter")
    await expect(web.page.get_by_role("heading", level=1)).to_be_visible()


async def test_the_language_is_kept(web: Web) -> None:
    await web.enter(Role.AUDITOR)
    await web.page.get_by_role("button", name="English").click()
    await expect(web.page.get_by_role("heading", level=1)).to_contain_text("Good day")
    await web.page.reload()
    await expect(web.page.get_by_role("heading", level=1)).to_contain_text("Good day")
    assert await web.page.evaluate("document.documentElement.lang") == "en"


async def test_nothing_is_wider_than_the_screen(web: Web) -> None:
    await web.enter(Role.ADMIN)
    for size in SIZES:
        await web.show(size)
        assert await web.overflow() == 0, size


async def test_english_first_for_whoever_reads_english(browser: Browser, served: Office) -> None:
    async with open_web(browser, served, "en-GB") as web:
        await web.go("/login")
        await expect(web.page.locator("button[type=submit]")).to_have_text("Log in")
