"""The office runs its windows: what happens now, terminals, rules tried and taken back, doors."""

from __future__ import annotations

import base64
import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page, expect

from backend.domain.access import Role
from backend.tables.door import DoorRulesRow
from backend.tables.drill import DrilledTerminalRow
from backend.tables.rollout import RolloutRow
from backend.tables.school import EpochKeyRow, RulesRow
from backend.tables.staff import AuditRow
from backend.tables.terminal import StolenTerminalRow, TerminalRow
from tests.rig.busy_school import fill_school
from tests.rig.web import Web, on_both

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
LUNCH = "午餐"


async def choose(page: Page, label: str, option: str) -> None:
    """Pick an option of a select by its label; what it shows lies over the field itself."""
    # one that closes may still lie over the next
    await expect(page.locator(".el-select-dropdown:visible")).to_have_count(0)
    await page.get_by_role("combobox", name=label, exact=True).last.click(force=True)
    begins = re.compile(f"^{re.escape(option)}")
    await page.locator(".el-select-dropdown:visible li").filter(has_text=begins).first.click()


async def test_what_happens_now_moves_by_itself(web: Web) -> None:
    school = await fill_school(web.office)
    await web.enter(Role.AUDITOR, "/now")
    await expect(web.page.locator("main .tag", has_text="实时")).to_be_visible()
    await expect(web.page.get_by_text(LUNCH)).to_be_visible()
    await expect(web.page.get_by_text("8 在线")).to_be_visible()
    await expect(web.page.get_by_text("就绪分 62，挂失名单").first).to_be_visible()
    await TerminalRow.filter(id=school.terminal_ids[0]).update(readiness={"paused": "drill"})
    web.office.clock.now += 5
    await expect(web.page.get_by_text("7 在线")).to_be_visible(timeout=15_000)
    await web.go("/now/map")
    await expect(web.page.locator("a.window")).to_have_count(12)
    await web.page.get_by_text("只看有问题的").click()
    await expect(web.page.locator("a.window")).to_have_count(6)
    await web.page.locator("a.window").first.click()
    await expect(web.page.get_by_role("heading", level=1)).to_contain_text("号机")


async def test_the_stream_ends_with_the_session(web: Web) -> None:
    await web.enter(Role.ADMIN, "/now")
    await expect(web.page.locator("main .tag", has_text="实时")).to_be_visible()
    web.office.clock.now += 30 * 86_400
    await expect(web.page.get_by_text("登录已到期")).to_be_visible(timeout=15_000)


async def test_terminals_are_found_and_a_new_one_is_enrolled(web: Web) -> None:
    await fill_school(web.office)
    await web.enter(Role.ADMIN, "/terminals?readiness=mending")
    await expect(web.page.locator(".el-table__row")).to_have_count(2)
    await web.page.get_by_role("button", name="登记终端").click()
    dialog = web.page.get_by_role("dialog")
    await dialog.get_by_label("名称").fill("新窗口机")
    await choose(web.page, "商户", "一食堂面馆")
    await choose(web.page, "终端组", "食堂")
    await dialog.get_by_role("button", name="生成二维码").click()
    source = await dialog.locator("img").get_attribute("src")
    assert source is not None
    picture = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    text = zxingcpp.read_barcodes(picture)[0].text
    assert text.startswith("xm1:")
    await expect(dialog.locator("code")).to_have_text(text)


async def test_a_stolen_terminal_in_one_action(web: Web) -> None:
    school = await fill_school(web.office)
    epochs = await EpochKeyRow.all().count()
    await web.enter(Role.ADMIN, f"/terminals/{school.terminal_ids[0]}")
    await web.page.get_by_role("button", name="失窃", exact=True).click()
    await web.page.get_by_role("dialog").locator("textarea").fill("柜台被撬")
    await web.page.get_by_role("button", name="确认失窃并处理").click()
    await expect(web.page.get_by_role("heading", name="失窃处理报告")).to_be_visible()
    row = await StolenTerminalRow.get(terminal_id=school.terminal_ids[0])
    assert row.reason == "柜台被撬"
    assert await EpochKeyRow.all().count() > epochs
    await expect(web.page.get_by_text("terminals.stolen")).to_be_visible()


async def test_a_terminal_is_revoked_with_a_reason(web: Web) -> None:
    school = await fill_school(web.office)
    await web.enter(Role.ADMIN, f"/terminals/{school.terminal_ids[1]}")
    await web.page.get_by_role("button", name="停用").click()
    await web.give_reason("换了新机器")
    await expect(web.page.get_by_text("已停用").first).to_be_visible()
    assert (await TerminalRow.get(id=school.terminal_ids[1])).revoked_at is not None
    await expect(web.page.get_by_role("button", name="停用")).to_have_count(0)


async def draft_with_a_lower_limit(web: Web) -> None:
    """A draft in which the canteen takes 20 yuan at most, saved."""
    page = web.page
    await web.go("/rules")
    await page.get_by_role("button", name="起草新规则").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("限价")
    await dialog.get_by_role("button", name="起草新规则").click()
    await page.get_by_role("tab", name="终端组与菜单").click()
    await page.get_by_label("单笔上限").fill("20")
    await expect(page.get_by_text("有未保存的改动")).to_be_visible()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("共 1 处改动")).to_be_visible()


@on_both
async def test_rules_are_drafted_tried_out_and_taken_back(web: Web) -> None:
    await fill_school(web.office)
    await web.enter(Role.ADMIN)
    page = web.page
    await draft_with_a_lower_limit(web)
    await page.get_by_role("tab", name="差异").click()
    await expect(page.locator("td.new")).to_have_text("¥20.00")
    await page.get_by_role("tab", name="试一笔").click()
    await page.get_by_label("金额（元）").fill("25")
    await page.get_by_role("button", name="看结果").click()
    await expect(page.get_by_text("金额超出允许范围。")).to_be_visible()
    await expect(page.locator("li.no")).to_contain_text("到此拒绝")
    await page.get_by_role("button", name="发布…").click()
    dialog = page.get_by_role("dialog")
    await choose(page, "试行终端", "一食堂面馆")
    await dialog.locator("textarea").fill("先试一个窗口")
    await dialog.get_by_role("button", name="开始试行").click()
    await expect(page.get_by_role("heading", name="第 2 版正在试行")).to_be_visible()
    assert await RulesRow.all().count() == 2
    assert web.office.parts.rules.version == 1
    await page.get_by_role("button", name="撤回").click()
    await web.give_reason("拒绝太多")
    await expect(page.get_by_role("heading", name="第 2 版正在试行")).to_have_count(0)
    row = await RolloutRow.get()
    assert (row.outcome, row.end_reason) == ("rolled_back", "拒绝太多")
    assert web.office.parts.rules.version == 3
    await expect(page.get_by_text("第 3 版", exact=True)).to_be_visible()


async def test_chips_and_meals_on_the_school_are_rules_too(web: Web) -> None:
    await web.enter(Role.ADMIN)
    page = web.page
    await draft_with_a_lower_limit(web)
    await page.locator("label", has_text="学校可在此请餐").click()
    await page.get_by_role("tab", name="卡类").click()
    first = page.locator("section.one").first
    await first.get_by_label("一餐最多（0 不请）").fill("8.5")
    await first.get_by_label("七日最多（餐）").fill("3")
    await page.get_by_role("tab", name="实体卡").click()
    await page.locator("td .el-switch").nth(2).click()
    await page.get_by_label("Classic 每日限额").fill("60")
    await expect(page.get_by_text("最多 50 元")).to_be_visible()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("还不能发布")).to_contain_text("day_fen_max")
    await page.get_by_label("Classic 每日限额").fill("30")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("可以发布")).to_be_visible()
    await page.get_by_role("tab", name="差异").click()
    told = page.locator("tr", has_text="学校可在此请餐")
    await expect(told.locator("td.new")).to_have_text("是")
    await page.get_by_role("button", name="发布…").click()
    await page.get_by_role("dialog").get_by_text("全部终端立即生效").click()
    await page.get_by_role("dialog").locator("textarea").fill("困难学生有饭吃")
    await page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    await expect(page.get_by_text("第 2 版", exact=True).first).to_be_visible()
    bundle = web.office.parts.rules.bundle
    (chip,) = bundle.nfc.chips
    assert (chip.kind, chip.payment_fen_max, chip.day_fen_max) == ("classic", 2_000, 3_000)
    assert chip.ends_on > 0
    given = bundle.classes[min(bundle.classes)].courtesy
    assert (given.payment_fen_max, given.day_count_max, given.seven_days_count_max) == (850, 1, 3)
    assert any(group.gives_courtesy for group in bundle.groups.values())


async def test_an_auditor_reads_the_rules_and_changes_nothing(web: Web) -> None:
    await web.enter(Role.AUDITOR, "/rules/versions/1")
    await expect(web.page.get_by_role("tab", name="餐次")).to_be_visible()
    await expect(web.page.get_by_label("中文名").first).to_be_disabled()
    await expect(web.page.get_by_role("button", name="恢复这一版")).to_have_count(0)
    await web.go("/rules/tap")
    student = await web.office.holder()
    await web.office.card(student.id)
    await web.page.get_by_text("某个人", exact=True).click()
    await web.page.get_by_label("学工号").fill(student.number)
    await web.page.get_by_role("button", name="看结果").click()
    await expect(web.page.get_by_text("余额不足。")).to_be_visible()
    (line,) = await AuditRow.filter(verb="cardholders.look_up")
    assert line.subject == f"cardholder:{student.id}"


async def test_a_zone_is_opened_on_a_week_and_published(web: Web) -> None:
    school = await fill_school(web.office)
    await web.enter(Role.ADMIN, "/doors")
    page = web.page
    await page.get_by_role("button", name="添加区域").click()
    await page.get_by_label("中文名").fill("图书馆")
    await page.get_by_label("英文名").fill("Library")
    await expect(page.get_by_text("谁也进不去")).to_be_visible()
    await page.locator(".track").first.click(position={"x": 220, "y": 10})
    bar = page.locator(".bar")
    await expect(bar).to_have_count(1)
    await page.get_by_label("从", exact=True).fill("08:00")
    await page.get_by_label("到", exact=True).fill("22:00")
    await page.get_by_label("到", exact=True).press("Tab")
    await page.locator(".days").get_by_text("周二").click()
    await expect(bar).to_have_count(2)
    await choose(page, "把终端设为门", "一食堂自选")
    await page.get_by_role("button", name="添加", exact=True).click()
    await page.get_by_role("button", name="发布", exact=True).click()
    await web.give_reason("开馆")
    await expect(page.get_by_text("第 1 版")).to_be_visible()
    row = await DoorRulesRow.get()
    assert '"begins_minute":480' in row.body
    assert '"days":[1,2]' in row.body
    assert f'"{school.terminal_ids[0]}":' in row.body
    assert (await AuditRow.get(verb="doors.publish")).detail == {"reason": "开馆"}


async def test_a_drill_and_new_keys(web: Web) -> None:
    school = await fill_school(web.office)
    await web.enter(Role.ADMIN, "/drills")
    page = web.page
    await page.get_by_role("button", name="安排演练").click()
    dialog = page.get_by_role("dialog")
    await choose(page, "终端（最多 200 台）", "一食堂面馆")
    await dialog.locator("textarea").fill("季度演练")
    await dialog.get_by_role("button", name="安排演练").click()
    await expect(page.get_by_text("进行中")).to_be_visible()
    assert (await DrilledTerminalRow.get()).terminal_id == school.terminal_ids[1]
    await web.go("/epochs")
    epochs = await EpochKeyRow.all().count()
    await page.get_by_role("button", name="立即更换").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("textarea").fill("例行更换")
    await dialog.get_by_role("button", name="立即更换").click()
    await expect(dialog).to_be_hidden()
    assert await EpochKeyRow.all().count() > epochs
