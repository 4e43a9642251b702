"""The office's web in Chromium, on a real server: a member of staff at a desk."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, expect

from backend.domain.access import Role
from tests.rig.office import PASSWORD, Office

SIZES = {"desk": (1280, 800), "wide": (1920, 1080), "tablet": (820, 1180), "phone": (390, 844)}
WAIT_MS = 10_000
QUIET_SECONDS = 0.2
"""So long after the last word from the server nothing more is asked for what is looked at."""
Tongue = Literal["zh-CN", "en-GB"]
on_both = pytest.mark.parametrize("migrated_url", ["sqlite", "mariadb"], indirect=True)
"""For the frame and one main way through each area; the others run on SQLite alone."""


@dataclass
class Web:
    """One browser with the office's web, and what went wrong in it."""

    office: Office
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    asking: set[Request] = field(default_factory=set)
    heard_at: float = 0.0

    @property
    def url(self) -> str:
        """The web's own folder."""
        return f"{str(self.office.http.base_url).rstrip('/')}/office"

    async def go(self, path: str) -> None:
        """Open a page of the web by its address."""
        await self.page.goto(f"{self.url}{path}")

    async def enter(self, role: Role, path: str = "/") -> str:
        """Hire somebody, log in through the form, and open a page; the login."""
        _, login = await self.office.hire(role)
        await self.log_in(login, path)
        return login

    async def log_in(self, login: str, path: str = "/") -> None:
        """Log in through the form."""
        self.office.clock.now += 30  # a TOTP step is accepted once
        await self.go("/login" if path == "/" else path)
        await self.page.locator("input[name=login]").fill(login)
        await self.page.locator("input[name=password]").fill(PASSWORD)
        await self.page.locator("input[name=totp]").fill(await self.office.totp(login))
        await self.page.locator("button[type=submit]").click()
        await expect(self.page.locator(".frame main h1")).to_be_visible()

    async def settle(self) -> None:
        """Wait until the page has its title, is idle and asks for nothing more."""
        await self.page.locator(".frame main h1").first.wait_for()
        limit = time.monotonic() + WAIT_MS / 1000
        while self.asking or time.monotonic() - self.heard_at < QUIET_SECONDS:
            assert time.monotonic() < limit, [one.url for one in self.asking]
            await self.page.wait_for_timeout(50)
            await self.page.evaluate("0")  # a page that works asks first, answers then

    def listen(self) -> None:
        """Know what the page waits for; a stream of events is never at its end."""

        def asks(one: Request) -> None:
            self.heard_at = time.monotonic()
            if one.resource_type != "eventsource":
                self.asking.add(one)

        def has(one: Request) -> None:
            self.heard_at = time.monotonic()
            self.asking.discard(one)

        self.page.on("request", asks)
        self.page.on("requestfinished", has)
        self.page.on("requestfailed", has)

    async def give_reason(self, text: str) -> None:
        """Fill in the dialog that asks for a reason, and confirm."""
        dialog = self.page.get_by_role("dialog")
        await dialog.locator("textarea").fill(text)
        await dialog.locator(".el-dialog__footer button").last.click()

    async def show(self, size: str, *, is_dark: bool = False) -> None:
        """Put the page onto a screen of that size."""
        width, height = SIZES[size]
        await self.page.set_viewport_size({"width": width, "height": height})
        # a colour that is half way to another is nobody's
        scheme: Literal["dark", "light"] = "dark" if is_dark else "light"
        await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    async def picture(self, path: Path, *, is_whole: bool = False) -> None:
        """What is seen now, as PNG; `is_whole` with what is below the fold."""
        path.parent.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=path, full_page=is_whole)

    async def overflow(self) -> int:
        """By how many pixels the page is wider than its screen."""
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide


@asynccontextmanager
async def open_web(
    browser: Browser, office: Office, tongue: Tongue = "zh-CN"
) -> AsyncIterator[Web]:
    """A browser whose clock is the server's; at the end nothing may have gone wrong in it."""
    width, height = SIZES["desk"]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale=tongue,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",  # nothing is looked at halfway between two colours
    )
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    await page.clock.install(time=office.clock.now)
    made = Web(office, context, page)
    made.listen()
    page.on(
        "response",
        lambda said: (
            made.faults.append(f"{said.status} {said.url}") if said.status == 500 else None
        ),
    )
    page.on("pageerror", lambda error: made.faults.append(str(error)))
    page.on(
        "console",
        lambda said: made.faults.append(said.text) if is_fault(said.type, said.text) else None,
    )
    try:
        yield made
    finally:
        await context.close()
    assert made.faults == [], made.faults


def is_fault(kind: str, text: str) -> bool:
    """Whether the console complains; what the server refused is an answer, not a fault."""
    return kind in {"error", "warning"} and not re.search(r"status of [45]\d\d", text)
