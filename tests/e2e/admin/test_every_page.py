"""What holds for every page of the office's web, also for those that nobody has thought of yet.

The pages are found by following the links from home, so a new one is looked at by itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from backend.domain.access import Role
from scripts.build_office import WEB
from tests.rig.office import Office
from tests.rig.web import SIZES, Web, open_web
from tests.rig.web_school import open_web_school
from tests.rig.web_tour import tour

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
FEW_PAGES = 1
STRIKE = "<img src=x onerror=strike()>"
STRUCK = "() => document.querySelectorAll('img[src=x], script:not([src])').length"


def hostile(kind: str, room: int) -> str:
    """What somebody types who wants the office's browser to run it."""
    return f"{STRIKE}{{{{1+1}}}}\"'=1+1 {kind}"[:room]


async def violations(web: Web) -> list[str]:
    """What axe finds wrong: rule, and the first place of each."""
    await web.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await web.page.evaluate("rules => axe.run(document, rules)", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


async def test_every_page_is_accessible_and_fits_its_screen(
    web: Web, served: Office, migrated_url: str
) -> None:
    async with open_web_school(served, migrated_url):
        await web.enter(Role.ADMIN)
        wrong: dict[str, list[str]] = {}
        count = 0
        async for path in tour(web):
            count += 1
            for size in SIZES:
                await web.show(size)
                if over := await web.overflow():
                    wrong.setdefault(path, []).append(f"{over} px too wide on a {size}")
            for is_dark in (False, True):
                await web.show("desk", is_dark=is_dark)
                for one in await violations(web):
                    wrong.setdefault(path, []).append(f"{'dark' if is_dark else 'light'} {one}")
        assert wrong == {}, "\n".join(
            f"{path}: {one}" for path, found in wrong.items() for one in found
        )
        assert count >= FEW_PAGES


async def test_nothing_that_somebody_typed_is_run(
    browser: Browser, served: Office, migrated_url: str
) -> None:
    async with (
        open_web_school(served, migrated_url, hostile),
        open_web(browser, served, "en-GB") as web,
    ):
        strikes: list[str] = []
        await web.page.expose_function("strike", lambda: strikes.append(web.page.url))
        await web.enter(Role.ADMIN)
        shown = 0
        async for path in tour(web):
            assert await web.page.evaluate(STRUCK) == 0, path
            shown += STRIKE in await web.page.inner_text("main")
        assert strikes == []
        assert shown > 0, "no page has shown what was typed"
