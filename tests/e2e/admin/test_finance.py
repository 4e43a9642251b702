"""The finance office's pages and a merchant's own, on a real server with a day of money in it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from backend.domain.access import Role
from backend.tables.merchant import MerchantRow
from backend.tables.remittance import DayCloseRow, RemittanceRow
from tests.rig.counter_day import NEW_YEAR, WINDOWS, CounterDay, make_counter_day
from tests.rig.office import Office
from tests.rig.web import SIZES, Web, on_both, open_web

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SPAN = f"first_on={NEW_YEAR}&last_on={NEW_YEAR}"
PAGES = {
    "reports": f"/finance/reports?kind=merchants&{SPAN}",
    "trial-balance": f"/finance/reports?kind=trial-balance&{SPAN}",
    "days": "/finance/days",
    "day": f"/finance/days/{NEW_YEAR}",
    "settlements": "/finance/settlements",
    "remittances": "/finance/remittances",
    "bills": "/finance/bills",
    "suspense": "/finance/suspense",
    "quarantine": "/finance/quarantine",
    "corrections": "/finance/corrections?state=all",
    "top-up-refunds": "/finance/top-up-refunds",
    "drawers": "/finance/drawers",
    "payments": f"/finance/payments?{SPAN}",
    "postings": f"/finance/postings?account_id=10&{SPAN}",
    "inactive": "/finance/inactive-cards?days=30",
    "merchant": "/merchant",
}
PICTURES = os.environ.get("XIAOMA_PICTURES", "")
"""A folder into which the pages are drawn, for the manual and for whoever wants to look."""


@pytest_asyncio.fixture(loop_scope="session")
async def counter_day(served: Office, migrated_url: str) -> AsyncIterator[CounterDay]:
    """The day after New Year's, at noon."""
    yield await make_counter_day(served, migrated_url)


async def test_every_page_opens_and_none_is_wider_than_its_screen(
    web: Web, counter_day: CounterDay
) -> None:
    assert counter_day.paid
    await web.enter(Role.FINANCE)
    wide = []
    for name, path in PAGES.items():
        await web.go(path)
        await web.settle()
        for size in SIZES:
            await web.show(size)
            if await web.overflow() > 0:
                wide.append(f"{name} {size}")
            if PICTURES:
                await web.picture(Path(PICTURES) / f"{name}-{size}.png", is_whole=size == "phone")
        if PICTURES:
            await web.show("desk", is_dark=True)
            await web.picture(Path(PICTURES) / f"{name}-dark.png")
            await web.show("desk")
    assert wide == []


async def test_a_figure_leads_to_its_payments_and_a_payment_to_its_code(
    web: Web, counter_day: CounterDay
) -> None:
    assert counter_day.paid
    await web.enter(Role.FINANCE)
    await web.go(f"/finance/reports?kind=merchants&{SPAN}")
    await web.page.get_by_role("cell", name=WINDOWS[1], exact=True).click()
    await expect(web.page).to_have_url(f"{web.url}/finance/payments?{SPAN}&merchant_id=2")
    rows = web.page.locator(".el-table__row")
    await expect(rows).to_have_count(5)
    await rows.first.click()
    drawer = web.page.get_by_role("dialog")
    for word in ("记账凭证", "终端流水", "时间步", "规则版本", "商户结算"):
        await expect(drawer.get_by_text(word, exact=True).first).to_be_visible()
    if PICTURES:
        await web.picture(Path(PICTURES) / "explain-desk.png")
        await web.show("desk", is_dark=True)
        await web.page.wait_for_timeout(600)  # the colours change slowly
        await web.picture(Path(PICTURES) / "explain-dark.png")


async def test_a_day_is_closed_with_a_reason_and_only_once(
    web: Web, counter_day: CounterDay
) -> None:
    assert counter_day.paid
    await web.enter(Role.FINANCE, f"/finance/days/{NEW_YEAR}")
    await web.page.get_by_role("button", name="日结", exact=True).click()
    await expect(web.page.get_by_role("dialog")).to_contain_text("没有送齐")
    await web.give_reason("窗口网络检修，明日补传")
    await expect(web.page.get_by_text("已日结").first).to_be_visible()
    await expect(web.page.get_by_role("button", name="日结", exact=True)).to_have_count(0)
    row = await DayCloseRow.get(business_on=NEW_YEAR)
    assert row.reason == "窗口网络检修，明日补传"


@on_both
async def test_one_asks_to_pay_and_another_approves(
    web: Web, browser: Browser, served: Office, counter_day: CounterDay
) -> None:
    assert counter_day.paid
    await web.enter(Role.FINANCE, "/finance/remittances")
    await web.page.get_by_role("button", name="申请付款").first.click()
    await web.give_reason("元旦结算款")
    await expect(web.page.get_by_text("须由另一人批准").first).to_be_visible()
    async with open_web(browser, served) as other:
        await other.enter(Role.FINANCE, "/finance/remittances?state=waiting")
        await other.page.get_by_role("button", name="批准", exact=True).first.click()
        await other.page.locator("#voucher").fill("BOC20260102-0001")
        if PICTURES:
            await other.picture(Path(PICTURES) / "remittance-approve.png")
        await other.page.get_by_role("dialog").get_by_role("button", name="批准").click()
        await expect(other.page.get_by_text("已完成").first).to_be_visible()
    assert await RemittanceRow.filter(voucher="BOC20260102-0001").count() == 1


async def test_a_refund_waits_for_somebody_else(web: Web, counter_day: CounterDay) -> None:
    assert counter_day.paid
    await web.enter(Role.FINANCE, "/finance/corrections")
    rows = web.page.locator(".el-table__row")
    await expect(rows).to_have_count(2)
    await rows.first.get_by_role("button", name="批准", exact=True).click()
    await web.page.get_by_role("dialog").get_by_role("button", name="批准").click()
    await expect(rows).to_have_count(1)


async def test_a_merchant_reads_its_day_on_a_phone(
    browser: Browser, served: Office, counter_day: CounterDay
) -> None:
    assert counter_day.paid
    merchant = await MerchantRow.get(name=WINDOWS[0])
    _, login = await served.hire(Role.CASHIER, merchant_id=merchant.id)
    async with open_web(browser, served, "en-GB") as web:
        await web.log_in(login, "/merchant")
        await web.show("phone")
        await expect(web.page.get_by_role("heading", level=1)).to_have_text(WINDOWS[0])
        await web.page.get_by_role("tab", name="Settlements").click()
        await expect(web.page.get_by_text("being paid")).to_be_visible()
        assert await web.overflow() == 0
        if PICTURES:
            await web.picture(Path(PICTURES) / "merchant-own-phone.png", is_whole=True)


async def test_english_pages_hold_no_chinese_of_ours(
    browser: Browser, served: Office, counter_day: CounterDay
) -> None:
    assert counter_day.paid
    async with open_web(browser, served, "en-GB") as web:
        await web.enter(Role.FINANCE)
        for name in ("reports", "day", "settlements", "remittances", "suspense", "drawers"):
            await web.go(PAGES[name])
            await web.settle()
            heads = await web.page.locator(
                "main h1, main h2, main th, main button"
            ).all_inner_texts()
            wrong = [one for one in heads if any("一" <= letter <= "鿿" for letter in one)]
            assert [one for one in wrong if one not in WINDOWS] == [], name
            if PICTURES:
                await web.picture(Path(PICTURES) / f"{name}-en.png")
