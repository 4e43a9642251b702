"""A cashier's window for browsers: a stand-in server, the program, its page, true codes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from campus_code import DocumentKind, MenuItem, to_json
from qr_terminals.__main__ import main
from tests.terminals.campus import FREE, Campus, free_rules
from tests.terminals.program import Program
from tests.terminals.standin import TOKEN, Standin

MENU = tuple(
    MenuItem(str(code), zh, en, price_fen)
    for code, zh, en, price_fen in (
        (1, "米饭", "Rice", 50),
        (2, "馒头", "Steamed bun", 60),
        (3, "紫菜蛋花汤", "Egg soup", 100),
        (11, "红烧肉", "Braised pork", 950),
        (12, "番茄炒蛋", "Tomato and egg", 450),
        (13, "青椒肉丝", "Pork with peppers", 680),
        (14, "麻婆豆腐", "Mapo tofu", 380),
        (15, "清炒时蔬", "Greens", 250),
        (21, "鸡腿", "Chicken leg", 780),
        (22, "酸奶", "Yoghurt", 420),
    )
)
SIZE = (1024, 600)
WAIT_MS = 8_000
KEY_MS = 60
"""Between two keys: a person's, and no scanner's."""


@dataclass
class Counter:
    """A window: its server, its home folder, the cashier's page, the program that runs now."""

    standin: Standin
    home: Path
    page: Page
    programs: list[Program] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    last_code: str = ""

    @property
    def program(self) -> Program:
        """The terminal program that was started last."""
        return self.programs[-1]

    def start(self, port: str = "0") -> str:
        """Start the program; where its page is."""
        self.programs.append(Program(self.home, "--page", port))
        return str(self.program.next("page")["url"])

    def code(self, number: int) -> str:
        """What the phone of the n-th card shows now."""
        return self.standin.campus.code(number, int(time.time()))

    def scan(self, number: int) -> None:
        """The n-th card's phone is held in front of the scanner."""
        self.last_code = self.code(number)
        self.program.scan(self.last_code)

    async def shows(self, result: str, *texts: str) -> None:
        """Wait until the page shows this result, with these texts."""
        await expect(self.page.locator("body")).to_have_attribute("data-result", result)
        for text in texts:
            await expect(self.page.locator("#result")).to_contain_text(text)

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def tab(self, name: str) -> None:
        """Choose a way of typing."""
        await self.page.get_by_role("tab", name=name).click()

    async def type(self, keys: str) -> None:
        """Type on the number pad, as a person does, and Enter."""
        await self.page.keyboard.type(keys, delay=KEY_MS)
        await self.page.keyboard.press("Enter")


@contextlib.asynccontextmanager
async def open_counter(
    browser: Browser, folder: Path, *, size: tuple[int, int] = SIZE, display_seconds: int = 1
) -> AsyncIterator[Counter]:
    """A window that has synced, its page open; everything ends with the block."""
    campus = Campus(at=int(time.time()), display_seconds=display_seconds)
    standin = Standin(campus, group_id=FREE, is_live=True)
    home = folder / "home"
    if main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]):
        raise RuntimeError("the terminal was not enrolled")
    rules = to_json(free_rules(campus, MENU))
    standin.publish("rules", 2, campus.sign(DocumentKind.RULES, 2, rules))
    page = await browser.new_page(
        viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Shanghai"
    )
    page.set_default_timeout(WAIT_MS)
    counter = Counter(standin, home, page)
    page.on("pageerror", lambda error: counter.troubles.append(str(error)))
    try:
        await page.goto(counter.start())
        counter.program.next("synced")
        yield counter
    finally:
        for program in counter.programs:
            if program.process.poll() is None:
                program.kill()
        standin.close()
