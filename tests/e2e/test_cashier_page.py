"""A cashier's whole shift on the page, in Chromium, with true codes from a scanner on a pty."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.terminals.counter import Counter, open_counter


@pytest_asyncio.fixture(loop_scope="session")
async def counter(browser: Browser, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(browser, tmp_path) as opened:
        yield opened
        assert opened.troubles == []


async def open_shift(counter: Counter) -> None:
    """The shift begins."""
    page = counter.page
    await counter.shows("idle", "请输入金额")
    await page.locator("#shift").click()
    await counter.press("开班")
    await counter.type("27")
    await expect(page.locator("#shift")).to_have_text("本班 ¥0.00")
    await counter.press("关闭")


async def sell_by_price_keys(counter: Counter) -> None:
    """Price keys: what is picked is asked at once."""
    page = counter.page
    await counter.tab("价键")
    await page.locator(".dish", has_text="红烧肉").click()
    await page.locator(".dish", has_text="米饭").click(click_count=2)
    await counter.shows("waiting", "¥10.50")
    counter.scan(1)
    await counter.shows("approved", "已支付", "¥10.50")
    await counter.shows("idle")


async def sell_by_dish_codes(counter: Counter) -> None:
    """Dish codes, typed on the number pad."""
    await counter.tab("菜号")
    await counter.type("12*2")
    await counter.shows("waiting", "¥9.00")
    counter.scan(2)
    await counter.shows("approved", "¥9.00")
    await counter.shows("idle")


async def sell_by_amount_and_refuse(counter: Counter) -> None:
    """An amount by touch; the code just used is refused, another pays offline."""
    standin = counter.standin
    await counter.tab("金额")
    for key in ("8", ".", "5", "收款"):
        await counter.press(key)
    await counter.shows("waiting", "¥8.50")
    counter.program.scan(counter.last_code)
    await counter.shows("refused", "未支付")
    standin.is_down = True
    counter.scan(3)
    await counter.shows("approved", "¥8.50", "脱机")
    standin.is_down = False


async def void_one(counter: Counter) -> None:
    """A void out of the last ten."""
    page = counter.page
    await counter.press("最近十笔")
    await expect(page.locator("#dialog tbody tr")).to_have_count(3)
    await counter.press("撤销")
    await counter.press("确认撤销")
    await counter.shows("voided", "已撤销")


async def survive_a_kill(counter: Counter) -> None:
    """Killed with the next amount asked already: the page tells the last payment's story."""
    page = counter.page
    await counter.type("6")
    await counter.shows("waiting", "¥6.00")
    counter.scan(4)
    await counter.shows("approved", "¥6.00")
    await counter.type("3")
    await counter.shows("waiting", "¥3.00")
    port = page.url.rsplit(":", 1)[1].strip("/")
    counter.program.kill()
    await expect(page.locator("#lost")).to_be_visible()
    counter.start(port)
    await counter.shows("approved", "¥6.00", "重启前的最后一笔")
    await expect(page.locator("#lost")).to_be_hidden()
    await expect(page.locator("#shift")).to_have_text("本班 ¥25.50")


async def survive_a_reload(counter: Counter) -> None:
    """When the browser comes back, what was asked for is asked for still."""
    page = counter.page
    await counter.type("7")
    await counter.shows("waiting", "¥7.00")
    await page.reload()
    await counter.shows("waiting", "¥7.00")


async def train(counter: Counter) -> None:
    """Training cannot post, and nobody can miss it."""
    page = counter.page
    standin = counter.standin
    posted = len(standin.online)
    await page.locator("#more").click()
    await counter.press("进入培训模式")
    await counter.press("确定")
    await expect(page.locator("#training")).to_be_visible()
    await counter.type("5")
    counter.scan(5)
    await counter.shows("trained", "没有扣款")
    await page.locator("#more").click()
    await counter.press("结束培训模式")
    await counter.press("确定")
    await expect(page.locator("#training")).to_be_hidden()
    assert len(standin.online) == posted


async def close_shift(counter: Counter) -> None:
    """The shift ends with what was counted."""
    page = counter.page
    await page.locator("#shift").click()
    await counter.press("结班")
    await counter.type("25")
    last = page.locator("#last_shift")
    await expect(last).to_contain_text(re.compile(r"合计\s*¥25\.50"))
    await expect(last).to_contain_text("差额 ¥-0.50")


STEPS = (
    open_shift,
    sell_by_price_keys,
    sell_by_dish_codes,
    sell_by_amount_and_refuse,
    void_one,
    survive_a_kill,
    survive_a_reload,
    train,
    close_shift,
)


async def test_a_whole_shift(counter: Counter) -> None:
    for step in STEPS:
        await step(counter)


async def test_a_scanner_that_types_keys_asks_for_nothing(counter: Counter) -> None:
    page = counter.page
    await counter.shows("idle")
    await counter.tab("金额")
    await page.keyboard.type(counter.code(1))  # as fast as a scanner in keyboard mode
    await page.keyboard.press("Enter")
    await expect(page.locator("#note")).to_have_text("扫码枪在键盘模式，请改成串口")
    await counter.shows("idle")


async def test_everything_is_said_in_english_too(counter: Counter) -> None:
    await counter.shows("idle")
    await counter.page.locator("#more").click()
    await counter.press("English")
    await counter.shows("idle", "Enter an amount")
    words = await counter.page.locator("body > header, #entry").all_inner_texts()
    assert not re.search(
        r"[\u4e00-\u9fff]", "".join(words).replace("面食", "").replace("一号窗口", "")
    )
