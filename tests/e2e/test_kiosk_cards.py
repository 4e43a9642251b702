"""A physical card at the kiosk in the hall: a real pcscd, the program, its page in Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from backend.tables.card import CardRow
from backend.tables.visit import VisitRow
from campus_code import CardState, ChipKind
from simulators.cards.cpu import CpuCard
from simulators.cards.vpcd import in_field
from tests.e2e.test_kiosk import open_page, tap
from tests.rig.chips import Written, handed_out, take_chips
from tests.rig.kiosk import ALL_DAY, KioskProcess, open_kiosk
from tests.rig.pcscd import pcscd

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

APART_SECONDS = 0.6
"""pcscd looks for a virtual card every 400 ms."""
LOOK_MS = 15_000


@pytest_asyncio.fixture(loop_scope="session")
async def kiosk(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[KioskProcess]:
    """A kiosk that runs, with a contactless reader, in a school that takes every kind of chip."""
    with pcscd(tmp_path):
        async with open_kiosk(tmp_path, sqlite_template) as made:
            await take_chips(made.office, version=3, periods=(ALL_DAY,))
            await made.start("--nfc", "Virtual PCD")
            yield made


async def test_cards_are_known_by_the_server_and_do_what_cards_may(
    kiosk: KioskProcess, browser: Browser
) -> None:
    faults: list[str] = []
    student = await kiosk.shop.student()
    cards: list[Written] = [
        await handed_out(kiosk.office, student, kind) for kind in (ChipKind.CPU, ChipKind.DESFIRE)
    ]
    cpu, desfire = cards  # the second took the place of the first
    kiosk.office.clock.now += 60
    page = await open_page(browser, kiosk, faults)
    title = page.get_by_role("heading", name="请出示校园码或刷卡")
    await expect(title).to_be_visible(timeout=LOOK_MS)

    with in_field(desfire):
        await expect(page.get_by_text("100.00 元")).to_be_visible(timeout=LOOK_MS)
    await expect(page.locator("[data-key=tab-statement]")).to_be_visible()
    await expect(page.locator("[data-key=tab-emergency]")).to_have_count(0)
    await tap(page, "tab-lost")
    await tap(page, "freeze")
    await expect(page.get_by_text("实体卡不能恢复冻结")).to_be_visible()
    await expect(page.locator("[data-key=found]")).to_have_count(0)
    assert (await CardRow.get(id=student.card_id)).state == CardState.FROZEN
    await tap(page, "leave")

    refusals = (
        (desfire, "已冻结"),
        (cpu, "已被新手机或新卡替换"),
        (CpuCard.written(bytes(range(16))), "验证不通过"),
    )
    for card, words in refusals:
        await asyncio.sleep(APART_SECONDS)
        with in_field(card):
            await expect(page.locator(".refusal")).to_contain_text(words, timeout=LOOK_MS)
    assert await VisitRow.all().count() == 1
    assert faults == []
