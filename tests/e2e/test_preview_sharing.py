"""What a holder contests and shares on the page arrives where it should."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import NewPhone
from tests.rig.phone import TOP, WAIT_MS, Phone
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

HOLD = """button => {
  const { x, y, width, height } = button.getBoundingClientRect();
  const at = { clientX: x + width / 2, clientY: y + height / 2 };
  const touch = new Touch({ identifier: 1, target: button, ...at });
  const touches = [touch];
  const down = { touches, changedTouches: touches, bubbles: true, composed: true };
  button.dispatchEvent(new TouchEvent('touchstart', down));
}"""


async def as_student(new: NewPhone, school: School) -> Phone:
    """The persona with five weeks of payments; whoever comes first binds, the others log in."""
    student = school.persona("student")
    phone = await new()
    phone.state["openid"] = student["openid"]
    await phone.open("pages/bind/index")
    await phone.type("绑定码", student["binding_code"])
    await phone.tap("绑定")
    await phone.page.wait_for_function(
        "() => window.__preview.page().path === 'pages/card/index'"
        " || window.__preview.page().data.notice"
    )
    await phone.open()
    await phone.code(seconds=15)
    return phone


async def test_a_finger_that_rests_has_frozen_before_it_is_up(
    new: NewPhone, school: School
) -> None:
    phone = await new()
    await phone.open("pages/bind/index")
    await phone.type("绑定码", school.person().binding_code)
    await phone.tap("绑定")
    await phone.is_at("pages/card/index")
    await phone.code()
    await phone.button("丢了？一键冻结").evaluate(HOLD)
    await phone.page.wait_for_function(
        "() => window.__preview.page().data.face === 'instead'", timeout=WAIT_MS
    )
    await phone.shows("卡已冻结")


async def test_a_line_is_contested_with_one_tap_and_the_office_sees_it(
    new: NewPhone, school: School
) -> None:
    phone = await as_student(new, school)
    await phone.go("packages/student/statement/index")
    await phone.page.locator(f"{TOP} .row").nth(3).tap()
    await phone.is_at("packages/student/payment/index")
    await phone.tap("扣了两次")
    await phone.shows("已提出争议")
    await phone.back()
    await phone.shows("争议中")
    told = school.office("GET", "/staff/disputes")
    assert [one["reason"] for one in told["disputes"]].count("twice") == 1


async def test_an_adult_decides_what_a_guardian_sees(new: NewPhone, school: School) -> None:
    student = await as_student(new, school)
    await student.go("packages/student/guardians/index")
    await student.tap("邀请一位家长")
    await student.shows("家长绑定码")
    digits = "() => window.__preview.page().data"
    shown = str(await student.page.evaluate(digits))
    await student.tap("复制")
    code = str((await student.calls("setClipboardData"))[-1]["data"])
    assert code
    assert code[:4] in shown
    guardian = await new()
    await guardian.open("pages/bind/index?role=guardian")
    await guardian.type("您的姓名", "爸爸")
    await guardian.type("绑定码", code)
    await guardian.tap("绑定")
    await guardian.is_at("packages/guardian/children/index")
    name = school.persona("student")["name"]
    await guardian.find(name).tap()
    await guardian.is_at("packages/guardian/child/index")
    await guardian.shows("孩子没有共享账单")
    await student.open("packages/student/guardians/index")
    await student.shows("爸爸")
    father = student.page.locator(f"{TOP} .paper", has_text="爸爸")
    await father.get_by_role("radio", name="还有账单").tap()
    await student.page.wait_for_timeout(500)
    await guardian.open("packages/guardian/children/index")
    await guardian.find(name).tap()
    await guardian.is_at("packages/guardian/child/index")
    await guardian.page.locator(f"{TOP} .row").first.wait_for()
    await student.open("packages/student/trail/index")
    await student.shows("看了账单")
