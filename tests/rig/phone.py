"""A phone in Chromium: the preview's page, and what a person, a reader or a camera does with it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

from PIL import Image
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Route,
    async_playwright,
    expect,
)

from scripts.environment import find_program
from simulators.lunch.scanner import MisreadError, read

WIDTH, HEIGHT = 375, 812
SCALE = 2
WAIT_MS = 15_000
TOP = "page:not([inactive])"
"""The page on top; the others stay in the document, not shown."""
BROWSER = "chromium"
API = re.compile(r"//127\.0\.0\.1:\d+/(student|guardian|staff)/")
"""What the mini-program asks the school's server."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@dataclass
class Phone:
    """One phone; its storage lives as long as its context, so that it can be opened again."""

    context: BrowserContext
    url: str
    state: dict[str, Any] = field(default_factory=dict)
    page: Page = field(init=False)
    troubles: list[str] = field(default_factory=list)

    async def open(self, path: str = "", *, at: float | None = None, **state: Any) -> Self:
        """Start the mini-program, at a page if one is named.

        `at` (Unix seconds) is what the browser's clock says; `state` is what the phone is like
        (simulators/preview/runtime/phone.mjs), kept for the next time.
        """
        self.state |= state
        if self.context.pages:
            await self.context.pages[0].close()
        self.page = await self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        if at is not None:
            await self.page.clock.install(time=at)
        settings = quote(json.dumps(self.state))
        await self.page.goto(f"{self.url}/phone.html?phone={settings}#{path}")
        await self.page.wait_for_function("() => window.__preview?.isStarted")
        return self

    # ----------------------------------------------------------------------------- a person

    def find(self, text: str) -> Locator:
        """What is shown with these words on the page on top."""
        return self.page.locator(TOP).get_by_text(text).first

    def button(self, name: str) -> Locator:
        """A button on the page on top, by what it is called."""
        return self.page.locator(TOP).get_by_role("button", name=name, exact=True).first

    async def tap(self, name: str) -> None:
        """Tap a button."""
        await self.button(name).tap()

    async def type(self, label: str, text: str) -> None:
        """Fill a field, found by its label."""
        await self.page.locator(TOP).get_by_label(label).first.fill(text)

    async def shows(self, *texts: str) -> None:
        """Wait until all of these words are shown."""
        for text in texts:
            await expect(self.find(text)).to_be_visible(timeout=WAIT_MS)

    async def go(self, path: str) -> None:
        """Open a page on top of the others, as a link does."""
        await self.page.evaluate("url => wx.navigateTo({ url })", f"/{path}")
        await self.is_at(path)

    async def back(self) -> None:
        """One page back."""
        await self.page.evaluate("() => wx.navigateBack({})")

    async def text(self) -> str:
        """Everything the page on top says."""
        return await self.page.locator(TOP).inner_text()

    async def is_at(self, path: str) -> None:
        """Wait until this page is on top."""
        await self.page.wait_for_function(
            "path => window.__preview.page()?.path === path", arg=path, timeout=WAIT_MS
        )

    # ---------------------------------------------------------------------- camera and reader

    async def picture(self) -> Image.Image:
        """What is on the screen."""
        return Image.open(io.BytesIO(await self.page.screenshot()))

    async def code(self, seconds: float = WAIT_MS / 1000) -> str:
        """The digits a scanner reads on the screen, as soon as the card page shows a code."""
        await self.page.wait_for_function(
            "() => window.__preview.page()?.data.face === 'code'", timeout=seconds * 1000
        )
        for _ in range(40):
            try:
                return read(await self.picture())
            except MisreadError:  # it is drawn a frame later
                await self.page.wait_for_timeout(50)
        return read(await self.picture())

    async def apdu(self, command: str) -> str:
        """What the phone answers to one command of a reader, both in hexadecimal."""
        answer: str = await self.page.evaluate("hex => window.__preview.apdu(hex)", command)
        return answer

    # ------------------------------------------------------------------------------ the rig

    async def steer(self, **changes: Any) -> None:
        """Change what the phone is like."""
        self.state |= changes
        await self.page.evaluate("changes => window.__preview.steer(changes)", changes)

    async def emit(self, event: str, detail: object = None) -> int:
        """Let something happen; how many listeners the mini-program has for it."""
        heard: int = await self.page.evaluate(
            "([event, detail]) => window.__preview.emit(event, detail)", [event, detail]
        )
        return heard

    async def data(self) -> dict[str, Any]:
        """The data of the page on top."""
        data: dict[str, Any] = await self.page.evaluate("() => window.__preview.page().data")
        return data

    async def calls(self, member: str) -> list[Any]:
        """The options of every call of one member of `wx`."""
        calls: list[Any] = await self.page.evaluate(
            "name => window.__preview.calls.filter(one => one[0] === name).map(one => one[1])",
            member,
        )
        return calls

    async def called(self, member: str, options: object) -> None:
        """Wait until this member's latest call was with these options."""
        await self.page.wait_for_function(
            "([name, options]) => {"
            " const last = window.__preview.calls.findLast(one => one[0] === name);"
            " return last && JSON.stringify(last[1]) === JSON.stringify(options); }",
            arg=[member, options],
        )

    async def storage(self) -> dict[str, str]:
        """What the phone keeps."""
        kept: dict[str, str] = await self.page.evaluate("() => ({ ...localStorage })")
        return kept

    async def faults(self) -> list[str]:
        """Every error of a page, every call of what a phone has not, everything not imitated."""
        told: list[str] = await self.page.evaluate(
            "() => [...window.__preview.errors, ...window.__preview.warnings]"
        )
        return [*self.troubles, *told]

    async def mark(self, name: str) -> float:
        """When a performance mark was left, in milliseconds since the document began."""
        at: float | None = await self.page.evaluate(
            "name => performance.getEntriesByName(name)[0]?.startTime ?? null", f"preview:{name}"
        )
        assert at is not None, f"no mark {name}"
        return at


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    program = find_program(BROWSER)
    assert program, "chromium is missing: run python3 scripts/check.py once"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def new_phone(
    browser: Browser,
    url: str,
    address: str,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    scale: float = SCALE,
) -> Phone:
    """A phone nobody has used, for the preview at `url`; `address` is its network address."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=scale,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )

    async def send_on(route: Route) -> None:
        headers = {**route.request.headers, "x-forwarded-for": address}
        await route.continue_(headers=headers)

    await context.route(API, send_on)
    return Phone(context, url)
