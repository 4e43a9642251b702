"""A person at the kiosk in the hall, in Chromium: a program, a scanner, a printer, a till."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from backend.domain.card import FOUND_AFTER_SECONDS
from backend.tables.visit import VisitRow
from tests.rig.kiosk import KioskProcess, open_kiosk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

IDLE_SECONDS = "9"
WAIT_MS = 15_000
STORED = """async () => JSON.stringify([
  Object.keys(localStorage), Object.keys(sessionStorage), document.cookie, history.length,
  await indexedDB.databases(), await caches.keys(), location.href, document.body.innerText,
])"""


@pytest_asyncio.fixture(loop_scope="session")
async def kiosk(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[KioskProcess]:
    """A kiosk that runs."""
    async with open_kiosk(tmp_path, sqlite_template) as made:
        await made.start("--idle-seconds", IDLE_SECONDS)
        yield made


async def open_page(browser: Browser, kiosk: KioskProcess, faults: list[str]) -> Page:
    """The kiosk's page on a screen that stands upright."""
    page = await browser.new_page(
        viewport={"width": 1080, "height": 1920}, has_touch=True, locale="zh-CN"
    )
    page.set_default_timeout(WAIT_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: faults.append(asked.url) if "?" in asked.url else None)
    await page.goto(kiosk.url)
    return page


async def tap(page: Page, key: str) -> None:
    """Touch what has this key."""
    await page.locator(f"[data-key={key}]").tap()


async def test_from_the_scan_to_being_forgotten(
    kiosk: KioskProcess, browser: Browser, tmp_path: Path
) -> None:
    shop, faults = kiosk.shop, list[str]()
    student, till = await shop.student(), await shop.till("面馆")
    assert (await shop.pay(till, kiosk.code(student), 1250))["outcome"] == "approved"
    page = await open_page(browser, kiosk, faults)
    await expect(page.get_by_text("请出示校园码")).to_be_visible()

    await kiosk.show(student)
    await expect(page.get_by_text("87.50 元")).to_be_visible()
    await tap(page, "tab-statement")
    await page.locator(".line").first.tap()
    await expect(page.get_by_text("现金钱包出 12.50 元")).to_be_visible()

    await till.sync(kiosk.office.http, kiosk.office.at)
    await tap(page, "tab-lost")
    await tap(page, "freeze")
    await expect(page.get_by_text("0 / 1 台终端已经知道")).to_be_visible()
    for _ in range(2):  # takes the list, then says that it holds it
        await till.sync(kiosk.office.http, kiosk.office.at)
    await expect(page.get_by_text("1 / 1 台终端已经知道")).to_be_visible()
    refused = await shop.pay(till, kiosk.code(student), 100)
    assert (refused["outcome"], refused["reason"]) == ("declined", "frozen")
    await tap(page, "found")
    await expect(page.locator(".refusal")).to_contain_text("秒后再试")
    kiosk.office.clock.now += FOUND_AFTER_SECONDS
    await tap(page, "found")
    await expect(page.get_by_text("卡已恢复，可以使用")).to_be_visible()
    assert (await shop.pay(till, kiosk.code(student), 100))["outcome"] == "approved"

    await tap(page, "tab-emergency")
    await tap(page, "show-code")
    digits = (await page.locator(".digits").inner_text()).replace("\n", "")
    await tap(page, "print")
    await expect(page.get_by_text("已送去打印")).to_be_visible()
    assert digits in kiosk.printer.printed.replace(" ", "")
    paid = await shop.pay(till, digits, 100, credential_kind="emergency")
    assert paid["outcome"] == "approved"

    await expect(page.get_by_text("您还在吗？")).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_text("请出示校园码")).to_be_visible(timeout=WAIT_MS)
    left = await page.evaluate(STORED)
    said = left + "".join(kiosk.said)
    await kiosk.stop()
    secrets = [student.card_number, student.card_number[-4:], student.name, digits, "87.50"]
    assert [secret for secret in secrets if secret in said + kiosk.said[-1]] == []
    kept = b"".join(one.read_bytes() for one in (tmp_path / "home").rglob("*") if one.is_file())
    assert [secret for secret in secrets if secret.encode() in kept] == []
    assert left.startswith('[[],[],"",2,[],[],'), "one address, and nothing stored"
    await expect(page.locator(".refusal")).to_contain_text("没有响应")
    assert [one for one in faults if "429" not in one and "ERR_" not in one] == []


async def test_hands_on_the_keyboard_alone(kiosk: KioskProcess, browser: Browser) -> None:
    student, faults = await kiosk.shop.student(), list[str]()
    page = await open_page(browser, kiosk, faults)
    await expect(page.get_by_text("请出示校园码")).to_be_visible()
    await kiosk.show(student)
    await expect(page.get_by_text("100.00 元")).to_be_visible()
    for _ in range(9):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.dataset.key") == "tab-lost":
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("h2[data-key=title]")).to_be_focused()
    await page.locator("[data-key=freeze]").focus()
    await page.keyboard.press("Space")
    await expect(page.locator(".inside .state.frozen")).to_be_visible()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator("[data-key=stay]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    await page.locator("[data-key=leave]").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("请出示校园码")).to_be_visible()
    assert faults == []


async def test_a_program_that_was_killed_has_forgotten_when_it_is_back(
    kiosk: KioskProcess, browser: Browser
) -> None:
    student, faults = await kiosk.shop.student(), list[str]()
    page = await open_page(browser, kiosk, faults)
    await expect(page.get_by_text("请出示校园码")).to_be_visible()
    await kiosk.show(student)
    await expect(page.get_by_text("100.00 元")).to_be_visible()
    assert await VisitRow.filter(ended_at=0).count() == 1
    await kiosk.stop(signal.SIGKILL)
    await expect(page.get_by_text("100.00 元")).to_be_hidden()
    await kiosk.start("--idle-seconds", IDLE_SECONDS)
    assert await VisitRow.filter(ended_at=0).count() == 0
    again = await open_page(browser, kiosk, faults)
    await expect(again.get_by_text("请出示校园码")).to_be_visible()


async def test_without_the_server_the_screen_says_what_still_works(
    kiosk: KioskProcess, browser: Browser
) -> None:
    await kiosk.stop()
    path = kiosk.home / "terminal.json"
    address = str(kiosk.office.http.base_url).rstrip("/")
    path.write_text(path.read_text().replace(address, "http://127.0.0.1:9"))
    await kiosk.start("--idle-seconds", IDLE_SECONDS)
    faults: list[str] = []
    page = await open_page(browser, kiosk, faults)
    await expect(page.get_by_text("现在连不上学校服务器")).to_be_visible()
    await expect(page.get_by_text("校园码照常可在窗口支付")).to_be_visible()
    await tap(page, "language")
    await expect(page.get_by_text("Your code still pays at the windows")).to_be_visible()
    assert faults == []
