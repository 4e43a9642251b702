"""The system's pages at work: roles at places, a lost factor, the proven trail, settings, risk."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from backend.domain.access import Role
from backend.tables.api_token import ApiTokenRow
from backend.tables.place import AppointmentRow, PlaceRow
from backend.tables.risk import CaseRow
from backend.tables.setting import SettingChangeRow, SwitchRow
from backend.tables.staff import StaffRow
from backend.usecases.audits.seal_audits import seal_audits
from tests.rig.office import PASSWORD, Office
from tests.rig.web import Web, on_both, open_web
from tests.rig.web_school import open_web_school

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

DONE = ".el-message--success"


async def choose(page: Page, label: str, option: str) -> None:
    """Open a select of the dialog that is open, and take one of its options."""
    field = page.get_by_role("combobox", name=label)
    await page.get_by_role("dialog").locator(".el-select", has=field).click()
    await page.locator(".el-select-dropdown__item:visible", has_text=option).first.click()


async def save(page: Page) -> None:
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()


async def test_a_campus_is_built_and_a_role_given_there(web: Web) -> None:
    page = web.page
    staff_id, _ = await web.office.hire(Role.AUDITOR)
    await web.enter(Role.ADMIN, "/system/places")
    await page.get_by_role("button", name="添加校区").click()
    await page.get_by_label("名称").fill("东校区")
    await save(page)
    await expect(page.locator(".el-tree")).to_contain_text("东校区")
    await page.get_by_role("button", name="在此添加食堂").click()
    await page.get_by_label("名称").fill("一食堂")
    await save(page)
    await expect(page.locator(".el-tree")).to_contain_text("一食堂")
    await web.go("/system/staff")
    person = await StaffRow.get(id=staff_id)
    await page.get_by_role("row", name=person.login).get_by_role("button", name="增加任职").click()
    await choose(page, "角色", "财务")
    await choose(page, "范围", "东校区 / 一食堂")
    await page.get_by_role("dialog").locator("textarea").fill("兼管食堂账目")
    await save(page)
    await expect(page.get_by_role("row", name=person.login)).to_contain_text("东校区 / 一食堂")
    (made,) = await AppointmentRow.all()
    canteen = await PlaceRow.get(name="一食堂")
    assert (made.staff_id, made.role, made.place_id) == (staff_id, "finance", canteen.id)


async def test_a_lost_authenticator_is_recovered(
    web: Web, browser: Browser, served: Office
) -> None:
    page = web.page
    login = await web.enter(Role.FINANCE, "/system/access")
    web.office.clock.now += 30
    await page.locator("input[name=totp]").fill(await web.office.totp(login))
    await page.get_by_role("button", name="生成新的恢复码").click()
    said = await page.locator("code.secret").text_content()
    codes = (said or "").split()
    assert len(codes) == 10
    async with open_web(browser, served) as other:
        await other.go("/login")
        await other.page.locator("input[name=login]").fill(login)
        await other.page.locator("input[name=password]").fill(PASSWORD)
        await other.page.get_by_role("button", name="用恢复码").click()
        await other.page.locator("input[name=recovery]").fill(codes[0])
        await other.page.locator("button[type=submit]").click()
        await expect(other.page.locator(".frame main h1")).to_be_visible()
        await other.go("/system/access")
        await expect(other.page.locator("main")).to_contain_text("还剩 9 个")
        # the session that was opened by the thief, or by oneself, is ended from the other
        await other.page.locator("main table").get_by_role("button", name="结束").click()
        await other.page.get_by_role("dialog").locator(".el-dialog__footer button").last.click()
        await expect(other.page.locator(DONE).first).to_be_visible()
    await web.page.reload()
    await expect(web.page.locator("input[name=password]")).to_be_visible()


async def test_two_admins_give_a_new_factor(web: Web, browser: Browser, served: Office) -> None:
    staff_id, login = await web.office.hire(Role.CARD_OFFICE)
    await web.enter(Role.ADMIN, "/system/staff")
    row = web.page.get_by_role("row", name=login)
    await row.locator(".el-dropdown button").click()
    await web.page.get_by_role("menuitem", name="申请重置验证器").click()
    await web.give_reason("手机丢失，本人在场")
    await expect(web.page.locator(DONE).first).to_be_visible()
    await web.go("/system/logins")
    await expect(web.page.locator("main")).to_contain_text("须由另一人批准")
    before = (await StaffRow.get(id=staff_id)).totp_secret
    async with open_web(browser, served) as other:
        await other.enter(Role.ADMIN, "/system/logins")
        await other.page.get_by_role("button", name="批准").click()
        await other.page.get_by_role("dialog").locator(".el-dialog__footer button").last.click()
        await expect(other.page.locator("code.secret")).to_contain_text("otpauth://totp/")
    assert (await StaffRow.get(id=staff_id)).totp_secret != before


async def test_the_trail_is_proven_from_the_page(web: Web) -> None:
    await web.enter(Role.AUDITOR, "/system/audits?verb=staff")
    await seal_audits(web.office.parts.vault)
    await expect(web.page.locator("main .el-table__body")).to_contain_text("staff.log_in")
    await web.page.get_by_role("button", name="验证").click()
    await expect(web.page.locator(".proof")).to_contain_text("完整")
    known = web.page.get_by_label("核对以前抄下的末端")
    await known.fill("1:" + "0" * 64)
    await web.page.get_by_role("button", name="验证").click()
    await expect(web.page.locator(".proof")).to_contain_text("发现 1 处问题")


async def test_what_is_set_has_a_reason_and_a_history(web: Web) -> None:
    page = web.page
    await web.enter(Role.ADMIN, "/system/settings")
    await page.get_by_role("row", name="重新登录").get_by_role("button", name="修改").click()
    number = page.get_by_role("dialog").get_by_role("spinbutton")
    await number.fill("8")
    await number.press("Tab")
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()
    await page.get_by_role("dialog").locator("textarea").fill("缩短值班登录")
    await page.get_by_role("dialog").locator(".el-dialog__footer button").last.click()
    await expect(page.locator(DONE).first).to_be_visible()
    (change,) = await SettingChangeRow.all()
    assert (change.before, change.after, change.reason) == (12, 8, "缩短值班登录")
    await expect(page.locator(".list .el-table__body")).to_contain_text("缩短值班登录")
    await page.locator(".feature", has_text="手机申诉").get_by_role("button").click()
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()
    await page.get_by_role("dialog").locator("textarea").fill("假期停用")
    await page.get_by_role("dialog").locator(".el-dialog__footer button").last.click()
    await expect(page.locator(".feature", has_text="手机申诉")).to_contain_text("关闭")
    (switch,) = await SwitchRow.all()
    assert (switch.feature, switch.is_on) == ("disputes", False)


async def test_a_token_is_shown_once(web: Web) -> None:
    page = web.page
    await web.enter(Role.ADMIN, "/system/tokens")
    await page.get_by_role("button", name="新建令牌").click()
    await page.get_by_label("名称").fill("数据大屏")
    await choose(page, "可读", "merchants.read")
    await page.keyboard.press("Escape")
    await save(page)
    token = await page.locator("code.secret").text_content()
    assert token is not None
    assert token.startswith("xmt_")
    (row,) = await ApiTokenRow.all()
    assert token not in str(row.__dict__)
    await page.get_by_role("dialog").get_by_role("button", name="确认").click()
    await page.reload()
    await expect(page.locator("main")).to_contain_text("数据大屏")
    assert token not in await page.content()


@on_both
async def test_alerts_become_a_case_that_is_closed(web: Web, migrated_url: str) -> None:
    async with open_web_school(web.office, migrated_url):
        page = web.page
        await web.enter(Role.FINANCE, "/risk/alerts")
        boxes = page.locator("main .el-checkbox")
        await boxes.nth(0).click()
        await boxes.nth(1).click()
        await page.get_by_role("button", name="并入新个案").click()
        await page.get_by_label("标题").fill("终端异常")
        await save(page)
        await expect(page.locator("h1")).to_have_text("终端异常")
        await page.get_by_label("添加记录").fill("已通知食堂检查读头")
        await page.get_by_role("button", name="添加记录").click()
        await expect(page.locator(".note")).to_contain_text("已通知食堂检查读头")
        await page.get_by_role("button", name="结案").click()
        await page.get_by_text("差错").click()
        await page.get_by_role("dialog").get_by_role("button", name="结案").click()
        await page.get_by_role("dialog").locator("textarea").fill("读头松动，已更换")
        await page.get_by_role("dialog").locator(".el-dialog__footer button").last.click()
        await expect(page.locator(".facts")).to_contain_text("读头松动，已更换")
        row = await CaseRow.get(title="终端异常")
        assert row.finding == "mistake"


async def test_a_dispute_is_decided_on_its_evidence(web: Web, migrated_url: str) -> None:
    async with open_web_school(web.office, migrated_url):
        page = web.page
        await web.enter(Role.FINANCE, "/risk/disputes")
        await page.get_by_role("link", name="看证据").click()
        await expect(page.locator(".facts")).to_contain_text("校园码")
        await page.get_by_role("button", name="支持持卡人", exact=True).click()
        await web.give_reason("录像显示并非本人")
        await expect(page.locator(".remedy")).to_contain_text("请申请")
