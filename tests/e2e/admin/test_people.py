"""People and cards in the office's web: the ways that a card office goes every day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from backend.domain.access import Role
from backend.domain.sheet import BOM
from backend.tables.card import BindingRow, CardRow
from backend.tables.card_request import CardRequestRow
from backend.tables.cardholder import CardholderRow
from backend.tables.export import ExportRow
from backend.tables.roster import RosterImportRow
from backend.tables.staff import AuditRow
from campus_code import CardState
from tests.rig.office import Office
from tests.rig.web import Web, on_both, open_web
from tests.rig.web_school import WebSchool, open_web_school

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROSTER = (
    "number,name,department,class\n"
    "20260001,张晓明,计算机学院/软件2401,学生\n"
    "20260002,=1+1,计算机学院,学生\n"
)
MANY = 501


@pytest_asyncio.fixture(loop_scope="session")
async def school(served: Office, migrated_url: str) -> AsyncIterator[WebSchool]:
    """A school in which people ate, lost a card and contested a payment."""
    async with open_web_school(served, migrated_url) as made:
        yield made


async def many_people() -> None:
    """More than one person may take out alone."""
    rows = [
        CardholderRow(
            number=f"M{n:05}", name="某人", class_id=1, created_at="2026-01-01T00:00:00+00:00"
        )
        for n in range(MANY)
    ]
    await CardholderRow.bulk_create(rows)


async def choose(web: Web, dialog: Locator, label: str, option: str) -> None:
    """Choose in a list that drops down, by the keyboard."""
    await dialog.get_by_label(label).press("Enter")
    await web.page.get_by_role("option", name=option, exact=True).click()


async def test_somebody_is_found_and_what_was_searched_stands_in_no_address(
    web: Web, school: WebSchool
) -> None:
    await web.enter(Role.CARD_OFFICE, "/people")
    await web.page.get_by_label("查找持卡人").fill("周子")
    row = web.page.locator(".el-table__row")
    await expect(row).to_have_count(1)
    assert web.page.url == f"{web.url}/people"
    await row.click()
    await expect(web.page.get_by_role("heading", level=1)).to_contain_text("周子涵")
    holder = await CardholderRow.get(name="周子涵")
    looks = AuditRow.filter(verb="cardholders.look_up", subject=f"cardholder:{holder.id}")
    assert await looks.count() >= 1, "he can see that somebody looked"
    await web.page.go_back()
    await expect(web.page.get_by_label("查找持卡人")).to_have_value("周子")


async def test_a_card_is_frozen_with_a_reason_and_lifted_again(web: Web, school: WebSchool) -> None:
    student = school.students[4]
    await web.enter(Role.CARD_OFFICE, f"/people/{student.holder_id}")
    await web.page.get_by_role("button", name="更多").click()
    await web.page.get_by_role("menuitem", name="冻结", exact=True).click()
    confirm = web.page.get_by_role("dialog").get_by_role("button", name="冻结")
    await expect(confirm).to_be_disabled()
    await web.give_reason("本人来电")
    await expect(web.page.get_by_text("已冻结")).to_be_visible()
    assert (await CardRow.get(id=student.card_id)).state == CardState.FROZEN
    line = await AuditRow.get(verb="cards.freeze", subject=f"card:{student.card_id}")
    assert line.detail["reason"] == "本人来电"
    await web.page.get_by_role("button", name="解冻").click()
    await web.give_reason("找到了")
    await expect(web.page.get_by_text("正常")).to_be_visible()
    assert (await CardRow.get(id=student.card_id)).state == CardState.ACTIVE


async def test_a_binding_code_is_shown_with_its_picture(web: Web, school: WebSchool) -> None:
    student = school.students[3]
    await web.enter(Role.CARD_OFFICE, f"/people/{student.holder_id}")
    await web.page.get_by_role("button", name="发绑定码").click()
    await web.give_reason("换手机")
    await expect(web.page.get_by_role("img", name="绑定码的二维码")).to_be_visible()
    assert await BindingRow.filter(card_id=student.card_id, used_at=None).count() == 1


async def test_every_part_of_a_persons_story_opens(web: Web, school: WebSchool) -> None:
    student = school.students[2]
    await web.enter(Role.ADMIN, f"/people/{student.holder_id}")
    for name, text in (
        ("消费", "学校承担|一楼快餐|面食窗口|校园超市"),
        ("充值", "充值订单"),
        ("家长与限额", "没有家长"),
        ("门禁", "没有特许区域"),
        ("争议", "处理中"),
        ("查看与操作记录", "查询了资料"),
    ):
        await web.page.get_by_role("tab", name=name, exact=True).click()
        panel = web.page.locator(".el-tab-pane:visible")
        for word in text.split("|")[-1:]:
            await expect(panel.get_by_text(word).first).to_be_visible()
    await web.page.get_by_role("tab", name="消费", exact=True).click()
    await web.page.locator(".el-table__expand-icon").first.click()
    await expect(web.page.get_by_text(f"purse:{student.holder_id}:cash").first).to_be_visible()


async def test_passages_are_shown_for_a_reason_only(web: Web, school: WebSchool) -> None:
    student = school.students[0]
    await web.enter(Role.CARD_OFFICE, f"/people/{student.holder_id}?tab=doors")
    await web.page.get_by_role("button", name="查看通行记录").click()
    await web.give_reason("丢失物品")
    await expect(web.page.get_by_text("没有通行记录")).to_be_visible()
    line = await AuditRow.get(verb="passages.look_up")
    assert line.detail["reason"] == "丢失物品"


async def test_a_roster_is_looked_at_brought_in_and_taken_back(
    web: Web, school: WebSchool, tmp_path: Path
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    await web.enter(Role.CARD_OFFICE, "/rosters")
    await web.page.locator("input[type=file]").set_input_files(file)
    await expect(web.page.get_by_text("以公式符号开头")).to_be_visible()
    await expect(web.page.get_by_role("cell", name="20260001")).to_be_visible()
    bring_in = web.page.get_by_role("button", name="导入", exact=True)
    await expect(bring_in).to_be_disabled()
    await web.page.get_by_text("跳过有错的行", exact=True).click()
    await bring_in.click()
    await web.give_reason("新生入学")
    await expect(web.page.locator("tbody .tag", has_text="有效")).to_be_visible()
    assert (await CardholderRow.get(number="20260001")).is_active
    await web.page.get_by_role("button", name="撤销", exact=True).click()
    await web.give_reason("文件有误")
    await expect(web.page.get_by_role("dialog").get_by_text("已恢复")).to_be_visible()
    assert not (await CardholderRow.get(number="20260001")).is_active
    assert (await RosterImportRow.get()).undone_reason == "文件有误"


@on_both
async def test_a_guests_card_is_asked_for_by_one_and_opened_by_another(
    browser: Browser, web: Web, school: WebSchool, served: Office
) -> None:
    await web.enter(Role.ADMIN, "/card-requests")
    await web.page.get_by_role("button", name="设发卡额度").click()
    setting = web.page.get_by_role("dialog", name="设发卡额度")
    await setting.get_by_label("部门").fill("招生办")
    await setting.get_by_role("button", name="确认").click()
    await web.give_reason("开放日")
    await expect(web.page.get_by_text("0 / 10")).to_be_visible()
    await web.page.get_by_role("button", name="申请访客卡").click()
    asking = web.page.get_by_role("dialog", name="申请访客卡")
    await choose(web, asking, "部门", "招生办")
    await asking.get_by_label("姓名").fill("访客甲")
    await choose(web, asking, "卡类", "访客")
    await asking.get_by_label("原因").fill("参观")
    await asking.get_by_role("button", name="提交申请").click()
    await expect(web.page.get_by_text("等另一人批准").first).to_be_visible()
    assert await CardRequestRow.filter(decision="").count() == 1
    async with open_web(browser, served) as other:
        await other.enter(Role.CARD_OFFICE, "/card-requests")
        await other.page.get_by_role("button", name="批准").click()
        await other.page.get_by_role("dialog").get_by_role("button", name="批准").click()
        await expect(other.page.locator("tbody .tag", has_text="已批准")).to_be_visible()
    assert (await CardholderRow.get(name="访客甲")).department == "招生办"


async def test_much_personal_data_leaves_by_two_people_and_once(
    browser: Browser, web: Web, school: WebSchool, served: Office
) -> None:
    await many_people()
    await web.enter(Role.CARD_OFFICE, "/people")
    await web.page.get_by_role("button", name="导出").click()
    await web.page.get_by_role("menuitem", name="CSV").click()
    await web.give_reason("年度核对")
    await expect(web.page).to_have_url(f"{web.url}/exports")
    async with open_web(browser, served) as other:
        await other.enter(Role.ADMIN, "/exports")
        await other.page.get_by_role("button", name="批准").click()
        await other.page.get_by_role("dialog").get_by_role("button", name="批准").click()
        await expect(other.page.locator("tbody .tag", has_text="已批准")).to_be_visible()
    await web.page.get_by_role("button", name="刷新").click()
    async with web.page.expect_download() as downloading:
        await web.page.get_by_role("button", name="下载").click()
    text = Path(await (await downloading.value).path()).read_bytes().decode()
    assert text.startswith(BOM)
    assert text.count("\r\n") > MANY
    await expect(web.page.get_by_text("已下载")).to_be_visible()
    assert (await ExportRow.get()).downloaded_at


async def test_a_cohorts_end_is_asked_for(web: Web, school: WebSchool) -> None:
    await web.enter(Role.CARD_OFFICE, "/endings")
    await web.page.get_by_role("button", name="申请批量到期").click()
    asking = web.page.get_by_role("dialog", name="申请批量到期")
    await asking.get_by_label("名称").fill("2027届")
    await choose(web, asking, "卡类", "学生")
    await asking.get_by_label("到期时间").fill("2027-07-01 00:00:00")
    await web.page.keyboard.press("Enter")
    await asking.get_by_label("原因").fill("毕业")
    await asking.get_by_role("button", name="提交申请").click()
    await expect(web.page.get_by_text("待批准")).to_be_visible()
